/* SPDX-License-Identifier: MIT
 * Bytes to the value of a reading, as a rule of a driver says. */
#ifndef DECODE_DRIVER_VALUE_H
#define DECODE_DRIVER_VALUE_H

#include "decode/driver.h"
#include "decode/record.h"
#include "decode/time_point.h"
#include "decode/vib.h"

/* A value for expressions and for the words of a status. */
struct driver_value {
    enum { VALUE_NONE, VALUE_NUMBER, VALUE_TIME } kind;
    double number;
    struct time_point time;
};

/* bytes[n] as a number, at most 8 of them; bits and order as in *as. Returns false for more. */
bool driver_integer(const struct driver_bytes *as, const uint8_t *bytes, size_t n, uint64_t *value);

/* The value of a record, or of an element of a profile if number is not NULL. Fills kind and value
 * of *reading and *value. Returns false for data that are not of the quantity: a text where a
 * number is expected, bytes that are no time. */
bool driver_record_value(const struct driver_rule *rule, const struct record *record,
                         const struct vib *vib, const struct decimal *number,
                         struct reading *reading, struct driver_value *value);

/* The value of bytes[n], which are those of rule->bytes. before: for DRIVER_DATE_NEXT, else NULL.
 */
void driver_bytes_value(const struct driver_rule *rule, const uint8_t *bytes, size_t n,
                        const struct time_point *before, struct reading *reading,
                        struct driver_value *value);

/* A real number, scaled as the rule says. Fills kind and value of *reading and *value, which are
 * none if it is not finite. */
void driver_set_real(const struct driver_rule *rule, double number, struct reading *reading,
                     struct driver_value *value);

/* The number that a lookup goes by: the record's data as an unsigned integer. */
bool driver_record_integer(const struct driver_rule *rule, const struct record *record,
                           uint64_t *value);

#endif
