/* SPDX-License-Identifier: MIT
 * Line codes, received: soft chips in, bytes out, together with what else they might have been. */
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include "decode/frame.h"
#include "dsp/iq.h" /* chip_span */

/* All that a frame of the longest kind may have: 15 other nibbles each. */
enum { LINE_MAX_OPTIONS = 2 * FRAME_MAX_AIR_BYTES * 15 };

/* Another reading of one symbol (or of neighbouring ones that go wrong together): an XOR mask on
 * two bytes, and by how much it is less likely than the reading taken, as a natural logarithm. */
struct line_option {
    uint16_t byte;
    uint8_t mask[2];
    uint16_t symbol; /* first symbol (nibble, bit) that it is about                       */
    uint8_t symbols; /* number of them: others that are about one of these are excluded */
    uint8_t changes; /* number of symbols that it changes                                */
    float cost;
};

struct line_bytes {
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    size_t n;
    struct line_option options[LINE_MAX_OPTIONS]; /* in order of position */
    size_t n_options;
    /* Where a chip is a bit, by how much the bytes are less likely with n bits inverted: see
     * chip_span, from whose chip first_chip the bits count. NULL: not known. */
    float (*cost_of)(void *demod, const uint32_t *chips, size_t n);
    void *demod;
    size_t first_chip;
};

/* Options that cost more are not worth keeping. */
#define LINE_MAX_COST 12.0f

/* Reads bytes first ... first + n - 1 of the code behind chip first_chip, as far as span goes, into
 * *out. Returns the number of bytes read. Each line code has one. */
typedef size_t line_decode(const struct chip_span *span, size_t first_chip, size_t n,
                           struct line_bytes *out);

line_decode line_3of6_decode;       /* 12 chips a byte, high nibble first      */
line_decode line_manchester_decode; /* 16 chips a byte: bit 1 is 01, bit 0 is 10 */
line_decode line_nrz_decode;        /* 8 chips a byte, most significant first  */

#endif
