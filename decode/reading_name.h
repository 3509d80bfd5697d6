/* SPDX-License-Identifier: MIT
 * Names of readings, by the grammar of READING_NAMES.md. */
#ifndef DECODE_READING_NAME_H
#define DECODE_READING_NAME_H

#include "decode/record.h"
#include "decode/vib.h"

/* Writes the name of a record's reading: quantity and qualifiers of vib, function, storage, tariff
 * and subunit of record, then the unit. Returns its length. */
size_t reading_name(const struct record *record, const struct vib *vib, enum vif_unit unit,
                    char name[READING_NAME_SIZE]);

#endif
