/* SPDX-License-Identifier: MIT */
#include "decode/dlms.h"

#include <math.h>
#include <string.h>

#include "base/array_len.h"
#include "decode/obis.h"
#include "decode/reader.h"

/* Types of data (IEC 62056-6-2). */
enum {
    DLMS_NULL = 0x00,
    DLMS_ARRAY = 0x01,
    DLMS_STRUCTURE = 0x02,
    DLMS_BOOLEAN = 0x03,
    DLMS_BIT_STRING = 0x04,
    DLMS_OCTETS = 0x09,
    DLMS_VISIBLE = 0x0A,
    DLMS_UTF8 = 0x0C,
    DLMS_INTEGER = 0x0F,
    DLMS_ENUM = 0x16,
    DLMS_FLOAT = 0x17,
    DLMS_DOUBLE = 0x18,
};

enum {
    DATA_NOTIFICATION = 0x0F,
    INVOKE_ID = 4,
    MAX_DEPTH = 8,
};

struct item {
    uint8_t type;
    size_t n; /* bytes; of arrays and structures: elements */
    const uint8_t *bytes;
};

/* Bytes and sign of the types of fixed size. */
static const struct {
    uint8_t type, n;
    bool is_signed;
} integers[] = {
    { 0x03, 1, false }, { 0x05, 4, true },  { 0x06, 4, false }, { 0x0F, 1, true },
    { 0x10, 2, true },  { 0x11, 1, false }, { 0x12, 2, false }, { 0x14, 8, true },
    { 0x15, 8, false }, { 0x16, 1, false },
};
enum { N_INTEGERS = ARRAY_LEN(integers) };

static size_t read_length(struct reader *r)
{
    size_t n = reader_u8(r);
    if (n < 0x80)
        return n;
    size_t count = n & 0x7F;
    if (count == 0 || count > 2)
        r->bad = true;
    for (n = 0; count > 0; count--)
        n = n << 8 | reader_u8(r);
    return n;
}

static bool is_list(const struct item *item)
{
    return item->type == DLMS_ARRAY || item->type == DLMS_STRUCTURE;
}

/* Bytes of a type of fixed size; -1 for another. */
static int fixed_bytes(uint8_t type)
{
    for (size_t i = 0; i < N_INTEGERS; i++)
        if (integers[i].type == type)
            return integers[i].n;
    switch (type) {
    case DLMS_NULL:
        return 0;
    case DLMS_FLOAT:
        return 4;
    case DLMS_DOUBLE:
        return 8;
    case 0x19: /* date and time */
        return 12;
    case 0x1A: /* date */
        return 5;
    case 0x1B: /* time */
        return 4;
    default:
        return -1;
    }
}

static struct item next_item(struct reader *r)
{
    struct item item = { .type = reader_u8(r) };
    int fixed = fixed_bytes(item.type);
    if (fixed >= 0) {
        item.n = (size_t)fixed;
    } else if (is_list(&item)) {
        item.n = read_length(r);
        return item;
    } else if (item.type == DLMS_BIT_STRING) {
        item.n = (read_length(r) + 7) / 8;
    } else if (item.type == DLMS_OCTETS || item.type == DLMS_VISIBLE || item.type == DLMS_UTF8) {
        item.n = read_length(r);
    } else {
        r->bad = true; /* compact arrays and what is reserved have no length */
    }
    item.bytes = reader_bytes(r, r->bad ? 0 : item.n);
    if (!item.bytes)
        item.n = 0;
    return item;
}

static bool integer_of(const struct item *item, struct decimal *number)
{
    for (size_t k = 0; k < N_INTEGERS; k++) {
        if (integers[k].type != item->type)
            continue;
        bool negative = integers[k].is_signed && item->bytes[0] & 0x80;
        uint64_t raw = negative ? UINT64_MAX : 0;
        for (size_t i = 0; i < item->n; i++)
            raw = raw << 8 | item->bytes[i];
        *number = (struct decimal){ .negative = negative, .digits = negative ? 0 - raw : raw };
        return true;
    }
    return false;
}

static double real_of(const struct item *item)
{
    struct item raw = { .type = item->type == DLMS_FLOAT ? 0x06 : 0x15, item->n, item->bytes };
    struct decimal bits;
    float single;
    double value;
    integer_of(&raw, &bits);
    if (item->type == DLMS_DOUBLE) {
        memcpy(&value, &bits.digits, sizeof value);
        return value;
    }
    uint32_t half = (uint32_t)bits.digits;
    memcpy(&single, &half, sizeof single);
    return (double)single;
}

/* Six bytes that name something: a medium, and F mostly 255. */
static bool is_obis(const struct item *item)
{
    enum { LAST_MEDIUM = 15 };
    return item->type == DLMS_OCTETS && item->bytes &&
           item->n == sizeof((struct obis *)0)->groups && item->bytes[0] <= LAST_MEDIUM &&
           (item->bytes[5] == 0xFF || item->bytes[5] <= 99);
}

/* A structure of scaler and unit, if it comes next. A number whose scaler cannot be is none. */
static void take_unit(struct reader *r, struct obis_value *value)
{
    enum { MOST_SCALER = 18 };
    struct reader after = *r;
    struct decimal scaler;
    struct item list = next_item(&after), exponent = next_item(&after), unit = next_item(&after);
    if (after.bad || list.type != DLMS_STRUCTURE || list.n != 2 || exponent.type != DLMS_INTEGER ||
        unit.type != DLMS_ENUM || !integer_of(&exponent, &scaler))
        return;
    *r = after;
    if (scaler.digits > MOST_SCALER) {
        value->kind = OBIS_NULL;
        return;
    }
    int exp10 = scaler.negative ? -(int)scaler.digits : (int)scaler.digits;
    value->number.exp10 = exp10;
    value->real *= pow(10, exp10);
    value->unit = unit.bytes[0];
}

static void set_value(const struct item *item, struct obis_value *value)
{
    if (integer_of(item, &value->number)) {
        value->kind = OBIS_NUMBER;
    } else if (item->type == DLMS_FLOAT || item->type == DLMS_DOUBLE) {
        value->real = real_of(item);
        value->kind = isfinite(value->real) ? OBIS_REAL : OBIS_NULL;
    } else if (item->n > 0) {
        value->kind = OBIS_BYTES;
        value->bytes = item->bytes;
        value->n = item->n;
    }
}

static void read_data(struct reading_sink *sink, struct reader *r, int depth);

/* Returns the elements taken beside the value: its scaler and unit may be one. */
static void read_value(struct reading_sink *sink, struct reader *r, const struct item *code,
                       size_t *left, int depth)
{
    struct obis_value value = { .kind = OBIS_NULL };
    struct reader start = *r;
    struct item item = next_item(r);
    if (r->bad)
        return;
    --*left;
    if (is_list(&item)) {
        *r = start;
        read_data(sink, r, depth + 1);
        return;
    }
    memcpy(value.obis.groups, code->bytes, sizeof value.obis.groups);
    set_value(&item, &value);
    size_t at = r->at;
    if (*left > 0 && (value.kind == OBIS_NUMBER || value.kind == OBIS_REAL))
        take_unit(r, &value);
    *left -= r->at > at;
    if (value.kind != OBIS_REAL || isfinite(value.real))
        obis_read(sink, &value);
}

static void read_data(struct reading_sink *sink, struct reader *r, int depth)
{
    struct item list = next_item(r);
    if (!is_list(&list))
        return;
    if (depth == MAX_DEPTH)
        r->bad = true;
    for (size_t left = list.n; left > 0 && !r->bad;) {
        struct reader start = *r;
        struct item item = next_item(r);
        left--;
        if (is_obis(&item) && left > 0) {
            read_value(sink, r, &item, &left, depth);
        } else if (is_list(&item)) {
            *r = start;
            read_data(sink, r, depth + 1);
        }
    }
}

enum decode_status dlms_read(struct reading_sink *sink, const uint8_t *data, size_t n)
{
    static const uint8_t llc[] = { 0xE6, 0xE7, 0x00 };
    struct reader r = reader_init(data, n);
    while (reader_left(&r) > 0 && r.bytes[r.at] == 0x2F) /* check bytes of modes 5 and 7 */
        r.at++;
    if (reader_left(&r) > sizeof llc && memcmp(r.bytes + r.at, llc, sizeof llc) == 0)
        r.at += sizeof llc;
    if (reader_u8(&r) != DATA_NOTIFICATION)
        return DECODE_UNSUPPORTED;
    reader_bytes(&r, INVOKE_ID);
    reader_bytes(&r, read_length(&r)); /* date and time */
    read_data(sink, &r, 0);
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}
