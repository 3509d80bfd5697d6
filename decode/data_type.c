/* SPDX-License-Identifier: MIT */
#include "decode/data_type.h"

#include <math.h>
#include <string.h>

static uint64_t little_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

bool data_all_ones(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

bool data_bcd(const uint8_t *bytes, size_t n, struct decimal *value)
{
    if (n < 1 || n > 9)
        return false;
    *value = (struct decimal){ .negative = bytes[n - 1] >> 4 == 0xF };
    for (size_t nibble = 2 * n; nibble-- > 0;) {
        unsigned digit = bytes[nibble / 2] >> (nibble & 1 ? 4 : 0) & 0xF;
        if (value->negative && nibble == 2 * n - 1)
            continue;
        if (digit > 9)
            return false;
        value->digits = value->digits * 10 + digit;
    }
    return true;
}

bool data_signed(const uint8_t *bytes, size_t n, struct decimal *value)
{
    if (n < 1 || n > 8)
        return false;
    uint64_t raw = little_endian(bytes, n), sign = (uint64_t)1 << (8 * n - 1);
    bool negative = raw & sign;
    *value = (struct decimal){ .negative = negative,
                               .digits = negative ? (sign - 1) - (raw & (sign - 1)) + 1 : raw };
    return raw != sign;
}

bool data_unsigned(const uint8_t *bytes, size_t n, struct decimal *value)
{
    if (n < 1 || n > 8)
        return false;
    *value = (struct decimal){ .digits = little_endian(bytes, n) };
    return !data_all_ones(bytes, n);
}

bool data_real(const uint8_t *bytes, double *value)
{
    uint32_t raw = (uint32_t)little_endian(bytes, 4);
    float single;
    memcpy(&single, &raw, sizeof single);
    *value = (double)single;
    return isfinite(*value);
}

/* Day, month and year as types G, F and I share them. Returns the two-digit year. */
static int date_fields(const uint8_t *b, struct time_point *t)
{
    t->day = b[0] & 0x1F;
    t->month = b[1] & 0x0F;
    return b[0] >> 5 | b[1] >> 4 << 3;
}

/* EN 13757-3:2018 Annex A, type G: 00-80 are 2000-2080, 81-99 are 1981-1999. */
static int full_year(int year)
{
    return year <= 80 ? 2000 + year : 1900 + year;
}

static bool type_g(const uint8_t *b, struct time_point *t)
{
    t->kind = TIME_DATE;
    int year = date_fields(b, t);
    t->year = full_year(year);
    return year <= 99 && time_is_valid(t);
}

/* The hundred-year field counts from 1900. A meter in the field (kind uiws) sends 2 in 2026, where
 * 0 or 1 is right, so what would be a year after 2099 is taken as this century. */
static int year_of_hundreds(int hundreds, int year)
{
    return hundreds == 0 ? full_year(year) : 2000 + year;
}

static bool type_f(const uint8_t *b, struct time_point *t)
{
    t->kind = TIME_MINUTES;
    t->minute = b[0] & 0x3F;
    t->hour = b[1] & 0x1F;
    int year = date_fields(b + 2, t);
    t->year = year_of_hundreds(b[1] >> 5 & 3, year);
    return !(b[0] & 0x80) && year <= 99 && time_is_valid(t);
}

static bool type_i(const uint8_t *b, struct time_point *t)
{
    t->kind = TIME_SECONDS;
    t->second = b[0] & 0x3F;
    t->minute = b[1] & 0x3F;
    t->hour = b[2] & 0x1F;
    int year = date_fields(b + 3, t);
    t->year = full_year(year);
    return !(b[1] & 0x80) && year <= 99 && time_is_valid(t);
}

static bool type_j(const uint8_t *b, struct time_point *t)
{
    t->kind = TIME_OF_DAY;
    t->second = b[0] & 0x3F;
    t->minute = b[1] & 0x3F;
    t->hour = b[2] & 0x1F;
    return time_is_valid(t);
}

bool data_time(const uint8_t *bytes, size_t n, struct time_point *time)
{
    *time = (struct time_point){ 0 };
    switch (n) {
    case 2:
        return type_g(bytes, time);
    case 3:
        return type_j(bytes, time);
    case 4:
        return type_f(bytes, time);
    case 6:
        return type_i(bytes, time);
    default:
        return false;
    }
}

bool data_summer_time(const uint8_t *bytes, size_t n)
{
    enum { TYPE_F = 4, TYPE_I = 6 };
    return (n == TYPE_F && bytes[1] & 0x80) || (n == TYPE_I && bytes[0] & 0x40);
}
