/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/data_type.h"

typedef bool number_of(const uint8_t *bytes, size_t n, struct decimal *value);

/* clang-format off */
static const struct { const char *why; number_of *type; size_t n; uint8_t bytes[10]; const char *text; } numbers[] = {
    { "BCD, low byte first",           data_bcd, 2, { 0x34, 0x12 }, "1234" },
    { "BCD, one byte",                 data_bcd, 1, { 0x99 }, "99" },
    { "BCD, sign nibble",              data_bcd, 2, { 0x23, 0xF1 }, "-123" },
    { "BCD, sign of zero",             data_bcd, 2, { 0x00, 0xF0 }, "0" },
    { "BCD, 18 digits",                data_bcd, 9, { 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99 }, "999999999999999999" },
    { "BCD, all F",                    data_bcd, 4, { 0xFF, 0xFF, 0xFF, 0xFF }, NULL },
    { "BCD, one byte of F",            data_bcd, 1, { 0xFF }, NULL },
    { "BCD, digit A at the end",       data_bcd, 2, { 0x3A, 0x12 }, NULL },
    { "BCD, digit E at the beginning", data_bcd, 2, { 0x34, 0xE2 }, NULL },
    { "BCD, digit F in the middle",    data_bcd, 2, { 0xF4, 0x12 }, NULL },
    { "BCD, no byte",                  data_bcd, 0, { 0 }, NULL },
    { "BCD, too long",                 data_bcd, 10, { 0 }, NULL },
    { "B, 1 byte, greatest",           data_signed, 1, { 0x7F }, "127" },
    { "B, 1 byte, least",              data_signed, 1, { 0x81 }, "-127" },
    { "B, 1 byte, invalid",            data_signed, 1, { 0x80 }, NULL },
    { "B, -1",                         data_signed, 2, { 0xFF, 0xFF }, "-1" },
    { "B, 3 bytes",                    data_signed, 3, { 0x00, 0x00, 0x81 }, "-8323072" },
    { "B, 4 bytes, invalid",           data_signed, 4, { 0, 0, 0, 0x80 }, NULL },
    { "B, 80 not at the end",          data_signed, 2, { 0x80, 0x00 }, "128" },
    { "B, 8 bytes, greatest",          data_signed, 8, { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, "9223372036854775807" },
    { "B, 8 bytes, least",             data_signed, 8, { 1, 0, 0, 0, 0, 0, 0, 0x80 }, "-9223372036854775807" },
    { "B, 8 bytes, invalid",           data_signed, 8, { 0, 0, 0, 0, 0, 0, 0, 0x80 }, NULL },
    { "B, no byte",                    data_signed, 0, { 0 }, NULL },
    { "B, 9 bytes",                    data_signed, 9, { 0 }, NULL },
    { "C, 80 is 128",                  data_unsigned, 1, { 0x80 }, "128" },
    { "C, invalid",                    data_unsigned, 2, { 0xFF, 0xFF }, NULL },
    { "C, 8 bytes, greatest",          data_unsigned, 8, { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "18446744073709551614" },
};

static const struct { const char *why; size_t n; uint8_t bytes[6]; const char *text; } times[] = {
    { "G",                              2, { 0x1F, 0x15 }, "2008-05-31" },
    { "G, year 80",                     2, { 0x01, 0xA1 }, "2080-01-01" },
    { "G, year 81",                     2, { 0x21, 0xA1 }, "1981-01-01" },
    { "G, year 99",                     2, { 0x7F, 0xCC }, "1999-12-31" },
    { "G, year 100",                    2, { 0x81, 0xC1 }, NULL },
    { "G, every year",                  2, { 0xE1, 0xF1 }, NULL },
    { "G, every month",                 2, { 0x01, 0x1F }, NULL },
    { "G, every day",                   2, { 0x00, 0x11 }, NULL },
    { "G, month 13",                    2, { 0x01, 0x1D }, NULL },
    { "G, month 0",                     2, { 0x01, 0x10 }, NULL },
    { "G, all ones",                    2, { 0xFF, 0xFF }, NULL },
    { "G, zeros",                       2, { 0x00, 0x00 }, NULL },
    { "G, 29 February of a leap year",  2, { 0x1D, 0x12 }, "2008-02-29" },
    { "G, 29 February of another",      2, { 0x3D, 0x12 }, NULL },
    { "G, 31 April",                    2, { 0x1F, 0x14 }, NULL },
    { "F",                              4, { 0x32, 0x37, 0x1F, 0x15 }, "2008-05-31 23:50" },
    { "F, hundred-year 0",              4, { 0x32, 0x17, 0x1F, 0x15 }, "2008-05-31 23:50" },
    { "F, hundred-year 2 in the field", 4, { 0x22, 0x48, 0x41, 0x36 }, "2026-06-01 08:34" },
    { "F, hundred-year 0, year 99",     4, { 0x00, 0x00, 0x7F, 0xCC }, "1999-12-31 00:00" },
    { "F, hundred-year 1, year 99",     4, { 0x00, 0x20, 0x7F, 0xCC }, "2099-12-31 00:00" },
    { "F, summer time is not converted", 4, { 0x32, 0xB7, 0x1F, 0x15 }, "2008-05-31 23:50" },
    { "F, reserved bit",                4, { 0x72, 0x37, 0x1F, 0x15 }, "2008-05-31 23:50" },
    { "F, invalid",                     4, { 0xB2, 0x37, 0x1F, 0x15 }, NULL },
    { "F, every minute",                4, { 0x3F, 0x37, 0x1F, 0x15 }, NULL },
    { "F, hour 24",                     4, { 0x00, 0x38, 0x1F, 0x15 }, NULL },
    { "I",                              6, { 0x2C, 0x1A, 0xA1, 0xD5, 0x21, 0x00 }, "2022-01-21 01:26:44" },
    { "I, flags and week",              6, { 0xEC, 0x5A, 0xA1, 0xD5, 0x21, 0x43 }, "2022-01-21 01:26:44" },
    { "I, invalid",                     6, { 0x2C, 0x9A, 0xA1, 0xD5, 0x21, 0x00 }, NULL },
    { "I, month not specified",         6, { 0x2C, 0x1A, 0xA1, 0xD5, 0x20, 0x00 }, NULL },
    { "J",                              3, { 0x05, 0x0A, 0x17 }, "23:10:05" },
    { "J, every second",                3, { 0x3F, 0x0A, 0x17 }, NULL },
    { "no type has 5 bytes",            5, { 0 }, NULL },
};

static const struct { const char *why; uint8_t n; uint8_t bytes[6]; bool months; long step; const char *text; } steps[] = {
    { "a month from the end of May",        2, { 0x1F, 0x15 }, true, -1, "2008-04-30" },
    { "three from the end of May",          2, { 0x1F, 0x15 }, true, -3, "2008-02-29" },
    { "a month from 30 May: 30 April",      2, { 0x1E, 0x15 }, true, -1, "2008-04-30" },
    { "three from 30 May: no 30 February",  2, { 0x1E, 0x15 }, true, -3, "2008-02-29" },
    { "over the year",                      2, { 0x01, 0x11 }, true, -1, "2007-12-01" },
    { "forward over the year",              2, { 0x01, 0x1C }, true, 1, "2009-01-01" },
    { "far out",                            2, { 0x01, 0x1C }, true, 12 * 400, NULL },
    { "a day over the leap day",            2, { 0x1C, 0x12 }, false, 86400, "2008-02-29" },
    { "back into the year before",          2, { 0x01, 0x11 }, false, -86400, "2007-12-31" },
    { "an hour of a date without time",     2, { 0x01, 0x11 }, false, 3600, NULL },
    { "a time of day has no date",          3, { 0, 0, 0 }, false, 86400, NULL },
    { "nor a month",                        3, { 0, 0, 0 }, true, 1, NULL },
    { "a minute over midnight",             4, { 0x3B, 0x17, 0x1F, 0x1C }, false, 60, "2009-01-01 00:00" },
    { "a minute back over midnight",        4, { 0x00, 0x00, 0x01, 0x11 }, false, -60, "2007-12-31 23:59" },
    { "a second",                           6, { 0x3B, 0x1A, 0xA1, 0xD5, 0x21, 0x00 }, false, 1, "2022-01-21 01:27:00" },
};
/* clang-format on */

static void test_numbers(void **state)
{
    struct decimal none;
    static const uint8_t bytes[10] = { 1 };
    (void)state;
    assert_false(data_signed(bytes, 0, &none) || data_signed(bytes, 9, &none));
    assert_false(data_unsigned(bytes, 0, &none) || data_unsigned(bytes, 9, &none));
    for (size_t r = 0; r < ARRAY_LEN(numbers); r++) {
        struct decimal value;
        char text[DECIMAL_TEXT_SIZE];
        print_message("%s\n", numbers[r].why);
        bool ok = numbers[r].type(numbers[r].bytes, numbers[r].n, &value);
        assert_int_equal(ok, numbers[r].text != NULL);
        if (!ok)
            continue;
        decimal_print(&value, text, sizeof text);
        assert_string_equal(text, numbers[r].text);
    }
}

static void test_times(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(times); r++) {
        struct time_point time;
        char text[TIME_TEXT_SIZE];
        print_message("%s\n", times[r].why);
        bool ok = data_time(times[r].bytes, times[r].n, &time);
        assert_int_equal(ok, times[r].text != NULL);
        if (!ok)
            continue;
        time_print(&time, text);
        assert_string_equal(text, times[r].text);
    }
}

static void test_time_steps(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(steps); r++) {
        struct time_point time;
        char text[TIME_TEXT_SIZE];
        print_message("%s\n", steps[r].why);
        assert_true(data_time(steps[r].bytes, steps[r].n, &time));
        bool ok = steps[r].months ? time_add_months(&time, (int)steps[r].step)
                                  : time_add_seconds(&time, steps[r].step);
        assert_int_equal(ok, steps[r].text != NULL);
        if (!ok)
            continue;
        time_print(&time, text);
        assert_string_equal(text, steps[r].text);
    }
}

/* Day by day through every year a meter can name: the calendar of the two functions must agree. */
static void test_days_follow_each_other(void **state)
{
    (void)state;
    struct time_point day = { .kind = TIME_DATE, .year = 1981, .month = 1, .day = 1 };
    for (int year = 1981, month = 1, date = 1; year < 2100;) {
        assert_true(time_is_valid(&day));
        assert_int_equal(day.year, year);
        assert_int_equal(day.month, month);
        assert_int_equal(day.day, date);
        assert_true(time_add_seconds(&day, 86400));
        struct time_point next = {
            .kind = TIME_DATE, .year = year, .month = month, .day = date + 1
        };
        date = time_is_valid(&next) ? date + 1 : 1;
        month = date > 1 ? month : month % 12 + 1;
        year += date == 1 && month == 1;
    }
}

static void test_reals(void **state)
{
    (void)state;
    double value;
    assert_true(data_real((const uint8_t[]){ 0x00, 0x00, 0xC0, 0xBF }, &value));
    assert_true(value > -1.5000001 && value < -1.4999999);
    assert_false(data_real((const uint8_t[]){ 0x00, 0x00, 0xC0, 0x7F }, &value)); /* NaN       */
    assert_false(data_real((const uint8_t[]){ 0x00, 0x00, 0x80, 0x7F }, &value)); /* infinity  */
    assert_false(data_real((const uint8_t[]){ 0xFF, 0xFF, 0xFF, 0xFF }, &value)); /* all ones  */
}

static void test_summer_time(void **state)
{
    static const struct {
        size_t n;
        uint8_t bytes[6];
        bool is_summer;
    } rows[] = { { 4, { 0, 0x80 }, true },     { 4, { 0xFF, 0x7F, 0xFF, 0xFF }, false },
                 { 6, { 0x40, 0 }, true },     { 6, { 0xBF, 0xFF, 0xFF, 0xFF }, false },
                 { 3, { 0x40, 0x80 }, false }, { 2, { 0x40, 0x80 }, false } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        assert_int_equal(data_summer_time(rows[r].bytes, rows[r].n), rows[r].is_summer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_time_steps), cmocka_unit_test(test_days_follow_each_other),
        cmocka_unit_test(test_reals),      cmocka_unit_test(test_summer_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
