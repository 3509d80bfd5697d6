/* SPDX-License-Identifier: MIT
 * Points in time as makers code them beside the standard's types, and as a rule wants them written.
 */
#ifndef DECODE_DRIVER_TIME_H
#define DECODE_DRIVER_TIME_H

#include "decode/driver_value.h"

/* bytes[n] of one of the types DRIVER_DATE to DRIVER_DATE_2000. before: for DRIVER_DATE_NEXT, NULL
 * if not known. Returns false if they are no date of that type. */
bool driver_read_time(enum driver_type type, const uint8_t *bytes, size_t n,
                      const struct time_point *before, struct time_point *time);

/* Fills kind and text of *reading and *value as the rule wants it. */
void driver_set_time(const struct driver_rule *rule, const struct time_point *time,
                     struct reading *reading, struct driver_value *value);

#endif
