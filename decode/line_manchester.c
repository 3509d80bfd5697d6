/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "decode/line.h"

enum { CHIPS_PER_BYTE = 16 };

/* The two chips of a bit say the same thing: their likelihood ratios add up. */
static int soft_bit(const soft_chip_t *chips)
{
    return chips[1] - chips[0];
}

size_t line_manchester_decode(const struct chip_span *span, size_t first_chip, size_t n,
                              struct line_bytes *out)
{
    const soft_chip_t *chips = span->chips + first_chip;
    const size_t n_there = span->n > first_chip ? (span->n - first_chip) / CHIPS_PER_BYTE : 0;
    out->n = n < n_there ? n : n_there;
    out->n_options = 0;
    out->cost_of = NULL;
    for (size_t bit = 0; bit < 8 * out->n; bit++) {
        uint8_t *byte = &out->bytes[bit / 8];
        const int soft = soft_bit(chips + 2 * bit);
        const float cost = span->llr_per_step * (float)abs(soft);
        *byte = (uint8_t)(bit % 8 ? *byte << 1 : 0) | (soft > 0);
        if (cost < LINE_MAX_COST && out->n_options < LINE_MAX_OPTIONS)
            out->options[out->n_options++] = (struct line_option){
                .byte = (uint16_t)(bit / 8),
                .mask = { (uint8_t)(0x80 >> bit % 8), 0 },
                .symbol = (uint16_t)bit,
                .symbols = 1,
                .changes = 1,
                .cost = cost,
            };
    }
    return out->n;
}
