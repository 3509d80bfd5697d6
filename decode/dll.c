/* SPDX-License-Identifier: MIT */
#include "decode/dll.h"

#include <assert.h>
#include <string.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/crc16.h"
#include "decode/wired.h"

enum {
    CRC_BYTES = 2,
    BLOCK_1 = 10,       /* L, C, M, A */
    A_BLOCK = 16,       /* data bytes of format A's further blocks */
    B_FIRST_PART = 126, /* format B: bytes under the first CRC, blocks 1 and 2 */
    B_MIN_L = 12,       /* block 1, CI, CRC */
};

size_t dll_air_bytes(enum frame_format format, uint8_t l)
{
    if (format == FRAME_A) {
        if (l < BLOCK_1 - 1)
            return 0;
        size_t blocks = 1 + (l - (BLOCK_1 - 1) + A_BLOCK - 1) / A_BLOCK;
        return l + 1u + CRC_BYTES * blocks;
    }
    /* A third block holds at least one byte and its CRC. */
    size_t one_crc = B_FIRST_PART + CRC_BYTES;
    if (l < B_MIN_L || (l + 1u > one_crc && l + 1u < one_crc + 1 + CRC_BYTES))
        return 0;
    return l + 1u;
}

/* Number of bytes, CRC not counted, in the block that starts at byte at of a frame without CRCs
 * that has n of them. */
static size_t block_bytes(enum frame_format format, size_t at, size_t n)
{
    size_t most = format == FRAME_B ? B_FIRST_PART : at == 0 ? BLOCK_1 : A_BLOCK;
    return n - at < most ? n - at : most;
}

static bool crc_follows(const uint8_t *block, size_t n)
{
    return crc16_en13757(block, n) == (block[n] << 8 | block[n + 1]);
}

enum decode_status dll_strip(enum frame_format format, const uint8_t *air, size_t n_air,
                             struct frame *frame)
{
    frame->format = format;
    frame->n = 0;
    size_t n = n_air > 0 ? dll_air_bytes(format, air[0]) : 0;
    if (n == 0 || n > n_air)
        return frame->status = DECODE_BAD_LENGTH;
    frame->status = DECODE_OK;
    size_t stripped = format == FRAME_A              ? air[0] + 1u
                      : n > B_FIRST_PART + CRC_BYTES ? n - 2 * CRC_BYTES
                                                     : n - CRC_BYTES;
    for (size_t at = 0; at < stripped;) {
        size_t count = block_bytes(format, at, stripped);
        if (!crc_follows(air, count))
            frame->status = DECODE_BAD_CRC;
        memcpy(frame->bytes + at, air, count);
        at += count;
        air += count + CRC_BYTES;
    }
    frame->n = stripped;
    frame->bytes[0] = (uint8_t)(stripped - 1);
    return frame->status;
}

size_t dll_dress(enum frame_format format, const uint8_t *bytes, size_t n, uint8_t *air)
{
    size_t l = n - 1;
    if (format == FRAME_B)
        l += n > B_FIRST_PART ? 2 * CRC_BYTES : CRC_BYTES;
    if (n == 0 || l > UINT8_MAX || dll_air_bytes(format, (uint8_t)l) == 0)
        return 0;
    size_t out = 0;
    for (size_t at = 0; at < n;) {
        size_t count = block_bytes(format, at, n);
        memcpy(air + out, bytes + at, count);
        if (at == 0)
            air[0] = (uint8_t)l;
        uint16_t crc = crc16_en13757(air + out, count);
        at += count;
        out += count;
        air[out++] = (uint8_t)(crc >> 8);
        air[out++] = (uint8_t)crc;
    }
    assert(out == dll_air_bytes(format, (uint8_t)l));
    return out;
}

/* Does any block carry its CRC, whatever L says? */
static bool holds_whole_block(enum frame_format format, const uint8_t *air, size_t n)
{
    size_t count = format == FRAME_A ? BLOCK_1 : B_FIRST_PART;
    for (size_t at = 0; n - at > CRC_BYTES; at += count + CRC_BYTES) {
        if (at > 0 && format == FRAME_A)
            count = A_BLOCK;
        if (count > n - at - CRC_BYTES)
            count = n - at - CRC_BYTES;
        if (crc_follows(air + at, count))
            return true;
    }
    return false;
}

/* Bytes that are no whole frame of format A or B, but a hurt one rather than a stripped one: to
 * take CRCs for data would give wrong readings. */
static bool is_hurt(const uint8_t *bytes, size_t n)
{
    bool l_right = n == bytes[0] + 1u;
    return holds_whole_block(FRAME_B, bytes, n) ||
           (!l_right &&
            (n == dll_air_bytes(FRAME_A, bytes[0]) || holds_whole_block(FRAME_A, bytes, n)));
}

/* Some receivers take out the CRCs of format A but for the last. Returns n without it. */
static size_t without_last_crc(const uint8_t *bytes, size_t n)
{
    if (n <= BLOCK_1 + CRC_BYTES)
        return n;
    size_t left = n - CRC_BYTES, last = BLOCK_1 + (left - BLOCK_1 - 1) / A_BLOCK * A_BLOCK;
    return crc_follows(bytes + last, left - last) ? left : n;
}

enum decode_status dll_guess(const uint8_t *bytes, size_t n, struct frame *frame)
{
    enum decode_status wired = wired_strip(bytes, n, frame);
    if (wired == DECODE_OK)
        return DECODE_OK;
    frame->format = FRAME_A;
    if (n < BLOCK_1 || n > FRAME_MAX_AIR_BYTES)
        return frame->status = wired;
    for (enum frame_format format = FRAME_A; format <= FRAME_B; format++)
        if (dll_air_bytes(format, bytes[0]) == n && dll_strip(format, bytes, n, frame) == DECODE_OK)
            return DECODE_OK;
    frame->n = 0;
    frame->format = FRAME_A;
    if (is_hurt(bytes, n))
        return frame->status = DECODE_BAD_CRC;
    if (wired == DECODE_BAD_CRC && n != bytes[0] + 1u) {
        frame->format = FRAME_WIRED;
        return frame->status = DECODE_BAD_CRC;
    }
    n = without_last_crc(bytes, n);
    if (n > FRAME_MAX_BYTES)
        return frame->status = DECODE_BAD_LENGTH;
    memcpy(frame->bytes, bytes, n);
    frame->n = n;
    return frame->status = DECODE_OK;
}

/* C-fields that only the other device, not the meter, sends (protocol note: link, section 4). */
enum direction dll_direction(uint8_t c)
{
    static const uint8_t to_meter[] = {
        0x40, 0x43, 0x45, 0x53, 0x73, 0x5A, 0x7A, 0x5B, 0x7B, 0x06
    };
    return memchr(to_meter, c, sizeof to_meter) ? DIRECTION_TO_METER : DIRECTION_FROM_METER;
}

bool dll_is_two_way(uint8_t c)
{
    enum { RSP_UD = 0x08, ACK = 0x00, NACK = 0x01, ACC_DMD = 0x48, NOT_ACD_DFC = 0xCF };
    const unsigned function = c & NOT_ACD_DFC;
    return function == RSP_UD || function == ACK || function == NACK || c == ACC_DMD;
}

static size_t parse_wired(const struct frame *frame, struct telegram *telegram)
{
    telegram->anonymous = true;
    telegram->direction = DIRECTION_FROM_METER;
    if (frame->n == WIRED_ACK)
        return frame->n;
    if (frame->n < WIRED_SHORT)
        return 0;
    telegram->c = frame->bytes[1];
    telegram->direction = dll_direction(telegram->c);
    telegram->primary_address = frame->bytes[2];
    return WIRED_SHORT;
}

size_t dll_parse(const struct frame *frame, struct telegram *telegram)
{
    if (frame->format == FRAME_WIRED)
        return parse_wired(frame, telegram);
    if (frame->n < BLOCK_1)
        return 0;
    telegram->c = frame->bytes[1];
    telegram->direction = dll_direction(telegram->c);
    telegram->dll = address_from_link(frame->bytes + 2);
    return BLOCK_1;
}

const char *dll_function(uint8_t c)
{
    static const struct {
        uint8_t c, mask; /* bits that count: ACD and DFC, or FCB, may be anything in some */
        const char *name;
    } functions[] = {
        { 0x44, 0xFF, "SND-NR" },  { 0x46, 0xFF, "SND-IR" },  { 0x47, 0xFF, "ACC-NR" },
        { 0x48, 0xFF, "ACC-DMD" }, { 0x08, 0xCF, "RSP-UD" },  { 0x00, 0xCF, "ACK" },
        { 0x01, 0xCF, "NACK" },    { 0x40, 0xFF, "SND-NKE" }, { 0x43, 0xFF, "SND-UD2" },
        { 0x45, 0xFF, "SND-UD3" }, { 0x53, 0xDF, "SND-UD" },  { 0x5A, 0xDF, "REQ-UD1" },
        { 0x5B, 0xDF, "REQ-UD2" }, { 0x06, 0xFF, "CNF-IR" },
    };
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if ((c & functions[i].mask) == functions[i].c)
            return functions[i].name;
    return NULL;
}
