/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/reading.h"

static void assert_prints(const struct reading *reading, const char *expected)
{
    char text[DECIMAL_TEXT_SIZE];
    assert_int_equal(reading_print(reading, text, sizeof text), strlen(expected));
    if (*expected)
        assert_string_equal(text, expected);
}

/* clang-format off */
static const struct { const char *why; struct decimal value; bool is_unsigned; const char *text; } rows[] = {
    { "small",                        { false, 6408, -3 }, false, "6.408" },
    { "negative",                     { true, 6408, -3 }, false, "-6.408" },
    { "greatest int64",               { false, 9223372036854775807u, 0 }, false, "9223372036854775807" },
    { "beyond int64",                 { false, 9223372036854775808u, 0 }, true, "9223372036854775808" },
    { "greatest uint64",              { false, 18446744073709551615u, 0 }, true, "18446744073709551615" },
    { "least that is exact",          { true, 9223372036854775807u, 0 }, false, "-9223372036854775807" },
    { "below: last digit rounded",    { true, 9223372036854775808u, 0 }, false, "-9223372036854775810" },
};

/* "": has more digits than it is sure of */
static const struct { const char *why; double real; const char *text; } reals[] = {
    { "a single's 22.4",              22.399999618530273, "22.4" },
    { "zero",                         0, "0" },
    { "negative",                     -0.5, "-0.5" },
    { "below the last place",         -1e-7, "0" },
    { "half of it, away from zero",   -0.5e-6, "-0.000001" },
    { "beyond 64 bits of 1e-6",       1.5e13, "15000000000000" },
    { "greatest single",              3.4028234663852886e38, "" },
    { "greatest double",              1.7976931348623157e308, "" },
};
/* clang-format on */

static void test_numbers(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct reading reading;
        print_message("%s\n", rows[r].why);
        reading_set_decimal(&reading, &rows[r].value);
        assert_int_equal(reading.kind, READING_NUMBER);
        assert_int_equal(reading.is_unsigned, rows[r].is_unsigned);
        assert_prints(&reading, rows[r].text);
    }
}

static void test_reals(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(reals); r++) {
        struct reading reading;
        print_message("%s\n", reals[r].why);
        char text[DECIMAL_TEXT_SIZE];
        assert_true(reading_set_real(&reading, reals[r].real));
        assert_true(reading_print(&reading, text, sizeof text) > 0);
        if (*reals[r].text)
            assert_string_equal(text, reals[r].text);
        else
            assert_true(fabs(strtod(text, NULL) / reals[r].real - 1) < 1e-14);
    }
}

static void test_not_finite(void **state)
{
    static const double none[] = { (double)INFINITY, -(double)INFINITY, (double)NAN };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(none); r++) {
        struct reading reading;
        assert_false(reading_set_real(&reading, none[r]));
        assert_prints(&reading, "null");
    }
}

static void test_other_kinds(void **state)
{
    (void)state;
    struct reading reading = { .kind = READING_NULL };
    assert_prints(&reading, "null");
    reading.kind = READING_TEXT;
    assert_prints(&reading, "");
    char small[8];
    reading.kind = READING_NULL;
    assert_int_equal(reading_print(&reading, small, sizeof small), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
