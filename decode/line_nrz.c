/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "decode/line.h"

enum { MAX_DISTANCE = 3 }; /* of the two bits of one error */

/* An option that inverts bit, and the one distance bits behind it unless that is 0. */
static void add_option(struct line_bytes *out, size_t bit, unsigned distance, float cost)
{
    const unsigned mask = (0x8000u >> bit % 8) | (0x8000u >> (bit % 8 + distance));
    if (cost < LINE_MAX_COST && out->n_options < LINE_MAX_OPTIONS)
        out->options[out->n_options++] = (struct line_option){
            .byte = (uint16_t)(bit / 8),
            .mask = { (uint8_t)(mask >> 8), (uint8_t)mask },
            .symbol = (uint16_t)bit,
            .symbols = (uint8_t)(distance + 1),
            .changes = distance ? 2 : 1,
            .cost = cost,
        };
}

/* Sequence detection gets bits wrong in pairs, a 1 too many and one too few, next to each other or
 * nearly so: the two then have the same likelihood ratio, that of the one rival path. */
static bool is_pair(const soft_chip_t *chips, size_t distance)
{
    return (chips[0] > 0) != (chips[distance] > 0) &&
           abs(abs(chips[0]) - abs(chips[distance])) <= 1;
}

size_t line_nrz_decode(const struct chip_span *span, size_t first_chip, size_t n,
                       struct line_bytes *out)
{
    const soft_chip_t *chips = span->chips + first_chip;
    const size_t n_there = span->n > first_chip ? (span->n - first_chip) / 8 : 0;
    out->n = n < n_there ? n : n_there;
    out->n_options = 0;
    out->cost_of = span->cost_of;
    out->demod = span->demod;
    out->first_chip = first_chip;
    for (size_t bit = 0; bit < 8 * out->n; bit++) {
        uint8_t *byte = &out->bytes[bit / 8];
        *byte = (uint8_t)(bit % 8 ? *byte << 1 : 0) | (chips[bit] > 0);
        const float cost = span->llr_per_step * (float)abs(chips[bit]);
        for (unsigned distance = 1; distance <= MAX_DISTANCE; distance++)
            if (bit + distance < 8 * out->n && is_pair(chips + bit, distance))
                add_option(out, bit, distance, cost);
        add_option(out, bit, 0, cost);
    }
    return out->n;
}
