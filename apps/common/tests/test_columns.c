/* SPDX-License-Identifier: MIT */
#include "apps/common/columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static const struct column left = { "name", 6, false }, right = { "SNR", 6, true },
                           last = { "reading", 0, false };

static void test_cells(void **state)
{
    (void)state;
    static const struct {
        const struct column *column;
        const char *cell, *text;
    } rows[] = {
        { &left, "ab", "ab      " },
        { &left, "abcdef", "abcdef  " },
        { &left, "abcdefgh", "abcde…  " },
        { &left, "ab 123456", "ab …    " }, /* 12 would be another number */
        { &left, "123.456", "…       " },
        { &left, "ab12 cd", "ab12 …  " },
        { &right, "18312.5 kWh", "     …  " },
        { &left,
          "K\xc3\xbc"
          "che",
          "K\xc3\xbc"
          "che   " }, /* characters, not bytes */
        { &left, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
          "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc…  " },
        { &right, "12.5", "  12.5  " },
        { &right, "", "        " },
        { &last, "as long as it is", "as long as it is" },
        { &last, "a\033[2Jb\x7f", "a?[2Jb?" }, /* a terminal would obey */
        { &left, "a\xc2\x9bK\x9b", "a?K?    " },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char line[40] = "| ", expected[40];
        columns_put(line, sizeof line, rows[i].column, rows[i].cell);
        snprintf(expected, sizeof expected, "| %s", rows[i].text);
        assert_string_equal(line, expected);
    }
}

static void test_line_that_is_too_short(void **state)
{
    (void)state;
    char line[6] = "abc";
    columns_put(line, sizeof line, &left, "defghi");
    assert_string_equal(line, "abcde");
    columns_put(line, sizeof line, &last, "x");
    assert_string_equal(line, "abcde");
}

static void test_titles(void **state)
{
    (void)state;
    const struct column columns[] = { left, right, last };
    char line[40] = "";
    columns_put_titles(line, sizeof line, columns, ARRAY_LEN(columns));
    assert_string_equal(line, "name       SNR  reading");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_line_that_is_too_short),
        cmocka_unit_test(test_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
