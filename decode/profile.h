/* SPDX-License-Identifier: MIT
 * Compact profiles (EN 13757-3:2018 Annex F): one record that holds a series of values with the
 * same spacing in time, as values or as differences from the one before. */
#ifndef DECODE_PROFILE_H
#define DECODE_PROFILE_H

#include "decode/record.h"
#include "decode/time_point.h"
#include "decode/vib.h"

enum profile_spacing { SPACING_UNTIMED, SPACING_SECONDS, SPACING_MONTHS };

struct profile {
    struct record element; /* template of an element: function, tariff, subunit, data field */
    const struct vib *vib; /* the caller's */
    unsigned mode;
    enum profile_spacing spacing;
    int step; /* seconds or months; negative for an inverse profile */
    size_t n; /* elements */
    const uint8_t *elements;
    size_t element_n;
    bool has_time;
    struct time_point time; /* of the base value */
    bool has_value;
    int64_t value; /* of the base, then of the last element */
};

/* Reads the head of a profile record and looks for its base value and base time among the records
 * of payload[n]. Returns false if it cannot be expanded: reserved codes, elements that are no
 * numbers, or differences without a base. */
bool profile_open(struct profile *profile, const struct record *record, const struct vib *vib,
                  const uint8_t *payload, size_t n);

/* Value of element i; to be called for i = 0, 1 ... in order. Writes *number, normalised. */
enum profile_step { PROFILE_VALUE, PROFILE_NO_VALUE, PROFILE_OVER };
enum profile_step profile_value(struct profile *profile, size_t i, struct decimal *number);

/* Time of element i. Returns false if it is not known. */
bool profile_time(const struct profile *profile, size_t i, struct time_point *time);

#endif
