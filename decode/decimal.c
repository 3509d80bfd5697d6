/* SPDX-License-Identifier: MIT */
#include "decode/decimal.h"

#include <math.h>
#include <string.h>

#include "base/array_len.h"

enum { MAX_ZEROS = 20 };

static void drop_digit(struct decimal *value)
{
    value->digits = value->digits / 10 + (value->digits % 10 >= 5);
    value->exp10++;
}

void decimal_multiply(struct decimal *value, uint64_t factor)
{
    while (factor && value->digits > UINT64_MAX / factor)
        drop_digit(value);
    value->digits *= factor;
}

void decimal_divide(struct decimal *value, uint32_t divisor)
{
    if (divisor == 1)
        return;
    /* What lies far below the last place is cut first, so that the divisor stays small. */
    for (; value->exp10 < -DECIMAL_PLACES - 9 && value->digits; value->exp10++)
        value->digits /= 10;
    uint64_t d = divisor;
    for (; value->exp10 < -DECIMAL_PLACES && value->digits; value->exp10++)
        d *= 10;
    uint64_t quotient = value->digits / d, rest = value->digits % d;
    for (; value->exp10 > -DECIMAL_PLACES && quotient < UINT64_MAX / 10 - 1; value->exp10--) {
        quotient = quotient * 10 + rest * 10 / d;
        rest = rest * 10 % d;
        if (!quotient && !rest)
            break;
    }
    value->digits = quotient + (rest >= d - rest);
}

/* 10^exp10, or its inverse, is exact as far as the table goes, so one rounding is all there is. */
double decimal_to_double(const struct decimal *value)
{
    static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    enum { MOST = ARRAY_LEN(tens) - 1 };
    double magnitude = (double)value->digits;
    if (value->exp10 < -MOST || value->exp10 > MOST)
        magnitude *= pow(10, value->exp10);
    else if (value->exp10 < 0)
        magnitude /= tens[-value->exp10];
    else
        magnitude *= tens[value->exp10];
    return value->negative ? -magnitude : magnitude;
}

bool decimal_add_power(struct decimal *value, int exp10)
{
    struct decimal a = *value, b = { .digits = 1, .exp10 = exp10 };
    struct decimal *high = a.exp10 > b.exp10 ? &a : &b;
    int low_exp10 = a.exp10 > b.exp10 ? b.exp10 : a.exp10;
    for (; high->exp10 > low_exp10 && high->digits; high->exp10--) {
        if (high->digits > UINT64_MAX / 10)
            return false;
        high->digits *= 10;
    }
    if (!a.negative && a.digits > UINT64_MAX - b.digits)
        return false;
    bool crosses = a.negative && b.digits >= a.digits;
    value->digits = !a.negative ? a.digits + b.digits
                    : crosses   ? b.digits - a.digits
                                : a.digits - b.digits;
    value->negative = a.negative && !crosses;
    value->exp10 = low_exp10;
    return true;
}

/* Digits of n, most significant first, to text[20]; returns how many. */
static size_t digits_of(uint64_t n, char *text)
{
    char reversed[20];
    size_t count = 0;
    do
        reversed[count++] = (char)('0' + n % 10);
    while (n /= 10);
    for (size_t i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    return count;
}

static size_t put_exponent(char *text, int exp10)
{
    size_t at = 0;
    text[at++] = 'e';
    if (exp10 < 0)
        text[at++] = '-';
    return at + digits_of((uint64_t)(exp10 < 0 ? -(int64_t)exp10 : exp10), text + at);
}

/* digits[n] with the decimal point `places` from the right. */
static size_t put_fraction(char *text, const char *digits, size_t n, size_t places)
{
    size_t at = 0, whole = n > places ? n - places : 0;
    memcpy(text, digits, whole);
    at = whole;
    if (!whole)
        text[at++] = '0';
    text[at++] = '.';
    for (size_t zeros = places > n ? places - n : 0; zeros; zeros--)
        text[at++] = '0';
    memcpy(text + at, digits + whole, n - whole);
    return at + n - whole;
}

size_t decimal_print(const struct decimal *value, char *text, size_t size)
{
    char out[DECIMAL_TEXT_SIZE], digits[20];
    struct decimal v = *value;
    while (v.digits && v.digits % 10 == 0) {
        v.digits /= 10;
        v.exp10++;
    }
    if (!v.digits)
        v.exp10 = 0;
    size_t at = 0, n = digits_of(v.digits, digits);
    if (v.negative && v.digits)
        out[at++] = '-';
    if (v.exp10 < 0 && v.exp10 >= -MAX_ZEROS) {
        at += put_fraction(out + at, digits, n, (size_t)-v.exp10);
    } else {
        memcpy(out + at, digits, n);
        at += n;
        if (v.exp10 < 0 || v.exp10 > MAX_ZEROS) {
            at += put_exponent(out + at, v.exp10);
        } else {
            memset(out + at, '0', (size_t)v.exp10);
            at += (size_t)v.exp10;
        }
    }
    if (at >= size)
        return 0;
    memcpy(text, out, at);
    text[at] = 0;
    return at;
}
