/* SPDX-License-Identifier: MIT */
#include "decode/reading.h"

#include <math.h>
#include <string.h>

void reading_set_decimal(struct reading *reading, const struct decimal *value)
{
    struct decimal v = *value;
    if (v.negative && v.digits > INT64_MAX) {
        v.digits = v.digits / 10 + (v.digits % 10 >= 5);
        v.exp10++;
    }
    reading->kind = READING_NUMBER;
    reading->is_unsigned = v.digits > INT64_MAX;
    reading->exp10 = v.exp10;
    if (reading->is_unsigned)
        memcpy(&reading->mantissa, &v.digits, sizeof reading->mantissa);
    else
        reading->mantissa = v.negative ? -(int64_t)v.digits : (int64_t)v.digits;
}

bool reading_set_real(struct reading *reading, double real)
{
    bool ok = isfinite(real);
    reading->kind = ok ? READING_REAL : READING_NULL;
    reading->real = real;
    return ok;
}

static struct decimal decimal_of_number(const struct reading *reading)
{
    uint64_t raw;
    memcpy(&raw, &reading->mantissa, sizeof raw);
    bool negative = !reading->is_unsigned && reading->mantissa < 0;
    return (struct decimal){ .negative = negative,
                             .digits = negative ? 0 - raw : raw,
                             .exp10 = reading->exp10 };
}

double reading_number(const struct reading *reading)
{
    if (reading->kind == READING_REAL)
        return reading->real;
    if (reading->kind != READING_NUMBER)
        return 0;
    struct decimal value = decimal_of_number(reading);
    return decimal_to_double(&value);
}

static struct decimal decimal_of_real(double value)
{
    double magnitude = fabs(value);
    int beyond = magnitude < 1e12 ? 0 : (int)log10(magnitude) - 11; /* 18 digits are plenty */
    return (struct decimal){ .negative = value < 0,
                             .digits = (uint64_t)llround(magnitude / pow(10, beyond) * 1e6),
                             .exp10 = beyond - DECIMAL_PLACES };
}

size_t reading_print(const struct reading *reading, char *text, size_t size)
{
    struct decimal value;
    if (size < DECIMAL_TEXT_SIZE)
        return 0;
    switch (reading->kind) {
    case READING_NULL:
        memcpy(text, "null", 5);
        return 4;
    case READING_NUMBER:
        value = decimal_of_number(reading);
        return decimal_print(&value, text, size);
    case READING_REAL:
        value = decimal_of_real(reading->real);
        return decimal_print(&value, text, size);
    case READING_TEXT:
        break;
    }
    return 0;
}
