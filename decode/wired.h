/* SPDX-License-Identifier: MIT
 * Frames of wired M-Bus (EN 13757-2, IEC 60870-5 FT1.2): 68 L L 68 C A CI ... CS 16 (long and
 * control frame), 10 C A CS 16 (short frame) and E5 (single character). A struct frame keeps what
 * is between the delimiters, behind its number of bytes: L, C, A, CI ... So a wired frame looks
 * much like a wireless one, but with one byte of address. */
#ifndef DECODE_WIRED_H
#define DECODE_WIRED_H

#include "decode/frame.h"

enum {
    WIRED_MAX_BYTES = 261, /* L = 255 */
    WIRED_ACK = 1,         /* frame->n of E5, of a short frame, and the least of a long one */
    WIRED_SHORT = 3,
    WIRED_LONG = 4,
};

/* Whether bytes[n] have the delimiters and the length of a wired frame, whatever the checksum. */
bool wired_is_frame(const uint8_t *bytes, size_t n);

/* Checks and strips bytes[n]. Fills *frame but for rx. Returns DECODE_OK; DECODE_BAD_CRC if the
 * checksum is wrong; DECODE_BAD_LENGTH if it is no wired frame. frame->n is 0 if not DECODE_OK. */
enum decode_status wired_strip(const uint8_t *bytes, size_t n, struct frame *frame);

/* Inverse of wired_strip: the frame as sent, to bytes[WIRED_MAX_BYTES]. Returns its length; 0 for
 * a frame of another format, or of a length that no wired frame has. */
size_t wired_dress(const struct frame *frame, uint8_t *bytes);

#endif
