/* SPDX-License-Identifier: MIT */
#include "decode/chip_encode.h"

#include "decode/dll.h"
#include "decode/line_3of6.h"

enum { MAX_POSTAMBLE_CHIPS = 8 };

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
