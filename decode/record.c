/* SPDX-License-Identifier: MIT */
#include "decode/record.h"

#include <string.h>

enum {
    EXTENSION = 0x80,
    DIF_MANUFACTURER = 0x0F,
    DIF_MANUFACTURER_MORE = 0x1F,
    DIF_IDLE = 0x2F,
    VIF_PLAIN_TEXT = 0x7C,
    UNIT_MAX = 32, /* longest plain-text unit believed (protocol note: application, section 6) */
};

static bool read_dib(struct reader *reader, uint8_t dif, struct record *record)
{
    record->data_field = dif & 0x0F;
    record->function = (enum record_function)(dif >> 4 & 3);
    record->storage = dif >> 6 & 1;
    record->tariff = 0;
    record->subunit = 0;
    bool more = dif & EXTENSION;
    for (unsigned k = 0; more; k++) {
        if (k == RECORD_MAX_DIFE)
            return false;
        uint8_t dife = reader_u8(reader);
        record->storage |= (uint64_t)(dife & 0x0F) << (4 * k + 1);
        record->tariff |= (uint32_t)(dife >> 4 & 3) << (2 * k);
        record->subunit = (uint16_t)(record->subunit | (dife >> 6 & 1) << k);
        more = dife & EXTENSION;
    }
    return !reader->bad;
}

static bool read_vifes(struct reader *reader, struct record *record)
{
    while (record->vib[record->vib_n - 1] & EXTENSION) {
        if (record->vib_n == RECORD_MAX_VIB)
            return false;
        record->vib[record->vib_n++] = reader_u8(reader);
    }
    return !reader->bad;
}

static bool is_printable(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((text[i] & 0x7F) < 0x20 || text[i] == 0x7F)
            return false;
    return true;
}

static bool read_unit(struct reader *reader, struct record *record)
{
    size_t n = reader_u8(reader);
    if (n > UNIT_MAX)
        return false;
    record->unit = reader_bytes(reader, n);
    record->unit_n = n;
    return record->unit && is_printable(record->unit, n);
}

/* A plain-text unit stands behind the whole VIB (EN 13757-3:2018) or directly behind the VIF (M-Bus
 * documentation 4.8, and meters in the field). Only the bytes tell: the first is tried first. */
static bool read_plain_text_vib(struct reader *reader, struct record *record)
{
    struct reader start = *reader;
    if (read_vifes(reader, record) && read_unit(reader, record))
        return true;
    *reader = start;
    record->vib_n = 1;
    return read_unit(reader, record) && read_vifes(reader, record);
}

static bool read_vib(struct reader *reader, struct record *record)
{
    record->vib[0] = reader_u8(reader);
    record->vib_n = 1;
    record->unit = NULL;
    record->unit_n = 0;
    if (reader->bad)
        return false;
    if ((record->vib[0] & ~EXTENSION) == VIF_PLAIN_TEXT)
        return read_plain_text_vib(reader, record);
    return read_vifes(reader, record);
}

enum record_kind record_header(struct reader *reader, struct record *record)
{
    struct reader start = *reader;
    uint8_t dif = reader_u8(reader);
    if (dif == DIF_MANUFACTURER || dif == DIF_MANUFACTURER_MORE)
        return RECORD_MANUFACTURER;
    if ((dif & 0x0F) != DATA_SPECIAL && read_dib(reader, dif, record) && read_vib(reader, record))
        return RECORD_DATA;
    *reader = start;
    return RECORD_BAD;
}

/* Bytes behind an LVAR (EN 13757-3:2018 Table 5); -1: reserved. */
static int lvar_bytes(uint8_t lvar)
{
    if (lvar <= 0xBF)
        return lvar;
    if (lvar >= 0xE0 && lvar <= 0xEF)
        return lvar - 0xE0;
    if (lvar >= 0xF0 && lvar <= 0xF4)
        return 4 * (lvar - 0xEC);
    if (lvar == 0xF5)
        return 48;
    if (lvar == 0xF6)
        return 64;
    return lvar <= 0xDF && (lvar & 0x0F) <= 9 ? lvar & 0x0F : -1; /* BCD, C0-C9 and D0-D9 */
}

enum record_kind record_data(struct reader *reader, struct record *record)
{
    static const int bytes[16] = { 0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, -1 };
    struct reader start = *reader;
    int n = bytes[record->data_field];
    record->lvar = 0;
    if (record->data_field == DATA_VARIABLE) {
        record->lvar = reader_u8(reader);
        n = reader->bad ? -1 : lvar_bytes(record->lvar);
    }
    record->data = n < 0 ? NULL : reader_bytes(reader, (size_t)n);
    record->data_n = n < 0 ? 0 : (size_t)n;
    if (record->data)
        return RECORD_DATA;
    *reader = start;
    return RECORD_BAD;
}

enum record_kind record_next(struct reader *reader, struct record *record)
{
    while (reader_left(reader) && reader->bytes[reader->at] == DIF_IDLE)
        reader->at++;
    if (!reader_left(reader))
        return RECORD_END;
    struct reader start = *reader;
    enum record_kind kind = record_header(reader, record);
    if (kind == RECORD_DATA)
        kind = record_data(reader, record);
    if (kind == RECORD_MANUFACTURER) {
        record->data_n = reader_left(reader);
        record->data = reader_bytes(reader, record->data_n);
    }
    if (kind == RECORD_BAD)
        *reader = start;
    else
        record->header_n = (size_t)(record->data - (start.bytes + start.at));
    return kind;
}

static void note_header(struct record_headers *headers, const struct record *record)
{
    bool with_lvar = record->data_field == DATA_VARIABLE; /* which counts as data */
    const uint8_t *header = record->data - record->header_n;
    size_t n = record->header_n - with_lvar;
    if (n > sizeof headers->bytes - headers->n) {
        headers->is_cut = true;
        return;
    }
    memcpy(headers->bytes + headers->n, header, n);
    headers->n = (uint8_t)(headers->n + n);
}

enum record_kind record_next_noted(struct reader *reader, struct record *record,
                                   struct telegram *telegram)
{
    enum record_kind kind = record_next(reader, record);
    switch (kind) {
    case RECORD_DATA:
        note_header(&telegram->headers, record);
        break;
    case RECORD_MANUFACTURER:
        telegram->more_follows = record->data[-1] == DIF_MANUFACTURER_MORE;
        telegram->headers.is_cut = true;
        break;
    case RECORD_BAD:
        telegram->headers.is_cut = true;
        break;
    case RECORD_END:
        break;
    }
    return kind;
}
