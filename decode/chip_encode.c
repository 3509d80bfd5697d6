/* SPDX-License-Identifier: MIT */
#include "decode/chip_encode.h"

#include <string.h>

#include "decode/line_3of6.h"

enum { MAX_POSTAMBLE_CHIPS = 8 };

static size_t put_crc(const uint8_t *block, size_t n, uint8_t *end)
{
    uint16_t crc = 0;
    for (size_t k = 0; k < 8 * n; k++) {
        int bit = (block[k / 8] >> (7 - k % 8)) & 1;
        crc = (uint16_t)(crc << 1 ^ ((crc >> 15 ^ bit) ? 0x3D65 : 0));
    }
    end[0] = (uint8_t)(~crc >> 8);
    end[1] = (uint8_t)~crc;
    return 2;
}

static size_t dress_a(const uint8_t *bytes, size_t n, uint8_t *air)
{
    size_t n_air = 0;
    for (size_t at = 0; at < n;) {
        size_t block = at == 0 ? 10 : n - at < 16 ? n - at : 16;
        memcpy(air + n_air, bytes + at, block);
        if (at == 0)
            air[0] = (uint8_t)(n - 1);
        n_air += block + put_crc(air + n_air, block, air + n_air + block);
        at += block;
    }
    return n_air;
}

static size_t dress_b(const uint8_t *bytes, size_t n, uint8_t *air)
{
    size_t first = n < 126 ? n : 126;
    memcpy(air, bytes, first);
    air[0] = (uint8_t)(n <= 126 ? n + 1 : n + 3);
    size_t n_air = first + put_crc(air, first, air + first);
    if (n == first)
        return n_air;
    memcpy(air + n_air, bytes + first, n - first);
    return n_air + n - first + put_crc(air + n_air, n - first, air + n_air + n - first);
}

static size_t dll_dress(enum frame_format format, const uint8_t *bytes, size_t n, uint8_t *air)
{
    if (n < 10 + (format == FRAME_B) || n > (format == FRAME_A ? 256 : 252))
        return 0;
    return format == FRAME_A ? dress_a(bytes, n, air) : dress_b(bytes, n, air);
}

/* The last n_bits of word, most significant first. */
static void put_bits(struct chip_burst *burst, uint32_t word, unsigned n_bits)
{
    for (unsigned k = n_bits; k-- > 0;)
        burst->chips[burst->n++] = (word >> k) & 1;
}

static void put_byte_3of6(struct chip_burst *burst, uint8_t byte)
{
    put_bits(burst, line_3of6_words[byte >> 4], 6);
    put_bits(burst, line_3of6_words[byte & 15], 6);
}

/* Bit 1 is 01, bit 0 is 10. */
static void put_byte_manchester(struct chip_burst *burst, uint8_t byte)
{
    for (int k = 7; k >= 0; k--)
        put_bits(burst, (byte >> k) & 1 ? 1 : 2, 2);
}

static void put_byte(struct chip_burst *burst, enum line_code line, uint8_t byte)
{
    switch (line) {
    case LINE_NRZ:
        put_bits(burst, byte, 8);
        break;
    case LINE_3OF6:
        put_byte_3of6(burst, byte);
        break;
    case LINE_MANCHESTER:
        put_byte_manchester(burst, byte);
        break;
    }
}

/* Alternating chips, going on from the last one. */
static void put_postamble(struct chip_burst *burst, unsigned n_chips)
{
    for (unsigned k = 0; k < n_chips; k++, burst->n++)
        burst->chips[burst->n] = !burst->chips[burst->n - 1];
}

bool chip_encode(const struct radio_mode *mode, const uint8_t *bytes, size_t n,
                 unsigned preamble_pairs, unsigned postamble_chips, struct chip_burst *burst)
{
    uint8_t air[FRAME_MAX_AIR_BYTES];
    size_t n_air = dll_dress(mode->format, bytes, n, air);
    if (preamble_pairs == 0)
        preamble_pairs = mode->preamble_pairs;
    if (n_air == 0 || preamble_pairs > CHIP_ENCODE_MAX_PREAMBLE_PAIRS ||
        postamble_chips > MAX_POSTAMBLE_CHIPS)
        return false;

    burst->n = 0;
    for (unsigned k = 0; k < preamble_pairs; k++)
        put_bits(burst, 1, 2);
    burst->first_sync_chip = burst->n;
    put_bits(burst, mode->sync, mode->sync_chips);
    for (size_t k = 0; k < n_air; k++)
        put_byte(burst, mode->line, air[k]);
    if (mode->line != LINE_NRZ)
        put_postamble(burst, postamble_chips);
    return true;
}
