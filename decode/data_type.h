/* SPDX-License-Identifier: MIT
 * Data types of EN 13757-3:2018 Annex A: bytes of a record to a number or a point in time. Each
 * function returns false for the type's "invalid" marker and for what the type does not allow. */
#ifndef DECODE_DATA_TYPE_H
#define DECODE_DATA_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decimal.h"
#include "decode/time_point.h"

/* Type A: BCD, n = 1 ... 9 bytes. A most significant nibble F makes it negative. */
bool data_bcd(const uint8_t *bytes, size_t n, struct decimal *value);
/* Type B: signed binary, n = 1 ... 8. The most negative value is invalid. */
bool data_signed(const uint8_t *bytes, size_t n, struct decimal *value);
/* Type C: unsigned binary, n = 1 ... 8. All ones is invalid. */
bool data_unsigned(const uint8_t *bytes, size_t n, struct decimal *value);
/* Type H: IEEE-754 single, 4 bytes. NaN and the infinities are invalid. */
bool data_real(const uint8_t *bytes, double *value);

/* True for 0 ... bytes of FF only: "no value" in types A and C, and in the field in counters of
 * type B too. */
bool data_all_ones(const uint8_t *bytes, size_t n);

/* Types G (n = 2), J (3), F (4) and I (6). "Every day", "not specified" and dates that the calendar
 * does not have are invalid: they name no point in time. */
bool data_time(const uint8_t *bytes, size_t n, struct time_point *time);

/* Types F (n = 4) and I (6): the clock says that it is set to summer time, in which the time point
 * is then. */
bool data_summer_time(const uint8_t *bytes, size_t n);

#endif
