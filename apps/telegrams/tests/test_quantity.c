/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static void test_names(void **state)
{
    (void)state;
    // clang-format off
    static const struct {
        const char *what, *name, *media, *unit, *class, *stem;
        enum quantity_behaviour behaviour;
    } rows[] = {
        { "a counter of water",      "total_m3",             "cold water", "m³", "water", "total", QUANTITY_COUNTER },
        { "of gas",                  "volume_m3",            "gas",  "m³", "gas", "volume", QUANTITY_COUNTER },
        { "of a heat meter",         "volume_m3",            "heat", "m³", "volume", "volume", QUANTITY_COUNTER },
        { "cooling water is none",   "volume_m3",            "cooling load volume at inlet", "m³", "volume", "volume", QUANTITY_COUNTER },
        { "what it was then",        "target_m3",            "water", "m³", "water", "target", QUANTITY_STATE },
        { "storage",                 "energy_storage_1_kwh", "heat", "kWh", "energy", "energy_storage_1", QUANTITY_STATE },
        { "a letter is no word",     "sett_kwh",             "heat", "kWh", "energy", "sett", QUANTITY_COUNTER },
        { "the same name again",     "volume_m3_2",          "gas",  "m³", "gas", "volume", QUANTITY_COUNTER },
        { "a repeat of three words", "energy_storage_1_kwh_10", "heat", "kWh", "energy", "energy_storage_1", QUANTITY_STATE },
        { "a temperature",           "max_flow_temperature_c", "heat", "°C", "temperature", "max_flow_temperature", QUANTITY_MEASURE },
        { "a date",                  "target_date",          "heat", NULL, "date", "target", QUANTITY_STATE },
        { "a date and time",         "meter_datetime",       "heat", NULL, NULL, "meter_datetime", QUANTITY_STATE },
        { "text",                    "status",               "heat", NULL, NULL, "status", QUANTITY_STATE },
        { "a unit alone",            "kwh",                  "heat", "kWh", "energy", "kwh", QUANTITY_COUNTER },
        { "a number alone",          "_2",                   "heat", NULL, NULL, "_2", QUANTITY_STATE },
        { "nothing",                 "",                     "",     NULL, NULL, "", QUANTITY_STATE },
    };
    // clang-format on
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        struct quantity q = quantity_of(rows[i].name, rows[i].media);
        assert_string_equal(q.unit ? q.unit : "-", rows[i].unit ? rows[i].unit : "-");
        assert_string_equal(q.class ? q.class : "-", rows[i].class ? rows[i].class : "-");
        assert_int_equal(q.behaviour, rows[i].behaviour);
        assert_int_equal(q.n_stem, strlen(rows[i].stem));
    }
}

static void add(struct telegram *t, const char *name, enum reading_kind kind)
{
    struct reading *r = &t->readings[t->n_readings++];
    snprintf(r->name, sizeof r->name, "%s", name);
    r->kind = kind;
}

static void assert_main(const struct telegram *t, const char *name)
{
    const struct reading *reading = quantity_main(t);
    assert_non_null(reading);
    assert_string_equal(reading->name, name);
}

static void test_main_reading(void **state)
{
    (void)state;
    static struct telegram t = { .media = "heat" };
    assert_null(quantity_main(&t));
    add(&t, "status", READING_TEXT);
    add(&t, "total_kwh", READING_NULL);
    assert_null(quantity_main(&t));
    add(&t, "access_counter", READING_NUMBER);
    assert_main(&t, "access_counter");
    add(&t, "target_m3", READING_NUMBER);
    assert_main(&t, "target_m3");
    add(&t, "flow_temperature_c", READING_NUMBER);
    assert_main(&t, "flow_temperature_c");
    add(&t, "energy_kwh", READING_NUMBER);
    assert_main(&t, "energy_kwh");
    add(&t, "total_energy_consumption_kwh", READING_REAL);
    add(&t, "total_volume_m3", READING_NUMBER);
    assert_main(&t, "total_energy_consumption_kwh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_main_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
