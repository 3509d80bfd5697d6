/* SPDX-License-Identifier: MIT
 * Compact frames (EN 13757-3:2018, Annex G; CI 73, 79, 7B): the data of records without their
 * headers. The headers are known from a full frame heard earlier, or beforehand, and are named by a
 * signature, their CRC-16. */
#ifndef DECODE_COMPACT_H
#define DECODE_COMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/telegram.h"

enum {
    COMPACT_FORMAT_BYTES = TELEGRAM_MAX_HEADERS,
    COMPACT_FORMATS = 256,
};

struct compact_format {
    uint16_t signature;
    uint8_t n;
    uint8_t headers[COMPACT_FORMAT_BYTES]; /* DIF, DIFE, VIF, VIFE of all records */
};

struct compact_formats {
    struct compact_format formats[COMPACT_FORMATS];
    uint16_t signatures[COMPACT_FORMATS]; /* theirs, side by side: every full frame looks for one */
    uint8_t recent[256]; /* by the signature's low byte: a format that may be the one looked for */
    size_t n;
    size_t n_known; /* known beforehand, stay; the oldest of the others gives way */
    size_t next;
};

/* Fills in the formats known beforehand. */
void compact_init(struct compact_formats *formats);

/* Remembers the headers of a full frame's records; not if there are none, or they are cut. */
void compact_learn(struct compact_formats *formats, const struct record_headers *headers);

/* A format frame's data[n] (CI 69, 6A, 6B): length, signature, headers. Returns false if they do
 * not have that signature. */
bool compact_learn_format(struct compact_formats *formats, const uint8_t *data, size_t n);

/* Whether a format from elsewhere consists of whole headers and has their signature. */
bool compact_is_format(const struct compact_format *format);
/* Remembers it. Returns false, nothing done, if it is none. */
bool compact_add(struct compact_formats *formats, const struct compact_format *format);

/* Writes the application data of the full frame that the compact data[n] stand for to full and
 * returns its length; 0 if no format of that signature fits the data exactly. The CRC of the full
 * frame, also sent, chooses among formats of one signature but refuses nothing: Kamstrup flowIQ
 * send that of an earlier frame. *crc_differs says so. Check bytes 2F 2F before and idle fillers 2F
 * behind the data, which mode 5 adds, are skipped. */
size_t compact_expand(const struct compact_formats *formats, const uint8_t *data, size_t n,
                      uint8_t full[FRAME_MAX_BYTES], bool *crc_differs);

#endif
