/* SPDX-License-Identifier: MIT */
#include "decode/sml.h"

#include <string.h>

#include "decode/obis.h"
#include "decode/reader.h"

enum sml_type {
    SML_BYTES = 0x0,
    SML_BOOLEAN = 0x4,
    SML_INTEGER = 0x5,
    SML_UNSIGNED = 0x6,
    SML_LIST = 0x7,
};

enum {
    MAX_DEPTH = 8, /* a list of values is nested four deep */
    ESCAPE = 0x1B,
    START = 0x01,
    END = 0x1A,
    GET_LIST_RESPONSE = 0x0701,
    MESSAGE_FIELDS = 6,
    ENTRY_FIELDS = 7,
    LIST_FIELDS = 7,
};

struct sml_item {
    enum sml_type type;
    const uint8_t *bytes; /* but of lists */
    size_t n;             /* bytes; of lists: elements */
};

/* CRC-16/X-25 (ISO/IEC 3309), and with another start, and not inverted, that of some older meters.
 */
static uint16_t crc16_ccitt(const uint8_t *bytes, size_t n, uint16_t crc)
{
    enum { POLYNOMIAL_REVERSED = 0x8408 };
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ POLYNOMIAL_REVERSED : crc >> 1);
    }
    return crc;
}

static bool crc_holds(const uint8_t *bytes, size_t n, uint16_t sent)
{
    uint16_t x25 = crc16_ccitt(bytes, n, 0xFFFF) ^ 0xFFFF, kermit = crc16_ccitt(bytes, n, 0);
    uint16_t swapped = (uint16_t)(sent << 8 | sent >> 8);
    return sent == x25 || swapped == x25 || sent == kermit || swapped == kermit;
}

/* Type and length field, and, but of lists, what it counts. An absent optional value has length 0.
 */
static struct sml_item next_item(struct reader *r)
{
    uint8_t tl = reader_u8(r);
    struct sml_item item = { .type = (enum sml_type)(tl >> 4 & 7), .n = tl & 0x0F };
    size_t header = 1;
    while (tl & 0x80 && header < 3) {
        tl = reader_u8(r);
        item.n = item.n << 4 | (tl & 0x0F);
        header++;
    }
    if (item.type == SML_LIST)
        return item;
    if (tl & 0x80 || item.n < header)
        r->bad = true;
    else
        item.n -= header;
    item.bytes = reader_bytes(r, r->bad ? 0 : item.n);
    if (!item.bytes)
        item.n = 0;
    return item;
}

static void skip_item(struct reader *r, int depth)
{
    struct sml_item item = next_item(r);
    if (item.type != SML_LIST)
        return;
    if (depth == MAX_DEPTH)
        r->bad = true;
    for (size_t i = 0; i < item.n && !r->bad; i++)
        skip_item(r, depth + 1);
}

static bool enter_list(struct reader *r, size_t fields)
{
    struct sml_item list = next_item(r);
    if (list.type != SML_LIST || list.n != fields)
        r->bad = true;
    return !r->bad;
}

/* Big-endian, of 1 to 8 bytes; a shorter one than its type keeps its sign. */
static bool integer_of(const struct sml_item *item, struct decimal *number)
{
    bool is_signed = item->type == SML_INTEGER;
    uint64_t raw = 0;
    if ((item->type != SML_INTEGER && item->type != SML_UNSIGNED && item->type != SML_BOOLEAN) ||
        item->n < 1 || item->n > 8)
        return false;
    bool negative = is_signed && item->bytes[0] & 0x80;
    for (size_t i = 0; i < 8; i++) {
        size_t missing = 8 - item->n;
        raw = raw << 8 | (i < missing ? (negative ? 0xFF : 0) : item->bytes[i - missing]);
    }
    *number = (struct decimal){ .negative = negative, .digits = negative ? 0 - raw : raw };
    return true;
}

/* 0 if it is absent, far too many if it is no small integer. */
static int64_t small_integer(const struct sml_item *item)
{
    enum { FAR_TOO_MANY = 1000001 };
    struct decimal number;
    if (item->type == SML_BYTES && item->n == 0)
        return 0;
    if (!integer_of(item, &number) || number.digits >= FAR_TOO_MANY)
        return FAR_TOO_MANY;
    return number.negative ? -(int64_t)number.digits : (int64_t)number.digits;
}

/* SML_ListEntry: name, status, time, unit, scaler, value, signature. */
static void read_entry(struct reading_sink *sink, struct reader *r)
{
    enum { MOST_SCALER = 18 };
    if (!enter_list(r, ENTRY_FIELDS))
        return;
    struct obis_value value = { .kind = OBIS_NULL };
    struct sml_item name = next_item(r);
    skip_item(r, 0); /* status */
    skip_item(r, 0); /* time */
    struct sml_item unit = next_item(r), scaler = next_item(r), item = next_item(r);
    skip_item(r, 0); /* signature */
    if (r->bad || name.type != SML_BYTES || name.n != sizeof value.obis.groups ||
        item.type == SML_LIST)
        return;
    memcpy(value.obis.groups, name.bytes, sizeof value.obis.groups);
    int64_t exponent = small_integer(&scaler);
    if (integer_of(&item, &value.number) && exponent >= -MOST_SCALER && exponent <= MOST_SCALER) {
        value.kind = OBIS_NUMBER;
        value.number.exp10 = (int)exponent;
    } else if (item.type == SML_BYTES && item.n > 0) {
        value.kind = OBIS_BYTES;
        value.bytes = item.bytes;
        value.n = item.n;
    }
    int64_t code = small_integer(&unit);
    value.unit = code >= 0 && code <= UINT8_MAX ? (uint8_t)code : 0;
    obis_read(sink, &value);
}

/* SML_GetList.Res: client, server, name, time, values, signature, gateway's time. */
static void read_list(struct reading_sink *sink, struct reader *r)
{
    if (!enter_list(r, LIST_FIELDS))
        return;
    for (int i = 0; i < 4; i++)
        skip_item(r, 0);
    struct sml_item values = next_item(r);
    if (values.type != SML_LIST)
        r->bad = true;
    for (size_t i = 0; i < values.n && !r->bad; i++)
        read_entry(sink, r);
    skip_item(r, 0);
    skip_item(r, 0);
}

/* Checks form and CRC of a message; one with a list is then read. */
static enum decode_status read_message(struct reading_sink *sink, struct reader *r)
{
    size_t start = r->at;
    struct decimal tag, crc;
    if (!enter_list(r, MESSAGE_FIELDS))
        return DECODE_BAD_LENGTH;
    for (int i = 0; i < 3; i++)
        skip_item(r, 0); /* transaction, group, what to do on errors */
    if (!enter_list(r, 2))
        return DECODE_BAD_LENGTH;
    struct sml_item item = next_item(r);
    bool is_list = integer_of(&item, &tag) && tag.digits == GET_LIST_RESPONSE;
    struct reader body = *r;
    skip_item(r, 0);
    size_t end = r->at;
    item = next_item(r);
    if (r->bad || !integer_of(&item, &crc) || reader_u8(r) != 0 || r->bad)
        return DECODE_BAD_LENGTH;
    if (!crc_holds(r->bytes + start, end - start, (uint16_t)crc.digits))
        return DECODE_BAD_CRC;
    if (is_list)
        read_list(sink, &body);
    return body.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

static enum decode_status read_messages(struct reading_sink *sink, const uint8_t *data, size_t n)
{
    enum { FILLER = 0x00, MBUS_FILLER = 0x2F };
    struct reader r = reader_init(data, n);
    while (reader_left(&r) > 0) {
        uint8_t next = r.bytes[r.at];
        if (next == FILLER || next == MBUS_FILLER) {
            r.at++;
            continue;
        }
        enum decode_status status = read_message(sink, &r);
        if (status != DECODE_OK)
            return status;
    }
    return DECODE_OK;
}

static bool is_four(const uint8_t *bytes, size_t left, uint8_t byte)
{
    return left >= 4 && bytes[0] == byte && bytes[1] == byte && bytes[2] == byte &&
           bytes[3] == byte;
}

/* A file: 1B x 4, 01 x 4, messages in which 1B x 4 stands twice, 1B x 4, 1A, fillers, CRC. */
static enum decode_status read_file(struct reading_sink *sink, const uint8_t *data, size_t n)
{
    uint8_t bare[TELEGRAM_MAX_PAYLOAD];
    size_t n_bare = 0;
    for (size_t at = 8; at + 8 <= n;) {
        if (!is_four(data + at, n - at, ESCAPE)) {
            bare[n_bare++] = data[at++];
            continue;
        }
        if (is_four(data + at + 4, n - at - 4, ESCAPE)) {
            memcpy(bare + n_bare, data + at, 4);
            n_bare += 4;
            at += 8;
            continue;
        }
        if (data[at + 4] != END)
            return DECODE_BAD_LENGTH;
        uint16_t sent = (uint16_t)(data[at + 6] | data[at + 7] << 8);
        if (!crc_holds(data, at + 6, sent))
            return DECODE_BAD_CRC;
        return read_messages(sink, bare, n_bare);
    }
    return DECODE_BAD_LENGTH;
}

enum decode_status sml_read(struct reading_sink *sink, const uint8_t *data, size_t n)
{
    if (n >= 8 && is_four(data, n, ESCAPE) && is_four(data + 4, n - 4, START))
        return read_file(sink, data, n);
    return read_messages(sink, data, n);
}
