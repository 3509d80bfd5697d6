/* SPDX-License-Identifier: MIT */
#include "decode/plausible.h"

#include <string.h>

#include "decode/data_type.h"
#include "decode/record.h"
#include "decode/record_value.h"
#include "decode/vib.h"

static bool is_zero(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

/* With the bit that says "invalid", which meters set whose clock was never set. */
static bool is_time(const uint8_t *bytes, size_t n)
{
    enum { LONGEST = 6, TYPE_F = 4, TYPE_I = 6, INVALID = 0x80 };
    struct time_point time;
    uint8_t copy[LONGEST];
    if (n > LONGEST)
        return false;
    memcpy(copy, bytes, n);
    if (n == TYPE_F)
        copy[0] &= (uint8_t)~INVALID;
    if (n == TYPE_I)
        copy[1] &= (uint8_t)~INVALID;
    return data_time(copy, n, &time);
}

static bool is_plausible_time(const struct record *record)
{
    return is_time(record->data, record->data_n) || data_all_ones(record->data, record->data_n) ||
           is_zero(record->data, record->data_n);
}

/* More than a meter can count. */
static bool is_plausible_number(const struct record *record, enum vif_data data)
{
    static const uint64_t most = 10000000000000;
    struct decimal number;
    if (data_all_ones(record->data, record->data_n))
        return true;
    if (record_number(record, data, &number))
        return number.digits < most;
    /* The most negative integer is "no value"; BCD with letters among its digits is nothing. */
    return record->data_field < DATA_BCD_2;
}

static bool is_plausible_real(const struct record *record)
{
    double value, magnitude;
    if (!data_real(record->data, &value))
        return data_all_ones(record->data, record->data_n);
    magnitude = value < 0 ? -value : value;
    return magnitude == 0 || (magnitude > 1e-9 && magnitude < 1e12);
}

static bool is_plausible_text(const struct record *record)
{
    for (size_t i = 0; i < record->data_n; i++)
        if ((record->data[i] & 0x7F) < 0x20 && record->data[i] != 0)
            return false;
    return true;
}

static bool has_reserved_vife(const struct vib *vib)
{
    for (size_t i = 0; i < vib->n_qualifiers; i++)
        if (vib->qualifiers[i] == vib->reserved[i])
            return true;
    return false;
}

static bool is_plausible_value(const struct record *record, const struct vib *vib)
{
    switch (vib->data) {
    case VIF_NUMBER:
    case VIF_COUNT:
    case VIF_UNSIGNED:
        return record->data_field == DATA_REAL ? is_plausible_real(record)
                                               : is_plausible_number(record, vib->data);
    case VIF_TIME:
        return is_plausible_time(record);
    case VIF_FLAGS:
    case VIF_ID:
    case VIF_ADDRESS:
    case VIF_RAW:
    case VIF_MANUFACTURER:
        break;
    }
    return true;
}

static bool is_plausible(const struct record *record)
{
    enum { MOST_STORAGE = 0xFFFF, MOST_TARIFF = 15, LVAR_TEXT_LAST = 0xBF };
    struct vib vib;
    if (record->storage > MOST_STORAGE || record->tariff > MOST_TARIFF ||
        record->data_field == DATA_SELECTION)
        return false;
    vib_read(record, &vib);
    if (vib.kind == VIB_MANUFACTURER)
        return true;
    if (vib.kind == VIB_UNKNOWN || has_reserved_vife(&vib))
        return false;
    if (vib.no_value || vib.profile != PROFILE_NONE)
        return true;
    if (record->data_field == DATA_VARIABLE)
        return vib.data == VIF_RAW || record->lvar > LVAR_TEXT_LAST || is_plausible_text(record);
    return record->data_field != DATA_NONE && is_plausible_value(record, &vib);
}

bool plausible_records(const uint8_t *data, size_t n, bool only_manufacturers)
{
    enum { LEFT_OVER = 2 };
    struct reader reader = reader_init(data, n);
    struct record record;
    for (size_t count = 0;; count++) {
        switch (record_next(&reader, &record)) {
        case RECORD_DATA:
            if (!is_plausible(&record))
                return false;
            break;
        case RECORD_MANUFACTURER:
            return only_manufacturers || count > 0;
        case RECORD_END:
            return count > 0;
        case RECORD_BAD:
            return count > 0 && reader_left(&reader) == LEFT_OVER;
        }
    }
}
