/* SPDX-License-Identifier: MIT
 * The public header: what goes in and what comes out, by telegrams of OMS Vol. 2 Annex N and a
 * Kamstrup meter's (test_vectors/README.md). */
#include "decode/wmbus_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

#define GAS                                                                                        \
    "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EB" \
    "F3"
#define WATER                                                                                      \
    "2A442D2C785634121B168D2091D37CAC217F2D7802FF207100041308190000441308190000615B1F616713"
static const struct wmbus_key gas_key = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17 },
                                          WMBUS_AES_KEY };

static const struct wmbus_reading *find(const struct wmbus_telegram *t, const char *name)
{
    for (size_t i = 0; i < t->n_readings; i++)
        if (!strcmp(t->readings[i].name, name))
            return &t->readings[i];
    fail_msg("no reading %s", name);
    return NULL;
}

static void a_key_opens(void **state)
{
    (void)state;
    const struct wmbus_meter meter = {
        .name = "kitchen", .id = "03ELS3312345678", .keys = &gas_key, .n_keys = 1
    };
    struct wmbus_decoder *decoder = wmbus_decoder_open(&meter, 1, NULL);
    const struct wmbus_telegram *t = wmbus_decode_hex(decoder, GAS, 0);
    assert_int_equal(t->status, WMBUS_OK);
    assert_string_equal(t->id, "12345678");
    assert_string_equal(t->manufacturer, "ELS");
    assert_string_equal(t->media, "gas");
    assert_string_equal(t->name, "kitchen");
    assert_true(t->encrypted && t->decrypted && !t->to_meter);
    assert_int_equal(t->security_mode, 5);
    const struct wmbus_reading *volume = find(t, "total_m3");
    assert_int_equal(volume->kind, WMBUS_NUMBER);
    assert_string_equal(volume->text, "28504.27");
    assert_true(volume->is_exact);
    assert_int_equal(volume->mantissa, 2850427);
    assert_int_equal(volume->exp10, -2);
    assert_true(volume->number == 28504.27);
    assert_int_equal(find(t, "status")->kind, WMBUS_TEXT);
    wmbus_decoder_close(decoder);
}

static void without_a_key_it_stays_closed(void **state)
{
    (void)state;
    struct wmbus_decoder *decoder = wmbus_decoder_open(NULL, 0, NULL);
    const struct wmbus_telegram *t = wmbus_decode_hex(decoder, GAS, 0);
    assert_int_equal(t->status, WMBUS_NO_KEY);
    assert_string_equal(wmbus_status_name(t->status), "no_key");
    assert_true(t->encrypted && !t->decrypted);
    assert_int_equal(t->n_readings, 0);
    assert_null(t->name);
    assert_int_equal(wmbus_decode_hex(decoder, WATER, 0)->status, WMBUS_OK);
    assert_string_equal(wmbus_decode_hex(decoder, WATER, 0)->kind, "kamwater");
    wmbus_decoder_close(decoder);
}

static void a_driver_is_chosen_by_name(void **state)
{
    (void)state;
    const struct wmbus_meter meter = { .manufacturer = "KAM", .driver = "none" };
    struct wmbus_decoder *decoder = wmbus_decoder_open(&meter, 1, NULL);
    const struct wmbus_telegram *t = wmbus_decode_hex(decoder, WATER, 0);
    assert_string_equal(t->kind, "unknown");
    assert_string_equal(find(t, "volume_m3")->text, "6.408");
    wmbus_decoder_close(decoder);
}

static void no_telegram_is_refused(void **state)
{
    static const struct {
        const char *hex;
        enum wmbus_status status;
    } rows[] = {
        { "", WMBUS_BAD_LENGTH },
        { "12 34", WMBUS_BAD_LENGTH },
        { "twelve", WMBUS_BAD_LENGTH },
        { "68 03 03 68 08 01 72 00 16", WMBUS_BAD_CRC },
    };
    (void)state;
    struct wmbus_decoder *decoder = wmbus_decoder_open(NULL, 0, NULL);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("\"%s\"\n", rows[r].hex);
        const struct wmbus_telegram *t = wmbus_decode_hex(decoder, rows[r].hex, 0);
        assert_int_equal(t->status, rows[r].status);
        assert_int_equal(t->n_readings, 0);
        assert_int_equal(t->payload_n, 0);
        assert_string_equal(t->id, "");
        assert_string_equal(t->kind, "unknown");
    }
    wmbus_decoder_close(decoder);
}

static void a_wrong_meter_is_named(void **state)
{
    static const struct wmbus_key short_key = { { 1 }, 5 };
    static const struct {
        struct wmbus_meter meter;
        const char *says;
    } rows[] = {
        { { .name = "0123456789012345678901234567890123456789012345678901234567890123" }, "name" },
        { { .id = "1234567" }, "id" },
        { { .manufacturer = "KAMS" }, "manufacturer" },
        { { .id = "07ELS3312345678", .manufacturer = "KAM" }, "manufacturer" },
        { { .driver = "nosuchdriver" }, "driver" },
        { { .keys = &short_key, .n_keys = 1 }, "keys" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct wmbus_meter meters[] = { { .id = "12345678" }, rows[r].meter };
        struct wmbus_problem problem = { 0, NULL };
        print_message("%s\n", rows[r].says);
        assert_null(wmbus_decoder_open(meters, ARRAY_LEN(meters), &problem));
        assert_int_equal(problem.meter, 1);
        assert_memory_equal(problem.text, rows[r].says, strlen(rows[r].says));
    }
}

static void every_status_has_its_name(void **state)
{
    (void)state;
    for (int a = WMBUS_OK; a <= WMBUS_WAITING_FRAGMENT; a++) {
        assert_string_not_equal(wmbus_status_name((enum wmbus_status)a), "unknown");
        for (int b = WMBUS_OK; b < a; b++)
            assert_string_not_equal(wmbus_status_name((enum wmbus_status)a),
                                    wmbus_status_name((enum wmbus_status)b));
    }
    assert_string_equal(wmbus_status_name((enum wmbus_status)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_opens),
        cmocka_unit_test(without_a_key_it_stays_closed),
        cmocka_unit_test(a_driver_is_chosen_by_name),
        cmocka_unit_test(no_telegram_is_refused),
        cmocka_unit_test(a_wrong_meter_is_named),
        cmocka_unit_test(every_status_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
