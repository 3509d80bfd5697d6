/* SPDX-License-Identifier: MIT */
#include "decode/driver_value.h"

#include <math.h>
#include <string.h>

#include "decode/data_type.h"
#include "decode/driver_time.h"
#include "decode/driver_unit.h"
#include "decode/record_value.h"

bool driver_integer(const struct driver_bytes *as, const uint8_t *bytes, size_t n, uint64_t *value)
{
    if (n > sizeof *value)
        return false;
    *value = 0;
    for (size_t i = 0; i < n; i++)
        *value = *value << 8 | bytes[as->big_endian ? i : n - 1 - i];
    if (as->n_bits) {
        *value = as->first_bit < 64 ? *value >> as->first_bit : 0;
        if (as->n_bits < 64)
            *value &= ((uint64_t)1 << as->n_bits) - 1;
    }
    return true;
}

/* ---- numbers ---- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* number * multiply / divide, both below 2^63 and without a common divisor after this. A divisor
 * that is too large loses its last digits together with the multiplier. */
static void scale(struct decimal *number, uint64_t multiply, uint64_t divide)
{
    uint64_t common = common_divisor(multiply, divide);
    if (common > 1) {
        multiply /= common;
        divide /= common;
    }
    for (; divide > 1000000000; divide /= 10)
        number->exp10--;
    decimal_multiply(number, multiply);
    decimal_divide(number, (uint32_t)divide);
}

/* From the unit of the VIF to the one the rule wants; both have one dimension, the reader of the
 * driver saw to that as far as the VIF is known. Returns false if they have not. */
static bool convert(struct decimal *number, enum vif_unit from, const char *to)
{
    const struct vif_unit_row *row = &vif_units[from];
    const struct driver_unit *a = driver_unit_find(row->name), *b = driver_unit_find(to);
    if (!a || !b || strcmp(a->dimension, b->dimension) != 0)
        return false;
    number->exp10 += row->exp10;
    uint64_t multiply = row->multiply * a->multiply, divide = (uint64_t)row->divide * a->divide;
    uint64_t common = common_divisor(multiply, divide);
    scale(number, multiply / common * b->divide, divide / common * b->multiply);
    return true;
}

static void set_decimal(const struct driver_rule *rule, struct decimal *number,
                        struct reading *reading, struct driver_value *value)
{
    if (rule->multiply != 1 || rule->divide != 1)
        scale(number, rule->multiply, rule->divide);
    number->exp10 += rule->exp10;
    reading_set_decimal(reading, number);
    value->kind = VALUE_NUMBER;
    value->number = decimal_to_double(number);
}

void driver_set_real(const struct driver_rule *rule, double number, struct reading *reading,
                     struct driver_value *value)
{
    value->number = number * (double)rule->multiply / rule->divide * pow(10, rule->exp10);
    value->kind = reading_set_real(reading, value->number) ? VALUE_NUMBER : VALUE_NONE;
}

/* ---- text ---- */

/* In upper case, as it is printed on meters. */
static void set_hex(struct reading *reading, const uint8_t *bytes, size_t n, bool reversed)
{
    uint8_t turned[255];
    n = n < sizeof turned ? n : sizeof turned;
    for (size_t i = 0; i < n; i++)
        turned[i] = bytes[reversed ? n - 1 - i : i];
    reading_set_hex(reading, turned, n);
    for (char *c = reading->text; *c; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
}

/* Printable characters, at least one, that may have zeros on either side to fill up. */
static bool is_text(const uint8_t *bytes, size_t n)
{
    size_t at = 0;
    while (n > 0 && bytes[n - 1] == 0)
        n--;
    while (at < n && bytes[at] == 0)
        at++;
    const size_t first = at;
    while (at < n && bytes[at] >= ' ' && bytes[at] <= '~')
        at++;
    return at == n && at > first;
}

/* Some makers fill such bytes with characters in one model and with a number in the next. */
static void set_text(struct reading *reading, const uint8_t *bytes, size_t n, bool reversed)
{
    if (is_text(bytes, n))
        reading_set_text(reading, bytes, n, reversed);
    else
        set_hex(reading, bytes, n, reversed);
}

/* ---- the types ---- */

static bool read_number(const struct driver_rule *rule, const uint8_t *bytes, size_t n,
                        struct decimal *number)
{
    uint64_t raw;
    *number = (struct decimal){ 0 };
    if (rule->type == DRIVER_BCD) {
        uint8_t turned[9];
        if (n == 0 || n > sizeof turned)
            return false;
        for (size_t i = 0; i < n; i++)
            turned[i] = bytes[rule->bytes.big_endian ? n - 1 - i : i];
        return data_bcd(turned, n, number);
    }
    if (!driver_integer(&rule->bytes, bytes, n, &raw) ||
        (rule->has_invalid && raw == rule->invalid))
        return false;
    unsigned bits = rule->bytes.n_bits ? rule->bytes.n_bits : 8 * (unsigned)n;
    number->negative = rule->type == DRIVER_INT && bits && raw >> (bits - 1) & 1;
    if (number->negative && bits < 64)
        raw |= ~(uint64_t)0 << bits;
    number->digits = number->negative ? 0 - raw : raw;
    return true;
}

void driver_bytes_value(const struct driver_rule *rule, const uint8_t *bytes, size_t n,
                        const struct time_point *before, struct reading *reading,
                        struct driver_value *value)
{
    struct decimal number;
    struct time_point time;
    double real;
    reading->kind = READING_NULL;
    value->kind = VALUE_NONE;
    switch (rule->type) {
    case DRIVER_AUTO:
    case DRIVER_UINT:
    case DRIVER_INT:
    case DRIVER_BCD:
        if (read_number(rule, bytes, n, &number))
            set_decimal(rule, &number, reading, value);
        break;
    case DRIVER_REAL:
        if (n == 4 && data_real(bytes, &real))
            driver_set_real(rule, real, reading, value);
        break;
    case DRIVER_DATE:
    case DRIVER_DATE_ANY:
    case DRIVER_DATE_BCD:
    case DRIVER_DATE_BCD_YMD:
    case DRIVER_DATETIME_BCD:
    case DRIVER_DATE_9_4_5:
    case DRIVER_DATE_NEXT:
    case DRIVER_DATE_2000:
        if (driver_read_time(rule->type, bytes, n, before, &time))
            driver_set_time(rule, &time, reading, value);
        break;
    case DRIVER_TEXT:
    case DRIVER_TEXT_REVERSED:
        set_text(reading, bytes, n, rule->type == DRIVER_TEXT_REVERSED);
        break;
    case DRIVER_HEX:
    case DRIVER_HEX_REVERSED:
        set_hex(reading, bytes, n, rule->type == DRIVER_HEX_REVERSED);
        break;
    case N_DRIVER_TYPES:
        break;
    }
}

/* ---- records ---- */

static const uint8_t *record_bytes(const struct driver_rule *rule, const struct record *record,
                                   size_t *n)
{
    size_t at =
        rule->bytes.at < 0 ? record->data_n + (size_t)rule->bytes.at : (size_t)rule->bytes.at;
    *n = rule->bytes.n ? rule->bytes.n : record->data_n;
    if (!rule->bytes.n)
        return record->data;
    return at <= record->data_n && *n <= record->data_n - at ? record->data + at : NULL;
}

bool driver_record_integer(const struct driver_rule *rule, const struct record *record,
                           uint64_t *value)
{
    size_t n;
    const uint8_t *bytes = record_bytes(rule, record, &n);
    if (!bytes || !n)
        return false;
    if (record->data_field >= DATA_BCD_2 && record->data_field != DATA_VARIABLE &&
        rule->type != DRIVER_UINT) {
        struct decimal number;
        if (rule->bytes.n || !data_bcd(bytes, n, &number) || number.negative)
            return false;
        *value = number.digits;
        return true;
    }
    return driver_integer(&rule->bytes, bytes, n < 8 ? n : 8, value);
}

/* The quantity in front of a manufacturer's VIFE (07 FF A6 00: energy), or just a number (FF 07).
 */
static void read_manufacturers(const struct record *record, struct vib *vib)
{
    struct record standard = *record;
    if ((record->vib[0] & 0x7F) == 0x7F) {
        *vib = (struct vib){ .kind = VIB_STANDARD, .data = VIF_UNSIGNED, .unit = UNIT_NONE };
        return;
    }
    standard.vib_n = vib_code(record->vib, record->vib_n).n;
    vib_read(&standard, vib);
}

static bool is_time(const struct vib *vib, const struct record *record, struct time_point *time,
                    bool *valid)
{
    bool integer =
        record->data_field <= 7 && record->data_field != DATA_REAL &&
        (record->data_n == 2 || record->data_n == 3 || record->data_n == 4 || record->data_n == 6);
    if (vib->data != VIF_TIME || !integer)
        return false;
    *valid = !vib->no_value && data_time(record->data, record->data_n, time);
    return true;
}

static void set_number(const struct driver_rule *rule, const struct vib *vib,
                       struct decimal *number, struct reading *reading, struct driver_value *value)
{
    bool ok;
    if (rule->has_invalid && !number->negative && number->digits == rule->invalid)
        return;
    if (rule->unit && !vib->has_offset) {
        number->exp10 += vib->exp10;
        ok = convert(number, vib->unit, rule->unit);
    } else {
        ok = record_normalise(vib, number);
    }
    if (ok)
        set_decimal(rule, number, reading, value);
}

static bool is_number(const struct vib *vib, const struct record *record)
{
    return vib->data <= VIF_UNSIGNED && record->data_field != DATA_REAL &&
           !(record->data_field == DATA_VARIABLE && (record->lvar <= 0xBF || record->data_n > 9));
}

static bool is_id(const struct vib *vib, const struct record *record)
{
    return (vib->data == VIF_ADDRESS || vib->data == VIF_ID) &&
           record->data_field != DATA_VARIABLE && record->data_n > 0;
}

/* Most significant digit first. */
static void set_id(const struct record *record, struct reading *reading)
{
    if (!data_all_ones(record->data, record->data_n))
        set_hex(reading, record->data, record->data_n, true);
}

static bool automatic(const struct driver_rule *rule, const struct record *record,
                      const struct vib *vib, struct reading *reading, struct driver_value *value)
{
    struct time_point time;
    struct decimal number;
    bool valid = false;
    if (is_time(vib, record, &time, &valid)) {
        if (valid)
            driver_set_time(rule, &time, reading, value);
    } else if (is_number(vib, record)) {
        if (!vib->no_value && record_number(record, vib->data, &number))
            set_number(rule, vib, &number, reading, value);
    } else if (is_id(vib, record)) {
        set_id(record, reading);
    } else {
        enum vif_unit unit = record_value(record, vib, reading);
        if (reading->kind == READING_REAL)
            driver_set_real(rule, reading->real, reading, value);
        return unit == vib->unit || (unit != UNIT_TEXT && unit != UNIT_HEX);
    }
    return true;
}

bool driver_record_value(const struct driver_rule *rule, const struct record *record,
                         const struct vib *vib, const struct decimal *number,
                         struct reading *reading, struct driver_value *value)
{
    struct vib own;
    size_t n;
    reading->kind = READING_NULL;
    value->kind = VALUE_NONE;
    if (number) {
        struct decimal copy = *number;
        set_decimal(rule, &copy, reading, value);
        return true;
    }
    if (vib->kind == VIB_MANUFACTURER) {
        read_manufacturers(record, &own);
        vib = &own;
    }
    if (rule->type == DRIVER_AUTO && !rule->bytes.n && !rule->bytes.n_bits)
        return automatic(rule, record, vib, reading, value) ||
               vib == &own; /* the manufacturer's are of any kind */
    const uint8_t *bytes = record_bytes(rule, record, &n);
    if (!bytes)
        return true;
    struct decimal raw;
    if (rule->type <= DRIVER_BCD && vib->data <= VIF_UNSIGNED && !rule->is_raw) {
        if (read_number(rule, bytes, n, &raw))
            set_number(rule, vib, &raw, reading, value);
    } else {
        driver_bytes_value(rule, bytes, n, NULL, reading, value);
    }
    return true;
}
