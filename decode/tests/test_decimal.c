/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/decimal.h"

#define MAX18 18446744073709551615u

static void assert_prints(struct decimal value, const char *expected)
{
    char text[DECIMAL_TEXT_SIZE];
    assert_int_equal(decimal_print(&value, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
}

/* clang-format off */
static const struct { const char *why; struct decimal value; const char *text; } prints[] = {
    { "integer",                      { false, 6408, 0 },    "6408" },
    { "fraction",                     { false, 6408, -3 },   "6.408" },
    { "below one",                    { false, 5, -3 },      "0.005" },
    { "negative",                     { true, 6408, -3 },    "-6.408" },
    { "no trailing zeros",            { false, 6400, -3 },   "6.4" },
    { "no point before nothing",      { false, 6000, -3 },   "6" },
    { "zeros behind an integer",      { false, 64, 3 },      "64000" },
    { "zero",                         { false, 0, -3 },      "0" },
    { "zero is not negative",         { true, 0, 0 },        "0" },
    { "zero with a great exponent",   { false, 0, 99 },      "0" },
    { "all 64 bits",                  { false, MAX18, 0 },   "18446744073709551615" },
    { "all 64 bits, small",           { true, MAX18, -20 },  "-0.18446744073709551615" },
    { "20 decimals",                  { false, 1, -20 },     "0.00000000000000000001" },
    { "21 decimals",                  { false, 1, -21 },     "1e-21" },
    { "20 zeros",                     { false, 1, 20 },      "100000000000000000000" },
    { "21 zeros",                     { false, 12, 21 },     "12e21" },
    { "exponent of many digits",      { true, MAX18, -2000 }, "-18446744073709551615e-2000" },
};

static const struct { const char *why; struct decimal value; uint32_t divisor; const char *text; } divisions[] = {
    { "J to kWh",                       { false, 1, 0 }, 3600000, "0" },
    { "half of the last place: up",     { false, 18, 0 }, 36000000, "0.000001" },
    { "below half: down",               { false, 17, 0 }, 36000000, "0" },
    { "half away from zero",            { true, 18, 0 }, 36000000, "-0.000001" },
    { "no end",                         { false, 10, 0 }, 3600, "0.002778" },
    { "exact",                          { false, 36, 2 }, 3600, "1" },
    { "by one: left as it is",          { false, 1, -12 }, 1, "0.000000000001" },
    { "from below six decimals",        { false, 123456789, -9 }, 2, "0.061728" },
    { "far below",                      { false, MAX18, -40 }, 2, "0" },
    { "as far as a value can be below", { false, 1, -60 }, 3600, "0" },
    { "64 bits: fewer decimals",        { false, MAX18, 0 }, 3, "6148914691236517205" },
    { "great exponent",                 { false, 1, 30 }, 3, "333333333333333333300000000000" },
    { "zero",                           { false, 0, 5 }, 3, "0" },
};
/* clang-format on */

static void test_print(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(prints); r++) {
        print_message("%s\n", prints[r].why);
        assert_prints(prints[r].value, prints[r].text);
    }
    char small[5];
    struct decimal value = { .digits = 6408, .exp10 = -3 };
    assert_int_equal(decimal_print(&value, small, sizeof small), 0);
}

static void test_divide(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(divisions); r++) {
        struct decimal value = divisions[r].value;
        print_message("%s\n", divisions[r].why);
        decimal_divide(&value, divisions[r].divisor);
        assert_prints(value, divisions[r].text);
    }
}

/* The nearest double, as the C library reads it. */
static void test_to_double(void **state)
{
    (void)state;
    for (int exp10 = -300; exp10 <= 290; exp10++) {
        char text[40];
        struct decimal value = { .negative = exp10 & 1, .digits = 285042700000001, .exp10 = exp10 };
        snprintf(text, sizeof text, "%s285042700000001e%d", exp10 & 1 ? "-" : "", exp10);
        double expected = strtod(text, NULL), got = decimal_to_double(&value);
        if (exp10 >= -22 && exp10 <= 22)
            assert_true(got == expected);
        assert_true(fabs(got - expected) <= 1e-15 * fabs(expected));
    }
}

static void test_multiply(void **state)
{
    (void)state;
    struct decimal value = { .digits = 5, .exp10 = -3 };
    decimal_multiply(&value, 3600);
    assert_prints(value, "18");
    value = (struct decimal){ .digits = MAX18 };
    decimal_multiply(&value, 60); /* 1106804644422573096900 has 70 bits */
    assert_prints(value, "1106804644422573096000");
}

static void test_add_power(void **state)
{
    (void)state;
    struct decimal value = { .digits = 5, .exp10 = 0 };
    assert_true(decimal_add_power(&value, -1));
    assert_prints(value, "5.1");
    value = (struct decimal){ .negative = true, .digits = 5, .exp10 = -2 };
    assert_true(decimal_add_power(&value, -1));
    assert_prints(value, "0.05");
    value = (struct decimal){ .negative = true, .digits = 5, .exp10 = 0 };
    assert_true(decimal_add_power(&value, -3));
    assert_prints(value, "-4.999");
    value = (struct decimal){ .negative = true, .digits = 1, .exp10 = 0 };
    assert_true(decimal_add_power(&value, 0));
    assert_prints(value, "0");
    value = (struct decimal){ .digits = 1, .exp10 = 30 };
    assert_false(decimal_add_power(&value, 0));
    assert_prints(value, "1e30");
    value = (struct decimal){ .digits = MAX18 };
    assert_false(decimal_add_power(&value, 0));
    value = (struct decimal){ .digits = 0, .exp10 = -60 };
    assert_false(decimal_add_power(&value, 0));
}

/* xorshift32: the same numbers everywhere. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int64_t millionths(const struct decimal *value)
{
    int64_t scaled = (int64_t)value->digits;
    assert_in_range(-value->exp10, 0, DECIMAL_PLACES);
    for (int e = value->exp10; e > -DECIMAL_PLACES; e--)
        scaled *= 10;
    return scaled;
}

/* Random quotients, multiplied back: no further off than half of the last place. */
static void test_divide_back(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int i = 0; i < 100000; i++) {
        struct decimal value = { .digits = next_random(&random) >> 1,
                                 .exp10 = (int)(next_random(&random) % 5) - 5 };
        const uint32_t divisor = 2 + next_random(&random) % 100000;
        const int64_t exact = millionths(&value);
        decimal_divide(&value, divisor);
        const int64_t error = millionths(&value) * divisor - exact;
        assert_in_range(2 * llabs(error), 0, divisor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print),     cmocka_unit_test(test_divide),
        cmocka_unit_test(test_to_double), cmocka_unit_test(test_multiply),
        cmocka_unit_test(test_add_power), cmocka_unit_test(test_divide_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
