/* SPDX-License-Identifier: MIT
 * Data link layer (EN 13757-4:2019, frame formats A and B): CRCs, L, C, M and A fields. */
#ifndef DECODE_DLL_H
#define DECODE_DLL_H

#include "decode/telegram.h"

/* Number of bytes on air for the L-field l, CRCs and L included; 0 if the format does not allow l
 * (A: below 9; B: below 12, and 128, 129, see the protocol note). */
size_t dll_air_bytes(enum frame_format format, uint8_t l);

/* Checks every CRC of a frame as received (air[n_air], L first) and writes it without CRCs, with L
 * normalised, to frame->bytes and frame->n, frame->format, frame->status.
 * Returns DECODE_OK, DECODE_BAD_CRC, or DECODE_BAD_LENGTH if n_air is not what L says; more bytes
 * than L says are ignored. */
enum decode_status dll_strip(enum frame_format format, const uint8_t *air, size_t n_air,
                             struct frame *frame);

/* Inverse of dll_strip: writes the frame as sent, CRCs added and L set for the format, to
 * air[FRAME_MAX_AIR_BYTES]. bytes[n] is L first, without CRCs. Returns the number of bytes on air;
 * 0 if n is not 10...256 (A) or 11...252 (B). */
size_t dll_dress(enum frame_format format, const uint8_t *bytes, size_t n, uint8_t *air);

/* A telegram given as text, by people or other programs: tries wired M-Bus, CRCs of format A, then
 * B, then takes it as stripped. Fills frame as dll_strip and wired_strip do. Returns DECODE_OK;
 * DECODE_BAD_CRC, with no bytes in frame, if it is a frame with CRCs or a checksum of which some
 * are wrong; or DECODE_BAD_LENGTH if it is none of them (shorter than 10 bytes, or stripped and
 * longer than FRAME_MAX_BYTES). A stripped telegram whose L disagrees with its number of bytes is
 * taken: some receivers deliver such; and some leave the CRC of the last block of format A. One of
 * 32768 stripped telegrams looks like this or like format B by chance and loses two bytes.
 */
enum decode_status dll_guess(const uint8_t *bytes, size_t n, struct frame *frame);

/* Reads C, M, A of a stripped frame into telegram->c, direction, dll; of a wired frame C and A into
 * c, direction, primary_address. Returns the number of bytes up to the CI-field, which is frame->n
 * where the frame ends before it; 0 if the frame is cut (fewer than 10 bytes; wired: none, or 2).
 */
size_t dll_parse(const struct frame *frame, struct telegram *telegram);

/* Who sends this C-field. */
enum direction dll_direction(uint8_t c);
/* Does a meter send it only to somebody who speaks to it? (answers, and the wish to be asked) */
bool dll_is_two_way(uint8_t c);

/* What a C-field asks or says in the words of EN 13757-4:2019 ("SND-NR", "RSP-UD"); NULL if it is
 * none of them. */
const char *dll_function(uint8_t c);

#endif
