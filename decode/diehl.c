/* SPDX-License-Identifier: MIT */
#include "decode/diehl.h"

#include <assert.h>

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t next_byte(uint32_t s)
{
    for (int i = 0; i < 8; i++)
        s = s << 1 | ((s >> 1 ^ s >> 2 ^ s >> 11 ^ s >> 31) & 1);
    return s;
}

void diehl_unscramble(const uint8_t key[DIEHL_KEY], const uint8_t *frame, size_t n, uint8_t *out)
{
    assert(n >= DIEHL_HEAD);
    uint32_t s = big_endian(key) ^ big_endian(key + 4) ^ big_endian(frame + 2) ^
                 big_endian(frame + 6) ^ big_endian(frame + 10);
    for (size_t i = DIEHL_HEAD; i < n; i++) {
        s = next_byte(s);
        out[i - DIEHL_HEAD] = (uint8_t)(frame[i] ^ s);
    }
}

bool diehl_is_real_data(const uint8_t *frame, size_t n)
{
    enum { CI = 10, CF_HIGH = 14, SCRAMBLED = 0x10 };
    return n > DIEHL_HEAD &&
           (frame[CI] == 0x71 || (frame[CI] == 0x7A && (frame[CF_HIGH] & SCRAMBLED)));
}

bool diehl_sum_holds(const uint8_t *frame, const uint8_t *data, size_t n)
{
    enum { CF_HIGH = 14, SUM_BITS = 0xEF }; /* all but the bit that says "scrambled" */
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += data[i];
    return ((sum ^ frame[CF_HIGH]) & SUM_BITS) == 0;
}
