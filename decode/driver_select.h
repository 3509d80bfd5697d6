/* SPDX-License-Identifier: MIT
 * Does a record fit a selector, do bytes fit conditions? */
#ifndef DECODE_DRIVER_SELECT_H
#define DECODE_DRIVER_SELECT_H

#include "decode/driver.h"
#include "decode/record.h"
#include "decode/vib.h"

/* Number of the code that names the quantity of a VIB, as in struct driver_codes; -1: the
 * manufacturer's, or a plain text. n is 1 or more. */
int driver_code(const uint8_t *vib, size_t n);

/* Group of a code in struct driver_index. */
static inline size_t driver_group(int code)
{
    return code < 0 ? DRIVER_GROUPS - 1 : (size_t)code / 4;
}

/* Whether a selector can fit records of a group. */
bool driver_selects_group(const struct driver_selector *selector, size_t group);

static inline bool driver_is_within(const struct driver_range *range, uint64_t number)
{
    return number >= range->first && number <= range->last;
}

/* Storage, tariff, subunit and function, which tell most rules of a quantity apart. */
static inline bool driver_selects_place(const struct driver_selector *s,
                                        const struct record *record)
{
    return driver_is_within(&s->storage, record->storage) && s->functions >> record->function & 1 &&
           driver_is_within(&s->tariff, record->tariff) &&
           driver_is_within(&s->subunit, record->subunit);
}

/* Quantity and qualifiers; code: of driver_code. */
bool driver_selects_quantity(const struct driver_selector *selector, const struct record *record,
                             const struct vib *vib, int code);

/* Both. nth is not looked at. */
static inline bool driver_selects(const struct driver_selector *selector,
                                  const struct record *record, const struct vib *vib, int code)
{
    return driver_selects_place(selector, record) &&
           driver_selects_quantity(selector, record, vib, code);
}

/* bytes[n]: of the block. */
bool driver_conditions_hold(const struct driver_condition *conditions, size_t n_conditions,
                            const uint8_t *bytes, size_t n, const struct telegram *telegram);

#endif
