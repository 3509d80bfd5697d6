/* SPDX-License-Identifier: MIT */
#include "apps/sources/recording_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/utc.h"
#include "base/array_len.h"

static void test_names(void **state)
{
    (void)state;
    enum { NONE = -1 };
    static const struct {
        const char *what, *text;
        int format;
        long center_hz, rate_sps;
        const char *path;
    } rows[] = {
        { "rtl_433's convention", "g001_868.95M_1600k.cu8", IQ_CU8, 868950000, 1600000, NULL },
        { "rtl-wmbus's convention", "rtlsdr_868.950M_1M6_samples2.cu8", IQ_CU8, 868950000, 1600000,
          NULL },
        { "folder names say nothing", "/data_434M_1M/x.cs16", IQ_CS16, 0, 0, NULL },
        { "prefix", "cu8:868.95M:1600k:FILE", IQ_CU8, 868950000, 1600000, "FILE" },
        { "prefix, other order", "cs8:1600k:868.95M:FILE", IQ_CS8, 868950000, 1600000, "FILE" },
        { "prefix with one number", "cf32:2.4M:a:b", IQ_CF32, 0, 2400000, "a:b" },
        { "prefix before file name", "cu8:868.3M:g_868.95M_1M.cs16", IQ_CU8, 868300000, 1000000,
          "g_868.95M_1M.cs16" },
        { "standard input", "cs16:-", IQ_CS16, 0, 0, "-" },
        { "standard input, plain", "-", NONE, 0, 0, "-" },
        { "a colon in a name", "odd:name.cu8", IQ_CU8, 0, 0, NULL },
        { "no prefix without format", "868.95M:1600k:x.cu8", IQ_CU8, 0, 0, NULL },
        { "unknown suffix", "x.wav", NONE, 0, 0, NULL },
        { "no suffix", "868.95M_1600k", NONE, 868950000, 1600000, NULL },
        { "dates are no rates", "20240131_123456_868.95M_1600k.cu8", IQ_CU8, 868950000, 1600000,
          NULL },
        { "gqrx's convention", "gqrx_20240131_123456_868950000_1600000_fc.cf32", IQ_CF32, 868950000,
          1600000, NULL },
        { "units without a factor", "868950000Hz_1600000sps.cu8", IQ_CU8, 868950000, 1600000,
          NULL },
        { "units, other order", "x_1600000sps_868950000Hz.cu8", IQ_CU8, 868950000, 1600000, NULL },
        { "upper case", "X_868.95M_1600K.CU8", IQ_CU8, 868950000, 1600000, NULL },
        { "upper-case prefix", "CF32:868.95M:x", IQ_CF32, 868950000, 0, "x" },
        { "a number alone", "capture_868950000.cu8", IQ_CU8, 0, 0, NULL },
        { "not side by side", "868950000_x_1600000.cu8", IQ_CU8, 0, 0, NULL },
        { "seconds since 1970 and a count", "1706704496_1600000.cu8", IQ_CU8, 0, 0, NULL },
        { "empty", "", NONE, 0, 0, NULL },
        { "prefix of nothing", "cu8:", IQ_CU8, 0, 0, "" },
        { "only underscores", "___.cu8", IQ_CU8, 0, 0, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        struct recording_name name;
        recording_name_parse(rows[i].text, &name);
        assert_int_equal(name.has_format ? (int)name.format : NONE, rows[i].format);
        assert_int_equal((long)(name.center_hz + 0.5), rows[i].center_hz);
        assert_int_equal((long)(name.sample_rate_sps + 0.5), rows[i].rate_sps);
        assert_string_equal(name.path, rows[i].path ? rows[i].path : rows[i].text);
    }
}

static void test_dates_in_names(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *time;
    } rows[] = {
        { "compact", "20240131_123456.cu8", "2024-01-31T12:34:56.000000Z" },
        { "behind a word", "meters_20240131T123456Z_868.95M.cu8", "2024-01-31T12:34:56.000000Z" },
        { "ISO with dashes", "2024-02-29T23-59-59.cu8", "2024-02-29T23:59:59.000000Z" },
        { "ISO with colons", "x_2024-01-31T12:34:56Z.cu8", "2024-01-31T12:34:56.000000Z" },
        { "no leap year", "2023-02-29T23-59-59.cu8", NULL },
        { "a date without time", "20240131.cu8", NULL },
        { "a longer number", "120240131_123456.cu8", NULL },
        { "digits behind", "20240131_1234567.cu8", NULL },
        { "month 13", "20241331_123456.cu8", NULL },
        { "hour 24", "20240131_243456.cu8", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        struct recording_name name;
        char text[UTC_TEXT_SIZE];
        recording_name_parse(rows[i].text, &name);
        assert_int_equal(name.has_start, rows[i].time != NULL);
        utc_format(name.start_us, text);
        if (rows[i].time)
            assert_string_equal(text, rows[i].time);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *time;
    } rows[] = {
        { "fraction", "2024-01-31T12:34:56.123456789Z", "2024-01-31T12:34:56.123456Z" },
        { "blank for T", "2024-01-31 12:34:56Z", "2024-01-31T12:34:56.000000Z" },
        { "east of Greenwich", "2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000000Z" },
        { "west of Greenwich", "2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00.000000Z" },
        { "no zone", "2024-01-31T12:34:56", NULL },
        { "rest", "2024-01-31T12:34:56Z ", NULL },
        { "a word", "yesterday", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        char text[UTC_TEXT_SIZE];
        int64_t t_us = 0;
        assert_int_equal(utc_parse(rows[i].text, &t_us), rows[i].time != NULL);
        utc_format(t_us, text);
        if (rows[i].time)
            assert_string_equal(text, rows[i].time);
    }
    char text[UTC_TEXT_SIZE];
    utc_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_dates_in_names),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
