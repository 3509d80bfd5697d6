/* SPDX-License-Identifier: MIT
 * Does a record fit a selector, do bytes fit conditions? */
#ifndef DECODE_DRIVER_SELECT_H
#define DECODE_DRIVER_SELECT_H

#include "decode/driver.h"
#include "decode/record.h"
#include "decode/vib.h"

/* Number of the code that names a record's quantity, as in struct driver_codes; -1: the
 * manufacturer's, or a plain text. */
int driver_code(const struct record *record);

/* code: of driver_code. nth is not looked at. */
bool driver_selects(const struct driver_selector *selector, const struct record *record,
                    const struct vib *vib, int code);

/* bytes[n]: of the block. */
bool driver_conditions_hold(const struct driver_condition *conditions, size_t n_conditions,
                            const uint8_t *bytes, size_t n, const struct telegram *telegram);

#endif
