/* SPDX-License-Identifier: MIT
 * Reports of bursts in words, and as an annotation. */
#include "apps/observer/burst_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/observer/burst_json.h"
#include "base/array_len.h"

static const struct frame frame = {
    .bytes = { 0x0A, 0x44, 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x03, 0x78 },
    .n = 11,
};

static struct burst_report telegram(void)
{
    return (struct burst_report){
        .result = BURST_TELEGRAM,
        .channel = &radio_channels[0],
        .first_sample = 47000,
        .last_sample = 58000,
        .rx = { .mode = "T1",
                .channel_hz = 868.95e6,
                .first_chip_sample = 48000,
                .rssi_dbfs = -12.34f,
                .snr_db = 21.5f,
                .offset_hz = -31000,
                .chip_rate_cps = 100400,
                .deviation_hz = 50000,
                .mended = 2 },
        .sync_chips = 48,
        .sync_errors = 1,
        .trace = { .finding = FRAMER_RIGHT,
                   .log_odds = 23.0259f,
                   .n_air = 13,
                   .mended = { [4] = 0x40, [9] = 0x03 } },
        .frame = &frame,
    };
}

static void test_lines(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    struct burst_report r = telegram();
    assert_non_null(to);
    burst_text_header(to);
    burst_text_print(&r, 1.6e6, NULL, to);
    r = (struct burst_report){ .result = BURST_NO_SYNC,
                               .channel = &radio_channels[0],
                               .rx = { .first_chip_sample = 16e6,
                                       .rssi_dbfs = NAN,
                                       .snr_db = NAN,
                                       .offset_hz = NAN,
                                       .chip_rate_cps = 100000,
                                       .deviation_hz = NAN } };
    burst_text_print(&r, 1.6e6, "b.cu8", to);
    assert_int_equal(fclose(to), 0);
    assert_string_equal(text,
                        "mode        time s  offset kHz  dev kHz  clock cps  Ec/N0 dB  RSSI dBFS  "
                        "sync err  odds 10^"
                        "  what it was\n"
                        "T1        0.030000      -31.00     50.0     100400      21.5      -12.3   "
                        "      1      10.0"
                        "  telegram: ELS 12345678, 11 bytes, mended 2: byte 4 by 40 byte 9 by 03\n"
                        "T/C      10.000000           -        -     100000         -          -   "
                        "      -         -"
                        "  a preamble, but no sync word behind it, in b.cu8\n");
    free(text);
}

static void test_reasons(void **state)
{
    (void)state;
    static const struct {
        enum burst_result result;
        struct framer_trace trace;
        const struct frame *frame;
        const char *what;
    } rows[] = {
        { BURST_BAD_CRC,
          { .finding = FRAMER_BAD_BLOCK, .bad_block = 3 },
          &frame,
          "wrong CRC in block 3: ELS 12345678, 11 bytes" },
        { BURST_BAD_CRC,
          { .finding = FRAMER_BAD_BLOCK, .bad_block = 1 },
          NULL,
          "wrong CRC in block 1" },
        { BURST_BAD_CRC,
          { .finding = FRAMER_DOUBTFUL },
          &frame,
          "all CRCs right or mended, but too doubtful: ELS 12345678, 11 bytes" },
        { BURST_NO_FRAME,
          { .finding = FRAMER_NO_CODE },
          NULL,
          "a sync word, but nothing of a frame behind it" },
        { BURST_NO_FRAME,
          { .finding = FRAMER_NO_HEADER, .mode = &radio_modes[0] },
          NULL,
          "a sync word of T1, but no header behind it" },
        { BURST_NO_FRAME,
          { .finding = FRAMER_BAD_LENGTH, .mode = &radio_modes[0] },
          NULL,
          "a sync word of T1, but a length that no frame has" },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        const struct burst_report r = { .result = rows[k].result,
                                        .trace = rows[k].trace,
                                        .frame = rows[k].frame };
        char what[BURST_WHAT_SIZE];
        burst_text_what(&r, what);
        assert_string_equal(what, rows[k].what);
    }
}

/* However many bytes were mended, the text ends. */
static void test_much_mended(void **state)
{
    (void)state;
    struct burst_report r = telegram();
    char what[BURST_WHAT_SIZE];
    memset(r.trace.mended, 0xFF, sizeof r.trace.mended);
    r.trace.n_air = sizeof r.trace.mended;
    burst_text_what(&r, what);
    assert_int_equal(strlen(what), BURST_WHAT_SIZE - 1);
}

static const char *field(struct json_object *o, const char *key)
{
    struct json_object *value;
    assert_true(json_object_object_get_ex(o, key, &value));
    return json_object_get_string(value);
}

static void test_annotation(void **state)
{
    (void)state;
    const struct burst_report r = telegram();
    struct json_object *o = burst_json(&r, 40000);
    assert_string_equal(field(o, "core:sample_start"), "7000");
    assert_string_equal(field(o, "core:sample_count"), "11000");
    assert_string_equal(field(o, "core:freq_lower_edge"), "868818800");
    assert_string_equal(field(o, "core:freq_upper_edge"), "869019200");
    assert_string_equal(field(o, "core:label"), "T1 ELS 12345678 telegram");
    assert_string_equal(field(o, "wmbus:result"), "telegram");
    assert_string_equal(field(o, "wmbus:offset_hz"), "-31000");
    assert_string_equal(field(o, "wmbus:snr_db"), "21.5");
    assert_string_equal(field(o, "wmbus:odds_log10"), "10.0");
    assert_string_equal(field(o, "wmbus:sync_errors"), "1");
    assert_string_equal(field(o, "wmbus:telegram"), "0a4493157856341233"
                                                    "0378");
    assert_string_equal(field(o, "wmbus:mended_bytes"),
                        "[ { \"byte\": 4, \"bits\": \"40\" }, { \"byte\": 9, \"bits\": \"03\" } ]");
    json_object_put(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_much_mended),
        cmocka_unit_test(test_annotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
