/* SPDX-License-Identifier: MIT
 * A reading: a name that ends in the unit, and a value that is exact. */
#ifndef DECODE_READING_H
#define DECODE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decimal.h"

enum {
    READING_NAME_SIZE = 128,
    READING_TEXT_SIZE = 512, /* the longest application data, 255 bytes, as hex */
};

enum reading_kind {
    READING_NULL,   /* the meter says "no valid value"                                  */
    READING_NUMBER, /* mantissa * 10^exp10, exact                                       */
    READING_REAL, /* real, finite, of the meter's IEEE-754 or calculated; 6 decimals are printed */
    READING_TEXT, /* dates, times, text: UTF-8 without control characters             */
};

/* An OBIS code: value groups A to F. */
struct obis {
    uint8_t groups[6];
};

struct reading {
    char name[READING_NAME_SIZE]; /* [a-z0-9_]+, e.g. "volume_m3", "max_power_storage_1_kw"      */
    enum reading_kind kind;
    bool is_unsigned; /* mantissa is to be read as uint64_t (type C, 64 bit)         */
    int64_t mantissa;
    int exp10;
    double real;
    bool has_obis;
    struct obis obis;
    uint16_t from, from_n;        /* its bytes in the application data, of a compact frame in the */
                                  /* full one; from_n = 0: not of bytes in one place              */
    char text[READING_TEXT_SIZE]; /* zero-terminated                                             */
};

/* Makes the reading a number; the least significant digit of a negative value beyond 63 bits is
 * rounded. */
void reading_set_decimal(struct reading *reading, const struct decimal *value);
/* Makes it a READING_REAL; false, and READING_NULL, for what is not finite. */
bool reading_set_real(struct reading *reading, double real);

/* The value of a READING_NUMBER or READING_REAL, to the nearest; 0 for others. */
double reading_number(const struct reading *reading);

/* Canonical JSON text of the value: "6.408", "null"; a READING_REAL is rounded to six decimals,
 * half away from zero. Returns the length; 0 for READING_TEXT and for a size below
 * DECIMAL_TEXT_SIZE. */
size_t reading_print(const struct reading *reading, char *text, size_t size);

#endif
