/* SPDX-License-Identifier: MIT */
#include "apps/outputs/home_assistant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/telegrams/telegram_json.h"
#include "base/array_len.h"

static const struct telegram gas = {
    .meter = { .manufacturer = 0x1593,
               .id = { 0x78, 0x56, 0x34, 0x12 },
               .version = 0x33,
               .device_type = 0x03 },
    .media = "gas",
    .kind = "unknown",
};

/* Without device, origin, topics and identifiers, which are always the same. */
static void assert_config(const char *name, enum reading_kind kind, const char *expected)
{
    static struct reading reading;
    static const char *const same[] = {
        "unique_id", "object_id", "state_topic", "availability_topic", "device", "origin",
    };
    snprintf(reading.name, sizeof reading.name, "%s", name);
    reading.kind = kind;
    const struct home_assistant_sensor sensor = { &gas, &reading, "w/s", "w/a", 0 };
    struct json_object *o = home_assistant_config(&sensor);
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        json_object_object_del(o, same[i]);
    assert_string_equal(telegram_json_text(o), expected);
    json_object_put(o);
}

static void test_quantities(void **state)
{
    (void)state;
    assert_config("total_m3", READING_NUMBER,
                  "{\"name\":\"Total\",\"unit_of_measurement\":\"m³\",\"device_class\":\"gas\","
                  "\"state_class\":\"total_increasing\"}");
    assert_config("total_energy_consumption_kwh", READING_REAL,
                  "{\"name\":\"Total energy consumption\",\"unit_of_measurement\":\"kWh\","
                  "\"device_class\":\"energy\",\"state_class\":\"total_increasing\"}");
    assert_config("flow_temperature_c", READING_NULL,
                  "{\"name\":\"Flow temperature\",\"unit_of_measurement\":\"°C\","
                  "\"device_class\":\"temperature\",\"state_class\":\"measurement\"}");
    assert_config("target_m3", READING_NUMBER,
                  "{\"name\":\"Target\",\"unit_of_measurement\":\"m³\",\"device_class\":\"gas\","
                  "\"enabled_by_default\":false}");
    assert_config("target_date", READING_TEXT,
                  "{\"name\":\"Target date\",\"device_class\":\"date\","
                  "\"entity_category\":\"diagnostic\"}");
    /* not "Target", as the volume is called */
    assert_config("target_date", READING_NULL,
                  "{\"name\":\"Target date\",\"device_class\":\"date\","
                  "\"entity_category\":\"diagnostic\"}");
    assert_config("status", READING_TEXT,
                  "{\"name\":\"Status\",\"entity_category\":\"diagnostic\"}");
    /* a text where a number belongs has no unit, for Home Assistant would refuse it */
    assert_config("volume_m3", READING_TEXT, "{\"name\":\"Volume m3\"}");
}

static void test_whole(void **state)
{
    (void)state;
    struct telegram named = gas;
    static struct reading reading = { .name = "total_m3", .kind = READING_NUMBER };
    named.name = "Küche";
    named.kind = "elster";
    named.meter.manufacturer = 0x0000; /* letters that are none */
    const struct home_assistant_sensor sensor = { &named, &reading, "w/s", "w/a", 300 };
    struct json_object *o = home_assistant_config(&sensor);
    json_object_object_del(o, "origin");
    assert_string_equal(
        telegram_json_text(o),
        "{\"name\":\"Total\",\"unit_of_measurement\":\"m³\",\"device_class\":\"gas\","
        "\"state_class\":\"total_increasing\",\"unique_id\":\"wmbus_0000_12345678_33_03_total_m3\","
        "\"object_id\":\"wmbus_0000_12345678_33_03_total_m3\",\"state_topic\":\"w/s\","
        "\"availability_topic\":\"w/a\",\"expire_after\":300,\"device\":{\"identifiers\":"
        "[\"wmbus_0000_12345678_33_03\"],\"name\":\"Küche\",\"manufacturer\":\"???\",\"model\":"
        "\"elster\","
        "\"serial_number\":\"12345678\",\"hw_version\":\"33\"}}");
    json_object_put(o);
}

static void assert_device_name(const struct telegram *t, const char *expected)
{
    static const struct reading reading = { .name = "total_m3", .kind = READING_NUMBER };
    const struct home_assistant_sensor sensor = { t, &reading, "w/s", "w/a", 0 };
    struct json_object *o = home_assistant_config(&sensor);
    struct json_object *device = json_object_object_get(o, "device");
    assert_string_equal(json_object_get_string(json_object_object_get(device, "name")), expected);
    json_object_put(o);
}

/* No two meters shall look the same. */
static void test_device_names(void **state)
{
    (void)state;
    struct telegram t = gas;
    assert_device_name(&t, "ELS gas 12345678");
    t.name = "flats";
    assert_device_name(&t, "flats");
    t.name_is_shared = true;
    assert_device_name(&t, "flats 12345678");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_device_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
