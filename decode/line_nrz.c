/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "decode/line.h"

static void add_option(struct line_bytes *out, size_t bit, unsigned width, float cost)
{
    /* width bits from bit on, as a mask on the byte of the first and the one behind it */
    const unsigned mask = ((1u << width) - 1) << (16 - width - bit % 8);
    if (cost < LINE_MAX_COST && out->n_options < LINE_MAX_OPTIONS)
        out->options[out->n_options++] = (struct line_option){
            .byte = (uint16_t)(bit / 8),
            .mask = { (uint8_t)(mask >> 8), (uint8_t)mask },
            .symbol = (uint16_t)bit,
            .symbols = (uint8_t)width,
            .cost = cost,
        };
}

/* Sequence detection gets bits wrong in pairs, 01 for 10: the two then have the same likelihood
 * ratio, that of the one rival path. */
static int is_pair(const soft_chip_t *chips)
{
    return (chips[0] > 0) != (chips[1] > 0) && abs(abs(chips[0]) - abs(chips[1])) <= 1;
}

size_t line_nrz_decode(const struct chip_span *span, size_t first_chip, size_t n,
                       struct line_bytes *out)
{
    const soft_chip_t *chips = span->chips + first_chip;
    const size_t n_there = span->n > first_chip ? (span->n - first_chip) / 8 : 0;
    out->n = n < n_there ? n : n_there;
    out->n_options = 0;
    for (size_t bit = 0; bit < 8 * out->n; bit++) {
        uint8_t *byte = &out->bytes[bit / 8];
        *byte = (uint8_t)(bit % 8 ? *byte << 1 : 0) | (chips[bit] > 0);
        const float cost = span->llr_per_step * (float)abs(chips[bit]);
        if (bit + 1 < 8 * out->n && is_pair(chips + bit))
            add_option(out, bit, 2, cost);
        add_option(out, bit, 1, cost);
    }
    return out->n;
}
