/* SPDX-License-Identifier: MIT */
#include "decode/profile.h"

#include <string.h>

#include "decode/data_type.h"
#include "decode/record_value.h"

enum profile_mode { MODE_ABSOLUTE, MODE_INCREMENTS, MODE_DECREMENTS, MODE_DIFFERENCES };

/* Values beyond this are refused, so that sums stay within 64 bits. */
static const uint64_t value_max = 1000000000000000000;

/* Spacing value SV with spacing unit u (EN 13757-3:2018 Table F.3). Returns false if reserved. Half
 * months (253) have no rule for their days here and stay without time. */
static bool read_spacing(struct profile *profile, unsigned u, uint8_t sv)
{
    static const int seconds[] = { 1, 60, 3600, 86400 };
    static const int months[] = { 0, 6, 3, 1 };
    profile->spacing = SPACING_UNTIMED;
    profile->step = 0;
    if (sv >= 1 && sv <= 250) {
        profile->spacing = SPACING_SECONDS;
        profile->step = sv * seconds[u];
        return true;
    }
    if (sv == 254 && months[u]) {
        profile->spacing = SPACING_MONTHS;
        profile->step = months[u];
        return true;
    }
    return sv == 253 && u == 3;
}

static bool read_head(struct profile *profile, const struct record *record)
{
    static const uint8_t bytes[16] = { 0, 1, 2, 3, 4, 0, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0 };
    if (record->data_field != DATA_VARIABLE || record->lvar > 0xBF || record->data_n < 2)
        return false;
    uint8_t sc = record->data[0];
    profile->mode = sc >> 6;
    profile->element.data_field = sc & 0x0F;
    profile->element_n = bytes[sc & 0x0F];
    profile->elements = record->data + 2;
    if (!profile->element_n)
        return false;
    profile->n = (record->data_n - 2) / profile->element_n;
    return read_spacing(profile, sc >> 4 & 3, record->data[1]);
}

/* Same VIB but for the VIFE that makes the profile. The extension bits differ at its place. */
static bool is_base_vib(const struct profile *profile, const struct record *base)
{
    const struct record *record = &profile->element;
    size_t cut = profile->vib->profile_at;
    if (base->vib_n + 1 != record->vib_n)
        return false;
    for (size_t i = 0; i < base->vib_n; i++)
        if ((base->vib[i] ^ record->vib[i + (i >= cut)]) & 0x7F)
            return false;
    return true;
}

static bool take_value(struct profile *profile, const struct record *base)
{
    struct decimal number;
    if (!record_number(base, profile->vib->data, &number) || number.digits > value_max)
        return false;
    profile->value = number.negative ? -(int64_t)number.digits : (int64_t)number.digits;
    return true;
}

static void find_base(struct profile *profile, const uint8_t *payload, size_t n)
{
    struct reader reader = reader_init(payload, n);
    struct record base;
    const struct record *record = &profile->element;
    while (record_next(&reader, &base) == RECORD_DATA) {
        if (base.storage != record->storage)
            continue;
        bool is_time = base.vib_n == 1 && (base.vib[0] == 0x6C || base.vib[0] == 0x6D);
        if (is_time && base.function == RECORD_INSTANTANEOUS && !profile->has_time &&
            base.data_field != DATA_VARIABLE)
            profile->has_time = data_time(base.data, base.data_n, &profile->time);
        if (!profile->has_value && base.function == record->function &&
            base.tariff == record->tariff && base.subunit == record->subunit &&
            is_base_vib(profile, &base))
            profile->has_value = take_value(profile, &base);
    }
}

bool profile_open(struct profile *profile, const struct record *record, const struct vib *vib,
                  const uint8_t *payload, size_t n)
{
    profile->element = *record;
    profile->vib = vib;
    profile->has_time = profile->has_value = false;
    profile->value = 0;
    if (vib->kind != VIB_STANDARD || vib->no_value ||
        (vib->data != VIF_NUMBER && vib->data != VIF_COUNT && vib->data != VIF_UNSIGNED))
        return false;
    if (!read_head(profile, record))
        return false;
    if (vib->profile == PROFILE_INVERSE)
        profile->step = -profile->step;
    find_base(profile, payload, n);
    return profile->mode == MODE_ABSOLUTE || profile->has_value;
}

/* Annex F: in an inverse profile the elements run against time, so differences change their sign.
 */
static int64_t next_value(const struct profile *profile, int64_t element)
{
    bool down = profile->mode == MODE_DECREMENTS;
    if (profile->mode == MODE_ABSOLUTE)
        return element;
    if (profile->vib->profile == PROFILE_INVERSE)
        down = !down;
    return profile->value + (down ? -element : element);
}

static bool exceeds(int64_t value)
{
    return value > (int64_t)value_max || value < -(int64_t)value_max;
}

enum profile_step profile_value(struct profile *profile, size_t i, struct decimal *number)
{
    static const enum vif_data signs[] = { VIF_NUMBER, VIF_UNSIGNED, VIF_UNSIGNED, VIF_NUMBER };
    struct record element = profile->element;
    bool is_absolute = profile->mode == MODE_ABSOLUTE;
    element.data = profile->elements + i * profile->element_n;
    element.data_n = profile->element_n;
    enum vif_data data = is_absolute ? profile->vib->data : signs[profile->mode];
    if (!record_number(&element, data, number) || number->digits > value_max)
        return is_absolute ? PROFILE_NO_VALUE : PROFILE_OVER;
    int64_t e = number->negative ? -(int64_t)number->digits : (int64_t)number->digits;
    int64_t value = next_value(profile, e);
    if (exceeds(value))
        return PROFILE_OVER;
    profile->value = value;
    *number =
        (struct decimal){ .negative = value < 0, .digits = (uint64_t)(value < 0 ? -value : value) };
    return record_normalise(profile->vib, number) ? PROFILE_VALUE : PROFILE_NO_VALUE;
}

bool profile_time(const struct profile *profile, size_t i, struct time_point *time)
{
    *time = profile->time;
    int steps = (int)i + 1;
    if (!profile->has_time || profile->spacing == SPACING_UNTIMED)
        return false;
    if (profile->spacing == SPACING_MONTHS)
        return time_add_months(time, steps * profile->step);
    return time_add_seconds(time, (int64_t)steps * profile->step);
}
