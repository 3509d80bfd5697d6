/* SPDX-License-Identifier: MIT */
#include "apps/common/utf8.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static void test_length(void **state)
{
    static const struct {
        const char *what, *text;
        size_t n;
    } rows[] = {
        { "one byte", "a", 1 },
        { "the first of two bytes", "\xC2\x80", 2 },
        { "the last of two bytes", "\xDF\xBF", 2 },
        { "the first of three bytes", "\xE0\xA0\x80", 3 },
        { "the last before the surrogates", "\xED\x9F\xBF", 3 },
        { "the first of four bytes", "\xF0\x90\x80\x80", 4 },
        { "the last there is", "\xF4\x8F\xBF\xBF", 4 },
        { "a byte that continues", "\x80", 0 },
        { "longer than it must be, two bytes", "\xC1\xBF", 0 },
        { "longer than it must be, three bytes", "\xE0\x9F\xBF", 0 },
        { "longer than it must be, four bytes", "\xF0\x8F\xBF\xBF", 0 },
        { "a surrogate", "\xED\xA0\x80", 0 },
        { "behind the last", "\xF4\x90\x80\x80", 0 },
        { "no byte of UTF-8", "\xF5\x80\x80\x80", 0 },
        { "cut", "\xE2\x82", 0 },
        { "another begins", "\xC3\xC3\xBC", 0 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        assert_int_equal(utf8_length(rows[r].text), rows[r].n);
    }
}

static void test_first(void **state)
{
    static const struct {
        const char *text;
        int n, got;
        size_t bytes;
    } rows[] = {
        { "abc", 2, 2, 2 },
        { "abc", 4, 3, 3 },
        { "abc", 0, 0, 0 },
        { "\xC3\xBC\xE2\x82\xAC.", 2, 2, 5 },
        { "\xE2\x82", INT_MAX, 2, 2 }, /* each byte one */
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        int got;
        assert_int_equal(utf8_first(rows[r].text, rows[r].n, &got), rows[r].bytes);
        assert_int_equal(got, rows[r].got);
    }
}

static void test_make_harmless(void **state)
{
    static const struct {
        const char *what, *text, *harmless;
    } rows[] = {
        { "nothing to do",
          "K\xC3\xBC"
          "che \xE2\x82\xAC \xF0\x9F\x9A\xB0",
          "K\xC3\xBC"
          "che \xE2\x82\xAC \xF0\x9F\x9A\xB0" },
        { "C0, delete", "a\x1B[2J\n\x7F~", "a?[2J??~" },
        { "C1: CSI, and the first and the last",
          "\xC2\x9B"
          "2J\xC2\x80\xC2\x9F\xC2\xA0",
          "?2J??\xC2\xA0" },
        { "one byte, as some terminals take for CSI",
          "\x9B"
          "2J",
          "?2J" },
        { "written from right to left",
          "a\xE2\x80\xAE"
          "b\xE2\x81\xA6",
          "a?b?" },
        { "ends of a line and a paragraph", "\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7",
          "??\xE2\x80\xA7" },
        { "cut in a character", "ab\xE2\x82", "ab??" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char text[40];
        int before, after;
        print_message("%s\n", rows[r].what);
        snprintf(text, sizeof text, "%s", rows[r].text);
        (void)utf8_first(text, INT_MAX, &before);
        utf8_make_harmless(text);
        assert_string_equal(text, rows[r].harmless);
        (void)utf8_first(text, INT_MAX, &after);
        assert_int_equal(before, after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_make_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
