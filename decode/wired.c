/* SPDX-License-Identifier: MIT */
#include "decode/wired.h"

#include <string.h>

enum {
    START_LONG = 0x68,
    START_SHORT = 0x10,
    STOP = 0x16,
    ACK = 0xE5,
    LONG_HEAD = 4, /* 68 L L 68 */
    SHORT_HEAD = 1,
    TAIL = 2, /* CS 16 */
};

/* Bytes before the C-field; 0 if it is no wired frame. E5 has no C-field. */
static size_t head_bytes(const uint8_t *bytes, size_t n)
{
    if (n == SHORT_HEAD + (WIRED_SHORT - 1) + TAIL && bytes[0] == START_SHORT &&
        bytes[n - 1] == STOP)
        return SHORT_HEAD;
    if (n >= LONG_HEAD + (WIRED_LONG - 1) + TAIL && bytes[0] == START_LONG &&
        bytes[1] == bytes[2] && bytes[3] == START_LONG &&
        n == (size_t)LONG_HEAD + bytes[1] + TAIL && bytes[n - 1] == STOP)
        return LONG_HEAD;
    return 0;
}

static bool is_ack(const uint8_t *bytes, size_t n)
{
    return n == 1 && bytes[0] == ACK;
}

bool wired_is_frame(const uint8_t *bytes, size_t n)
{
    return is_ack(bytes, n) || head_bytes(bytes, n) > 0;
}

static uint8_t checksum(const uint8_t *bytes, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += bytes[i];
    return (uint8_t)sum;
}

static enum decode_status end(struct frame *frame, size_t n, enum decode_status status)
{
    frame->n = n;
    return frame->status = status;
}

enum decode_status wired_strip(const uint8_t *bytes, size_t n, struct frame *frame)
{
    frame->format = FRAME_WIRED;
    frame->bytes[0] = 0;
    if (is_ack(bytes, n))
        return end(frame, WIRED_ACK, DECODE_OK);
    size_t head = head_bytes(bytes, n);
    if (head == 0)
        return end(frame, 0, DECODE_BAD_LENGTH);
    size_t count = n - head - TAIL;
    if (checksum(bytes + head, count) != bytes[n - TAIL])
        return end(frame, 0, DECODE_BAD_CRC);
    frame->bytes[0] = (uint8_t)count;
    memcpy(frame->bytes + 1, bytes + head, count);
    return end(frame, count + 1, DECODE_OK);
}

size_t wired_dress(const struct frame *frame, uint8_t *bytes)
{
    size_t count = frame->n - 1, n = 0;
    if (frame->format != FRAME_WIRED || frame->n == 0 || frame->n == 2 || count > UINT8_MAX)
        return 0;
    if (frame->n == WIRED_ACK) {
        bytes[0] = ACK;
        return 1;
    }
    bytes[n++] = frame->n == WIRED_SHORT ? START_SHORT : START_LONG;
    if (frame->n >= WIRED_LONG) {
        bytes[n++] = (uint8_t)count;
        bytes[n++] = (uint8_t)count;
        bytes[n++] = START_LONG;
    }
    memcpy(bytes + n, frame->bytes + 1, count);
    n += count;
    bytes[n++] = checksum(frame->bytes + 1, count);
    bytes[n++] = STOP;
    return n;
}
