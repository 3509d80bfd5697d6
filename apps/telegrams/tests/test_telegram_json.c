/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/telegram_json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct telegram sample(void)
{
    struct telegram t = {
        .frame = {
            .bytes = { 0x0A, 0x44, 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x03, 0x78 },
            .n = 11,
            .format = FRAME_B,
            .rx = { .mode = "C1", .rssi_dbfs = -0.04f, .noise_dbfs = -50.25f, .snr_db = NAN,
                    .channel_hz = 868.95e6, .offset_hz = -1234.6f, .chip_rate_cps = 100123.4f, .deviation_hz = 45049 },
        },
        .c = 0x44,
        .dll = { 0x1593, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x03 },
        .meter = { 0x2C2D, { 0xEF, 0xCD, 0xAB, 0x00 }, 0x01, 0x16 },
        .security_mode = -1,
        .decrypted = true,
        .payload = { 0xFF },
        .payload_n = 1,
        .name = "caf\xc3\xa9 \"1\"",
        .kind = "unknown",
        .media = "cold water",
        .readings = {
            { .name = "volume_m3", .kind = READING_NUMBER, .mantissa = 6408, .exp10 = -3 },
            { .name = "energy_kwh", .kind = READING_NUMBER, .mantissa = -1, .is_unsigned = true },
            { .name = "flow_m3h", .kind = READING_NULL },
            { .name = "when_date", .kind = READING_TEXT, .text = "2008-05-31" },
            { .name = "meter", .kind = READING_TEXT, .text = "reserved" },
        },
        .n_readings = 5,
    };
    return t;
}

static void assert_text(const struct telegram *t, const struct telegram_origin *origin,
                        bool readings, const char *expected)
{
    struct json_object *o = telegram_json(t, origin, readings);
    assert_string_equal(telegram_json_text(o), expected);
    json_object_put(o);
}

#define HEAD "{\"v\":1,"
#define FRAME "\"direction\":\"from_meter\",\"telegram\":\"0a44931578563412330378\","
#define RECEPTION                                                                                  \
    "\"rssi_dbfs\":0.0,\"noise_dbfs\":-50.2,\"snr_db\":null,\"channel_hz\":868950000,\"offset_"    \
    "hz\":-1230,"                                                                                  \
    "\"chip_rate_cps\":100120,\"deviation_hz\":45000,\"mended\":0,"
#define METER                                                                                      \
    "\"dll_c\":\"44\",\"dll_manufacturer\":\"ELS\",\"dll_id\":\"12345678\",\"dll_version\":"       \
    "\"33\","                                                                                      \
    "\"dll_type\":\"03\",\"dll_function\":\"SND-NR\",\"id\":\"00abcdef\",\"manufacturer\":"        \
    "\"KAM\",\"media\":\"cold water\","                                                            \
    "\"meter\":\"unknown\",\"name\":\"caf\xc3\xa9 \\\"1\\\"\",\"security_mode\":null,"
#define READINGS                                                                                   \
    ",\"volume_m3\":6.408,\"energy_kwh\":18446744073709551615,\"flow_m3h\":null,"                  \
    "\"when_date\":\"2008-05-31\""

static void test_all_fields(void **state)
{
    (void)state;
    struct telegram t = sample();
    const struct telegram_origin origin = { .format_known = true,
                                            .has_time = true,
                                            .time_s = 0.1234567,
                                            .has_timestamp = true,
                                            .t_us = 1706704496000001,
                                            .file = "a\xff/b" };
    assert_text(&t, &origin, true,
                HEAD "\"time_s\":0.123457,\"timestamp\":\"2024-01-31T12:34:56.000001Z\","
                     "\"file\":\"a?/b\",\"mode\":\"C1\",\"format\":\"B\"," FRAME RECEPTION METER
                     "\"decrypted\":true,\"payload\":\"ff\"" READINGS "}");
}

static void test_without_readings(void **state)
{
    (void)state;
    struct telegram t = sample();
    const struct telegram_origin origin = { .format_known = true };
    t.frame.rx = (struct reception){ .mode = NULL };
    t.decrypted = false;
    t.status = DECODE_NO_KEY;
    assert_text(&t, &origin, false,
                HEAD "\"format\":\"B\"," FRAME METER "\"decrypted\":false,\"reason\":\"no_key\"}");
}

/* A key that is there with this value; NULL: it is not there. */
static void assert_field(struct json_object *o, const char *key, const char *expected)
{
    struct json_object *value = json_object_object_get(o, key);
    const char *text = value ? telegram_json_text(value) : "-";
    print_message("%s: %s\n", key, text);
    assert_string_equal(text, expected ? expected : "-");
}

/* What is said only if it is so. */
static void test_what_may_be_so(void **state)
{
    static const char *const keys[] = { "authenticated",   "counter_back", "predecrypted",
                                        "default_key",     "key_unused",   "more_records_follow",
                                        "full_crc_differs" };
    (void)state;
    for (size_t k = 0; k <= sizeof keys / sizeof keys[0]; k++) {
        struct telegram t = sample();
        bool *const flags[] = { &t.authenticated,   &t.counter_back, &t.predecrypted,
                                &t.default_key,     &t.key_unused,   &t.more_follows,
                                &t.full_crc_differs };
        const struct telegram_origin origin = { .format_known = true };
        if (k < sizeof keys / sizeof keys[0])
            *flags[k] = true;
        struct json_object *o = telegram_json(&t, &origin, true);
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            assert_field(o, keys[i], i == k ? "true" : NULL);
        json_object_put(o);
    }
}

static void test_link_layer(void **state)
{
    struct telegram t = sample();
    const struct telegram_origin origin = { .format_known = false };
    (void)state;
    struct json_object *o = telegram_json(&t, &origin, true);
    assert_field(o, "format", NULL);
    assert_field(o, "dll_soft_address", NULL);
    assert_field(o, "network_layer", NULL);
    assert_field(o, "ell_partner", NULL);
    assert_field(o, "message_counter", NULL);
    json_object_put(o);
    t.dll.manufacturer |= 0x8000;
    t.has_nwl = t.ell_has_partner = t.has_message_counter = true;
    t.ell_partner = (struct address){ 0x1593, { 0x21, 0x43, 0x65, 0x87 }, 0x44, 0x07 };
    t.message_counter = 0xFFFFFFFF;
    o = telegram_json(&t, &origin, true);
    assert_field(o, "dll_soft_address", "true");
    assert_field(o, "network_layer", "true");
    assert_field(o, "ell_partner", "\"07ELS4487654321\"");
    assert_field(o, "message_counter", "4294967295");
    json_object_put(o);
}

static void test_wired(void **state)
{
    struct telegram t = sample();
    const struct telegram_origin origin = { .format_known = true };
    (void)state;
    t.anonymous = true;
    t.frame = (struct frame){ .bytes = { 0x02, 0x08, 0xFD }, .n = 3, .format = FRAME_WIRED };
    t.c = 0x08;
    t.primary_address = 0xFD;
    struct json_object *o = telegram_json(&t, &origin, false);
    assert_field(o, "format", "\"wired\"");
    assert_field(o, "telegram", "\"1008fd0516\"");
    assert_field(o, "dll_c", "\"08\"");
    assert_field(o, "dll_a", "\"fd\"");
    assert_field(o, "dll_function", "\"RSP-UD\"");
    assert_field(o, "dll_id", NULL);
    assert_field(o, "id", NULL);
    json_object_put(o);
    t.frame.n = 1;
    o = telegram_json(&t, &origin, false);
    assert_field(o, "telegram", "\"e5\"");
    assert_field(o, "dll_c", NULL);
    assert_field(o, "dll_a", NULL);
    assert_field(o, "dll_function", NULL);
    json_object_put(o);
}

/* Several that heard it, and OBIS codes of those readings that have one. */
static void test_receptions_and_codes(void **state)
{
    struct telegram t = sample();
    const struct reception near = { .chip_rate_cps = 1e5f, .rssi_dbfs = -20, .mended = 2 };
    const struct copy copies[] = { { .source = "one", .rx = &t.frame.rx },
                                   { .source = "t\xffo", .rx = &near } };
    const struct telegram_origin origin = { .copies = copies, .n_copies = 2 };
    (void)state;
    t.with_obis = true;
    t.readings[1].has_obis = true;
    t.readings[1].obis = (struct obis){ .groups = { 1, 0, 1, 8, 0, 255 } };
    struct json_object *o = telegram_json(&t, &origin, true);
    assert_field(o, "codes", "{\"energy_kwh\":\"1-0:1.8.0\"}");
    struct json_object *list = json_object_object_get(o, "receptions");
    assert_int_equal(json_object_array_length(list), 2);
    assert_field(json_object_array_get_idx(list, 0), "source", "\"one\"");
    assert_field(json_object_array_get_idx(list, 0), "noise_dbfs", "-50.2");
    assert_field(json_object_array_get_idx(list, 1), "source", "\"t?o\"");
    assert_field(json_object_array_get_idx(list, 1), "rssi_dbfs", "-20.0");
    assert_field(json_object_array_get_idx(list, 1), "mended", "2");
    json_object_put(o);
    o = telegram_json(&t, &(struct telegram_origin){ .n_copies = 0 }, false);
    assert_field(o, "codes", NULL);
    assert_field(o, "receptions", NULL);
    json_object_put(o);
}

static void test_bytes_as_text(void **state)
{
    (void)state;
    static const struct {
        const char *what, *bytes, *text;
    } rows[] = {
        { "ASCII", "a b", "\"a b\"" },
        { "two bytes", "\xc3\xa9", "\"\xc3\xa9\"" },
        { "four bytes", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
        { "lone continuation", "\x80", "\"?\"" },
        { "cut sequence", "\xe2\x82", "\"??\"" },
        { "no continuation", "\xc3(", "\"?(\"" },
        { "no second continuation", "\xe2\x82x", "\"??x\"" },
        { "overlong", "\xc0\xaf", "\"??\"" },
        { "overlong, three bytes", "\xe0\x80\xaf", "\"???\"" },
        { "surrogate", "\xed\xa0\x80", "\"???\"" },
        { "the last there is", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
        { "the first of four bytes", "\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\"" },
        { "overlong, four bytes", "\xf0\x8f\xbf\xbf", "\"????\"" },
        { "beyond Unicode", "\xf4\x90\x80\x80", "\"????\"" },
        { "control character", "\x01\n", "\"\\u0001\\n\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct json_object *o = json_from_bytes(rows[i].bytes);
        assert_string_equal(telegram_json_text(o), rows[i].text);
        json_object_put(o);
    }
}

/* Inside a telegram of a gateway, that of a water meter. */
static void test_contained(void **state)
{
    static const uint8_t bytes[] = { 0x1D, 0x44, 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x31,
                                     0x78, 0x0D, 0xFD, 0x3B, 0x0F, 0x0E, 0x44, 0xAE, 0x0C, 0x11,
                                     0x22, 0x33, 0x44, 0x01, 0x07, 0x78, 0x0A, 0x13, 0x43, 0x65 };
    struct frame frame = { .n = sizeof bytes, .format = FRAME_A };
    struct telegram t;
    struct telegram_origin origin = { .decoder = decoder_open(NULL, 0) };
    (void)state;
    memcpy(frame.bytes, bytes, sizeof bytes);
    assert_int_equal(decoder_decode(origin.decoder, &frame, 0, &t), DECODE_OK);
    for (bool compact = false;; compact = true) {
        struct json_object *o = telegram_json(&t, &origin, true);
        struct json_object *list = json_object_object_get(o, "contained");
        assert_int_equal(json_object_array_length(list), 1);
        struct json_object *inside = json_object_array_get_idx(list, 0);
        assert_string_equal(json_object_get_string(json_object_object_get(inside, "id")),
                            "44332211");
        assert_string_equal(json_object_get_string(json_object_object_get(inside, "total_m3")),
                            "6.543");
        json_object_put(o);
        if (compact)
            break;
        t.full_n = t.payload_n; /* as if it were a compact frame that stands for this one */
        memcpy(t.full, t.payload, t.payload_n);
        memset(t.payload, 0, t.payload_n);
    }
    decoder_close(origin.decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_fields),     cmocka_unit_test(test_without_readings),
        cmocka_unit_test(test_what_may_be_so), cmocka_unit_test(test_link_layer),
        cmocka_unit_test(test_wired),          cmocka_unit_test(test_receptions_and_codes),
        cmocka_unit_test(test_bytes_as_text),  cmocka_unit_test(test_contained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
