/* SPDX-License-Identifier: MIT
 * A cursor over received bytes. It turns bad when a read goes past the end and stays so; what it
 * then returns is 0, so a parser asks once, at its end, instead of before every byte. */
#ifndef DECODE_READER_H
#define DECODE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
    const uint8_t *bytes;
    size_t n;
    size_t at;
    bool bad;
};

static inline struct reader reader_init(const uint8_t *bytes, size_t n)
{
    return (struct reader){ .bytes = bytes, .n = n };
}

static inline size_t reader_left(const struct reader *reader)
{
    return reader->bad ? 0 : reader->n - reader->at;
}

static inline uint8_t reader_u8(struct reader *reader)
{
    if (reader_left(reader) < 1) {
        reader->bad = true;
        return 0;
    }
    return reader->bytes[reader->at++];
}

/* The next n bytes, still owned by whoever owns the bytes; NULL and bad if fewer are left. */
static inline const uint8_t *reader_bytes(struct reader *reader, size_t n)
{
    if (reader->bad || reader_left(reader) < n) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *bytes = reader->bytes + reader->at;
    reader->at += n;
    return bytes;
}

static inline uint16_t reader_u16le(struct reader *reader)
{
    const uint8_t *b = reader_bytes(reader, 2);
    return b ? (uint16_t)(b[0] | b[1] << 8) : 0;
}

static inline uint32_t reader_u32le(struct reader *reader)
{
    const uint8_t *b = reader_bytes(reader, 4);
    return b ? b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24 : 0;
}

#endif
