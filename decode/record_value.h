/* SPDX-License-Identifier: MIT
 * The data of one record to the value of a reading, normalised to the units of READING_NAMES.md. */
#ifndef DECODE_RECORD_VALUE_H
#define DECODE_RECORD_VALUE_H

#include "decode/record.h"
#include "decode/vib.h"

/* Sets kind and value of *reading, not its name. Returns the unit the name ends in, which the data
 * may change: a time point's by its length, "text" for a text instead of a number, "hex" for what
 * the data type does not fit. */
enum vif_unit record_value(const struct record *record, const struct vib *vib,
                           struct reading *reading);

/* The number in the data, before scaling. Returns false if there is none, or no valid one. */
bool record_number(const struct record *record, enum vif_data data, struct decimal *number);

/* A raw number of the VIB's quantity to the normalised unit. Returns false if it exceeds 64 bits.
 */
bool record_normalise(const struct vib *vib, struct decimal *number);

/* bytes[n] of ISO 8859-1 as UTF-8, without control characters; variable-length text is sent last
 * character first (EN 13757-3:2018 Table 5). */
void reading_set_text(struct reading *reading, const uint8_t *bytes, size_t n, bool last_first);

/* bytes[n], as hex in the given order. n is at most 255. */
void reading_set_hex(struct reading *reading, const uint8_t *bytes, size_t n);

#endif
