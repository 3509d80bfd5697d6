/* SPDX-License-Identifier: MIT
 * Apator AT-WMBUS-16 (manufacturer-formats note, section 3.1): registers, each a code and data
 * whose length goes with the code. */
#include <string.h>

#include "base/array_len.h"
#include "decode/transform.h"

enum { STATUS = 7, TOTAL = 0x10, TOTAL_BYTES = 4, FILLER = 0xFF, CRC = 2 };

/* Bytes of data behind a code; -1: not known. */
static int register_bytes(uint8_t code)
{
    static const struct {
        uint8_t first, last, n;
    } rows[] = {
        { 0x00, 0x00, 4 },  { 0x01, 0x01, 3 },  { 0x10, 0x10, 4 },  { 0x11, 0x11, 2 },
        { 0x40, 0x40, 6 },  { 0x41, 0x41, 2 },  { 0x42, 0x42, 4 },  { 0x43, 0x43, 2 },
        { 0x44, 0x44, 3 },  { 0x80, 0x84, 10 }, { 0x85, 0x85, 11 }, { 0x86, 0x87, 10 },
        { 0x88, 0x88, 11 }, { 0x8A, 0x8A, 9 },  { 0x8B, 0x8C, 6 },  { 0x8E, 0x8E, 7 },
        { 0x8F, 0x8F, 11 }, { 0xA0, 0xA1, 4 },  { 0xA2, 0xA2, 1 },  { 0xA3, 0xA3, 7 },
        { 0xA4, 0xA4, 4 },  { 0xA5, 0xA5, 1 },  { 0xA6, 0xA6, 3 },  { 0xA7, 0xA8, 2 },
        { 0xA9, 0xA9, 1 },  { 0xAA, 0xAD, 2 },  { 0xAF, 0xAF, 1 },  { 0xB0, 0xB0, 5 },
        { 0xB1, 0xB1, 8 },  { 0xB2, 0xB2, 16 }, { 0xB3, 0xB3, 8 },  { 0xB4, 0xB4, 2 },
        { 0xB5, 0xB5, 16 }, { 0xB6, 0xBF, 3 },  { 0xC0, 0xC7, 3 },  { 0xD0, 0xD0, 3 },
        { 0xD3, 0xD3, 3 },  { 0xF0, 0xF0, 4 },
    };
    if (code >= 0x71 && code <= 0x7C) /* history of n values */
        return 1 + 4 * ((code & 0x0F) + 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (code >= rows[i].first && code <= rows[i].last)
            return rows[i].n;
    return -1;
}

/* The total volume, 4 bytes, least significant first. Every register in front of it must be known:
 * a search for its code would find other data. */
size_t transform_apator162(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *b = input->bytes;
    for (size_t at = STATUS; at + CRC < input->n && b[at] != FILLER;) {
        int n = register_bytes(b[at]);
        if (n < 0 || at + 1 + (size_t)n > input->n)
            return 0;
        if (b[at] == TOTAL) {
            memcpy(out, b + at + 1, TOTAL_BYTES);
            return TOTAL_BYTES;
        }
        at += 1 + (size_t)n;
    }
    return 0;
}
