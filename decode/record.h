/* SPDX-License-Identifier: MIT
 * Application data: data records (EN 13757-3:2018, DIF/DIFE, VIF/VIFE, data) and the readings they
 * carry. */
#ifndef DECODE_RECORD_H
#define DECODE_RECORD_H

#include "decode/reader.h"
#include "decode/telegram.h"

enum {
    RECORD_MAX_DIFE = 10,
    RECORD_MAX_VIFE = 10,
    RECORD_MAX_VIB = 1 + RECORD_MAX_VIFE,
};

enum record_function { RECORD_INSTANTANEOUS, RECORD_MAXIMUM, RECORD_MINIMUM, RECORD_ERROR };

/* Low nibble of the DIF, where a value of it has to be told from the others. */
enum {
    DATA_NONE = 0x0,
    DATA_REAL = 0x5,
    DATA_SELECTION = 0x8,
    DATA_BCD_2 = 0x9,
    DATA_VARIABLE = 0xD,
    DATA_BCD_12 = 0xE,
    DATA_SPECIAL = 0xF,
};

/* One record. Pointers are into the bytes it was read from. */
struct record {
    enum record_function function;
    uint8_t data_field;
    uint64_t storage; /* 41 bits with ten DIFEs */
    uint32_t tariff;
    uint16_t subunit;
    uint8_t vib[RECORD_MAX_VIB]; /* VIF and VIFEs, without the text of a plain-text unit */
    size_t vib_n;
    const uint8_t *unit; /* of VIF 7C and FC, as sent: last character first */
    size_t unit_n;
    uint8_t lvar;    /* with DATA_VARIABLE */
    size_t header_n; /* bytes in front of data, set by record_next */
    const uint8_t *data;
    size_t data_n;
};

enum record_kind {
    RECORD_DATA,
    RECORD_MANUFACTURER, /* DIF 0F and 1F: data, data_n is the rest of the message */
    RECORD_END,
    RECORD_BAD, /* runs past the end, or has a reserved coding whose length is not known: the reader
                   stands where the record began */
};

/* The next record; idle fillers (DIF 2F) before it are skipped. Fills *record unless RECORD_END. */
enum record_kind record_next(struct reader *reader, struct record *record);

/* Before the first record of a telegram that has records; a compact frame's are in its full frame.
 */
static inline struct reader record_reader(const struct telegram *telegram)
{
    return telegram->full_n ? reader_init(telegram->full, telegram->full_n)
                            : reader_init(telegram->payload, telegram->payload_n);
}

/* record_next in the payload of a telegram, of which it notes headers and more_follows. At the
 * start headers are empty. */
enum record_kind record_next_noted(struct reader *reader, struct record *record,
                                   struct telegram *telegram);

/* DIF, DIFEs, VIF, VIFEs and plain-text unit, without data (the content of a format frame). Returns
 * RECORD_DATA, RECORD_MANUFACTURER (data not set) or RECORD_BAD. */
enum record_kind record_header(struct reader *reader, struct record *record);

/* The data that belong to a header. Returns RECORD_DATA or RECORD_BAD. */
enum record_kind record_data(struct reader *reader, struct record *record);

/* Reads all records of telegram->payload[0 .. payload_n), which must be in clear, and appends a
 * reading for each to telegram->readings. Names are made unique with _2, _3 ... What cannot be read
 * (manufacturer's data, reserved codes) becomes a text reading of its hex, so nothing is dropped.
 * Returns DECODE_OK, or DECODE_BAD_LENGTH if a record runs past the end or has a reserved DIF or
 * LVAR: the readings before it stand, the rest is kept as hex. */
enum decode_status record_read_all(struct telegram *telegram);

#endif
