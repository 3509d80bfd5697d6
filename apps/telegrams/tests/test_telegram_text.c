/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/telegram_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* EN 13757-4 format B with its CRC, and the same stripped (protocol of a published test). */
#define WITH_CRC "1444AE0C7856341201078C2027780B134365877AC5"
#define STRIPPED "1244AE0C7856341201078C2027780B13436587"
#define KEY "00112233445566778899AABBCCDDEEFF"

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *what, *line, *mode;
        bool format_known;
        size_t key_n, n_prior;
        const char *n;
    } rows[] = {
        { "hex with CRC", WITH_CRC, NULL, true, 0, 0, NULL },
        { "hex without", STRIPPED "\r", NULL, false, 0, 0, NULL },
        { "the mark of UTF-8", "\xEF\xBB\xBF" STRIPPED, NULL, false, 0, 0, NULL },
        { "separators", "  0x12|44_AE0C 7856341201078C2027780B13\t436587 ", NULL, false, 0, 0,
          NULL },
        { "rtl_wmbus", "C1;1;1;2019-04-03 19:00:42.000;97;148;12345678;0x" STRIPPED, "C1", false, 0,
          0, NULL },
        { "rtl_wmbus -a", "t2a;T1;1;1;2019-04-03 19:00:42.000;97;148;12345678;0x" STRIPPED, "T1",
          false, 0, 0, NULL },
        { "object", "{\"telegram\":\"" WITH_CRC "\"}", NULL, true, 0, 0, NULL },
        { "object with all",
          "{\"n\":7,\"telegram\":\"" STRIPPED "\",\"key\":\"" KEY "\",\"prior\":[\"" WITH_CRC
          "\"],\"link\":\"wmbus\",\"crc\":\"removed\"}",
          NULL, false, 16, 1, "7" },
        { "DES key, nulls",
          "{\"n\":\"a\",\"telegram\":\"" STRIPPED "\",\"key\":\"0102030405060708\",\"prior\":null}",
          NULL, false, 8, 0, "\"a\"" },
        { "no key", "{\"telegram\":\"" STRIPPED "\",\"key\":null}", NULL, false, 0, 0, NULL },
        { "n is no integer", "{\"n\":1.50,\"telegram\":\"" STRIPPED "\"}", NULL, false, 0, 0,
          "1.50" },
        { "the largest n", "{\"n\":18446744073709551614,\"telegram\":\"" STRIPPED "\"}", NULL,
          false, 0, 0, "18446744073709551614" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct telegram_text text;
        const char *problem = telegram_text_parse(rows[i].line, strlen(rows[i].line), &text);
        assert_null(problem);
        assert_int_equal(text.frame.n, 19);
        assert_int_equal(text.frame.bytes[0], 0x12);
        assert_int_equal(text.frame.bytes[18], 0x87);
        assert_int_equal(text.format_known, rows[i].format_known);
        assert_int_equal(text.has_key ? text.key.n : 0, rows[i].key_n);
        assert_int_equal(text.n_prior, rows[i].n_prior);
        if (rows[i].mode)
            assert_string_equal(text.frame.rx.mode, rows[i].mode);
        else
            assert_null(text.frame.rx.mode);
        if (rows[i].n)
            assert_string_equal(json_object_to_json_string(text.n), rows[i].n);
        else
            assert_null(text.n);
        telegram_text_deinit(&text);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what, *line, *says;
    } rows[] = {
        { "a word", "water", "expected hex digits" },
        { "odd", STRIPPED "1", "odd" },
        { "too short", "1244AE", "too short" },
        { "wired M-Bus, wrong checksum",
          "68202068"
          "08FD7278563412931533032A0000000C1427048502046D32371F1502FD170000"
          "8A16",
          "checksum" },
        { "wrong CRC",
          "2E44931578563412330333637A2A0020255923C95AAA26D1B2E7493BC2AD013EC4A6F6D3529B520EDFF0EA6D"
          "EF"
          "C955B29D6D69EBF3EC8B",
          "CRC" },
        { "rtl_wmbus: wrong CRC", "C1;0;1;t;97;148;12345678;0x" STRIPPED, "has errors" },
        { "rtl_wmbus: no code words", "C1;1;0;t;97;148;12345678;0x" STRIPPED, "has errors" },
        { "rtl_wmbus: cut", "C1;1;1;t;97;148", "expected a line of rtl_wmbus" },
        { "rtl_wmbus: other mode", "Z1;1;1;t;97;148;1;0x" STRIPPED,
          "expected a line of rtl_wmbus" },
        { "rtl_wmbus: too many fields", "C1;1;1;t;97;148;1;0x" STRIPPED ";;;;;;;;", "rtl_wmbus" },
        { "object cut", "{\"telegram\":\"" STRIPPED "\"", "one JSON object" },
        { "rest", "{\"telegram\":\"" STRIPPED "\"} x", "one JSON object" },
        { "no telegram", "{\"n\":1}", "telegram: expected" },
        { "telegram is a number", "{\"telegram\":12}", "telegram: expected" },
        { "NUL in a string", "{\"telegram\":\"" STRIPPED "\\u0000\"}", "telegram: expected" },
        { "short key", "{\"telegram\":\"" STRIPPED "\",\"key\":\"0011\"}", "key: expected" },
        { "key is a number", "{\"telegram\":\"" STRIPPED "\",\"key\":1}", "key: expected" },
        { "prior is a text", "{\"telegram\":\"" STRIPPED "\",\"prior\":\"12\"}",
          "prior: expected" },
        { "prior is no telegram", "{\"telegram\":\"" STRIPPED "\",\"prior\":[\"12\"]}",
          "prior: expected" },
        { "NaN is no JSON", "{\"telegram\":\"" STRIPPED "\",\"n\":NaN}", "n: expected" },
        { "nor is Infinity", "{\"telegram\":\"" STRIPPED "\",\"n\":-Infinity}", "n: expected" },
        { "n too large to be echoed", "{\"telegram\":\"" STRIPPED "\",\"n\":18446744073709551616}",
          "n: expected" },
        { "n too small", "{\"telegram\":\"" STRIPPED "\",\"n\":-9223372036854775809}",
          "n: expected" },
        { "n is a list", "{\"telegram\":\"" STRIPPED "\",\"n\":[1]}", "n: expected" },
        { "deep", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "one JSON object" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        struct telegram_text text;
        const char *problem = telegram_text_parse(rows[i].line, strlen(rows[i].line), &text);
        assert_non_null(problem);
        if (!strstr(problem, rows[i].says))
            print_error("said: %s\n", problem);
        assert_non_null(strstr(problem, rows[i].says));
        telegram_text_deinit(&text);
    }
}

/* A name that is too long for any driver is taken for none, and what is left over for the next line
 * is nothing. */
static void test_driver(void **state)
{
    static const struct {
        const char *json, *driver;
    } rows[] = {
        { "\"kamwater\"", "kamwater" },
        { "null", "" },
        { "7", "" },
        { "\"a_name_that_is_far_longer_than_any_driver_can_have_in_this_program\"", "" },
    };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        char line[300];
        struct telegram_text text;
        snprintf(line, sizeof line, "{\"n\":1,\"telegram\":\"" STRIPPED "\",\"driver\":%s}",
                 rows[r].json);
        assert_null(telegram_text_parse(line, strlen(line), &text));
        assert_string_equal(text.driver, rows[r].driver);
        telegram_text_deinit(&text);
        assert_null(text.n);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    static char line[TELEGRAM_TEXT_MAX_LINE + 1];
    struct telegram_text text;
    memset(line, '0', sizeof line);
    assert_non_null(strstr(telegram_text_parse(line, 2 * FRAME_MAX_AIR_BYTES + 2, &text), "290"));
    assert_non_null(strstr(telegram_text_parse(line, sizeof line - 1, &text), "65535"));
    assert_non_null(telegram_text_parse("1\0002", 3, &text));
    assert_non_null(telegram_text_parse("", 0, &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_driver),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
