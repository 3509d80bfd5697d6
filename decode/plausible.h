/* SPDX-License-Identifier: MIT
 * Would a meter send this? Where a check of two bytes is all that a layer has, or none, the records
 * themselves tell clear text from noise. */
#ifndef DECODE_PLAUSIBLE_H
#define DECODE_PLAUSIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* data[n] are data records to their end, all of known quantities, with values that their types
 * allow or that say "no value". Two bytes may be left over, a CRC that a receiver forgot.
 * Manufacturer's data (DIF 0F, 1F) end the records; with only_manufacturers they may also be all
 * there is, which one in 128 random bytes begins with. Noise of 14 bytes passes in one of some
 * hundred cases. */
bool plausible_records(const uint8_t *data, size_t n, bool only_manufacturers);

#endif
