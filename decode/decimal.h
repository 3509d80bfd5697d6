/* SPDX-License-Identifier: MIT
 * Exact decimal numbers: sign, 64-bit magnitude, power of ten. Readings are computed with these
 * and never with binary floating point, so 6.408 m3 is printed as 6.408. */
#ifndef DECODE_DECIMAL_H
#define DECODE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECIMAL_TEXT_SIZE = 64, /* enough for every decimal_print                               */
    DECIMAL_PLACES = 6,     /* of a quotient that has no end, and of an IEEE-754 single     */
};

struct decimal {
    bool negative;
    uint64_t digits; /* value = +-digits * 10^exp10 */
    int exp10;
};

/* value * factor, exact. Only if the product exceeds 64 bits are low digits rounded away. */
void decimal_multiply(struct decimal *value, uint64_t factor);

/* value / divisor (1 ... 10^9), rounded to DECIMAL_PLACES decimals, half away from zero; fewer
 * decimals if more would exceed 64 bits. A division by 1 leaves the value as it is. */
void decimal_divide(struct decimal *value, uint32_t divisor);

/* value + 10^exp10. Returns false, and leaves the value, if that exceeds 64 bits. */
bool decimal_add_power(struct decimal *value, int exp10);

/* The nearest double, or one of its neighbours. */
double decimal_to_double(const struct decimal *value);

/* Canonical JSON number: no trailing zeros, no negative zero, an exponent only beyond 20 zeros.
 * Writes at most size bytes with the ending zero; returns the length, 0 if size is too small. */
size_t decimal_print(const struct decimal *value, char *text, size_t size);

#endif
