/* SPDX-License-Identifier: MIT
 * The sender's side of a radio mode, for tests and the signal generator: a telegram in, the chips
 * of the whole burst out (EN 13757-4:2019). */
#ifndef DECODE_CHIP_ENCODE_H
#define DECODE_CHIP_ENCODE_H

#include "decode/radio_mode.h"

enum {
    CHIP_ENCODE_MAX_PREAMBLE_PAIRS = 1000,
    CHIP_ENCODE_MAX_CHIPS = 2 * CHIP_ENCODE_MAX_PREAMBLE_PAIRS + 32 + 16 * FRAME_MAX_AIR_BYTES + 8,
};

struct chip_burst {
    uint8_t chips[CHIP_ENCODE_MAX_CHIPS]; /* 0 or 1, in time order */
    size_t n;
    size_t first_sync_chip;
};

/* bytes[n] is the telegram from L on, without CRCs; L is set for the mode's format. Preamble of
 * preamble_pairs pairs 01 (0: the fewest the mode allows); T and S end with postamble_chips (2 ...
 * 8) alternating chips, C ignores them. Returns false if the format cannot carry n bytes, or the
 * preamble or the postamble is too long. */
bool chip_encode(const struct radio_mode *mode, const uint8_t *bytes, size_t n,
                 unsigned preamble_pairs, unsigned postamble_chips, struct chip_burst *burst);

#endif
