/* SPDX-License-Identifier: MIT */
#include "decode/record_value.h"

#include <math.h>
#include <string.h>

#include "decode/address.h"
#include "decode/data_type.h"

static const char hex_digits[] = "0123456789abcdef";

enum {
    LVAR_TEXT_LAST = 0xBF,
    LVAR_BCD = 0xC0,
    LVAR_BCD_NEGATIVE = 0xD0,
    LVAR_BINARY = 0xE0,
};

static char *put_hex(char *at, uint8_t byte)
{
    *at++ = hex_digits[byte >> 4];
    *at++ = hex_digits[byte & 0xF];
    return at;
}

void reading_set_hex(struct reading *reading, const uint8_t *bytes, size_t n)
{
    reading->kind = READING_TEXT;
    char *at = reading->text;
    for (size_t i = 0; i < n && i < READING_TEXT_SIZE / 2 - 1; i++)
        at = put_hex(at, bytes[i]);
    *at = 0;
}

static void set_hex_most_significant_first(struct reading *reading, const uint8_t *bytes, size_t n)
{
    reading->kind = READING_TEXT;
    char *at = reading->text;
    for (size_t i = n; i-- > 0;)
        at = put_hex(at, bytes[i]);
    *at = 0;
}

static bool is_text(const struct record *record)
{
    return record->data_field == DATA_VARIABLE && record->lvar <= LVAR_TEXT_LAST;
}

void reading_set_text(struct reading *reading, const uint8_t *bytes, size_t n, bool last_first)
{
    enum { MOST = (READING_TEXT_SIZE - 1) / 2 }; /* two bytes of UTF-8 for each */
    char *at = reading->text;
    for (size_t i = 0; i < n && i < MOST; i++) {
        uint8_t c = bytes[last_first ? n - 1 - i : i];
        if ((c & 0x7F) < 0x20 || c == 0x7F)
            continue;
        if (c >= 0x80)
            *at++ = (char)(0xC0 | c >> 6);
        *at++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    *at = 0;
    reading->kind = READING_TEXT;
}

static bool variable_number(const struct record *record, enum vif_data data, struct decimal *number)
{
    uint8_t lvar = record->lvar;
    if (lvar >= LVAR_BINARY && data == VIF_UNSIGNED)
        return data_unsigned(record->data, record->data_n, number);
    if (lvar >= LVAR_BINARY)
        return data_signed(record->data, record->data_n, number);
    if (lvar < LVAR_BCD || !data_bcd(record->data, record->data_n, number) || number->negative)
        return false;
    number->negative = lvar >= LVAR_BCD_NEGATIVE;
    return true;
}

bool record_number(const struct record *record, enum vif_data data, struct decimal *number)
{
    switch (record->data_field) {
    case DATA_NONE:
    case DATA_SELECTION:
    case DATA_REAL:
        return false;
    case DATA_VARIABLE:
        return variable_number(record, data, number);
    }
    if (record->data_field >= DATA_BCD_2)
        return data_bcd(record->data, record->data_n, number) &&
               !(data == VIF_UNSIGNED && number->negative);
    if (data == VIF_UNSIGNED)
        return data_unsigned(record->data, record->data_n, number);
    if (data == VIF_COUNT && data_all_ones(record->data, record->data_n))
        return false;
    return data_signed(record->data, record->data_n, number);
}

bool record_normalise(const struct vib *vib, struct decimal *number)
{
    const struct vif_unit_row *unit = &vif_units[vib->unit];
    number->exp10 += vib->exp10;
    if (vib->has_offset && !decimal_add_power(number, vib->offset_exp10))
        return false;
    number->exp10 += unit->exp10;
    decimal_multiply(number, unit->multiply);
    decimal_divide(number, unit->divide);
    return true;
}

static void set_real(const struct record *record, const struct vib *vib, struct reading *reading)
{
    const struct vif_unit_row *unit = &vif_units[vib->unit];
    double value;
    if (!data_real(record->data, &value))
        return;
    value *= pow(10, vib->exp10);
    if (vib->has_offset)
        value += pow(10, vib->offset_exp10);
    reading_set_real(reading, value * (double)unit->multiply / unit->divide * pow(10, unit->exp10));
}

/* A number longer than any that can be counted with. */
static bool is_wide(const struct record *record)
{
    enum { MOST_BINARY = 8, MOST_BCD = 9 };
    return record->data_field == DATA_VARIABLE &&
           record->data_n > (record->lvar >= LVAR_BINARY ? MOST_BINARY : MOST_BCD);
}

static enum vif_unit set_number(const struct record *record, const struct vib *vib,
                                struct reading *reading)
{
    struct decimal number;
    if (is_text(record)) {
        reading_set_text(reading, record->data, record->data_n, true);
        return UNIT_TEXT;
    }
    if (is_wide(record)) {
        reading_set_hex(reading, record->data, record->data_n);
        return UNIT_HEX;
    }
    if (record->data_field == DATA_REAL)
        set_real(record, vib, reading);
    else if (record_number(record, vib->data, &number) && record_normalise(vib, &number))
        reading_set_decimal(reading, &number);
    return vib->unit;
}

static enum vif_unit set_time(const struct record *record, struct reading *reading)
{
    static const enum vif_unit units[9] = {
        [2] = UNIT_DATE, [3] = UNIT_TIME, [4] = UNIT_DATETIME, [6] = UNIT_DATETIME
    };
    struct time_point time;
    bool is_integer = record->data_field <= 7 && record->data_field != DATA_REAL;
    if (!is_integer || units[record->data_n] == UNIT_NONE) {
        reading_set_hex(reading, record->data, record->data_n);
        return UNIT_HEX;
    }
    if (data_time(record->data, record->data_n, &time)) {
        time_print(&time, reading->text);
        reading->kind = READING_TEXT;
    }
    return units[record->data_n];
}

static void set_id(const struct record *record, struct reading *reading)
{
    if (is_text(record))
        reading_set_text(reading, record->data, record->data_n, true);
    else if (!data_all_ones(record->data, record->data_n))
        set_hex_most_significant_first(reading, record->data, record->data_n);
}

/* M-field at the start of bytes, as its letters. Returns false if it is not letters. */
static bool put_manufacturer(char text[ADDRESS_MANUFACTURER_TEXT + 1], const uint8_t *bytes)
{
    return address_manufacturer_text((uint16_t)(bytes[0] | bytes[1] << 8), text);
}

static void set_manufacturer(const struct record *record, struct reading *reading)
{
    if (record->data_field == 2 && put_manufacturer(reading->text, record->data))
        reading->kind = READING_TEXT;
    else
        set_id(record, reading);
}

/* Identification, manufacturer, version, device type, as in a long transport header. */
static void set_address(const struct record *record, struct reading *reading)
{
    char letters[ADDRESS_MANUFACTURER_TEXT + 1];
    if (record->data_field != 7 || !put_manufacturer(letters, record->data + 4)) {
        set_id(record, reading);
        return;
    }
    set_hex_most_significant_first(reading, record->data, 4);
    memcpy(reading->text + 8, letters, 3);
    char *at = put_hex(reading->text + 11, record->data[6]);
    *put_hex(at, record->data[7]) = 0;
}

enum vif_unit record_value(const struct record *record, const struct vib *vib,
                           struct reading *reading)
{
    reading->kind = READING_NULL;
    if (vib->no_value || record->data_field == DATA_NONE || record->data_field == DATA_SELECTION)
        return vib->unit;
    switch (vib->data) {
    case VIF_NUMBER:
    case VIF_COUNT:
    case VIF_UNSIGNED:
        return set_number(record, vib, reading);
    case VIF_FLAGS:
        set_hex_most_significant_first(reading, record->data, record->data_n);
        break;
    case VIF_ID:
        set_id(record, reading);
        break;
    case VIF_ADDRESS:
        set_address(record, reading);
        break;
    case VIF_TIME:
        return set_time(record, reading);
    case VIF_RAW:
        reading_set_hex(reading, record->data, record->data_n);
        break;
    case VIF_MANUFACTURER:
        set_manufacturer(record, reading);
        break;
    }
    return vib->unit;
}
