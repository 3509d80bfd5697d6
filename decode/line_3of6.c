/* SPDX-License-Identifier: MIT */
#include "decode/line_3of6.h"

#include "decode/line.h"

const uint8_t line_3of6_words[16] = { 0x16, 0x0D, 0x0E, 0x0B, 0x1C, 0x19, 0x1A, 0x13,
                                      0x2C, 0x25, 0x26, 0x23, 0x34, 0x31, 0x32, 0x29 };

int line_3of6_likeliest(const int8_t *chips, int metric[16])
{
    int best = 0;
    for (int word = 0; word < 16; word++) {
        int sum = 0;
        for (int k = 0; k < LINE_3OF6_CHIPS; k++)
            sum += (line_3of6_words[word] >> (LINE_3OF6_CHIPS - 1 - k)) & 1 ? chips[k] : -chips[k];
        metric[word] = sum;
        best = sum > metric[best] ? word : best;
    }
    return best;
}

/* The likeliest nibble; its rivals become options. */
static uint8_t decode_nibble(const soft_chip_t *chips, float llr_per_step, int high,
                             struct line_bytes *out)
{
    int metric[16];
    const int best = line_3of6_likeliest(chips, metric);
    for (int word = 0; word < 16; word++) {
        const float cost = 0.5f * llr_per_step * (float)(metric[best] - metric[word]);
        if (word != best && cost < LINE_MAX_COST && out->n_options < LINE_MAX_OPTIONS) {
            out->options[out->n_options++] = (struct line_option){
                .byte = (uint16_t)out->n,
                .mask = { (uint8_t)((word ^ best) << (high ? 4 : 0)), 0 },
                .symbol = (uint16_t)(2 * out->n + !high),
                .symbols = 1,
                .changes = 1,
                .cost = cost,
            };
        }
    }
    return (uint8_t)best;
}

size_t line_3of6_decode(const struct chip_span *span, size_t first_chip, size_t n,
                        struct line_bytes *out)
{
    const soft_chip_t *chips = span->chips + first_chip;
    out->n = out->n_options = 0;
    out->cost_of = NULL;
    for (; out->n < n && first_chip + 12 * (out->n + 1) <= span->n; chips += 12) {
        const uint8_t high = decode_nibble(chips, span->llr_per_step, 1, out);
        const uint8_t low = decode_nibble(chips + 6, span->llr_per_step, 0, out);
        out->bytes[out->n++] = (uint8_t)(high << 4 | low);
    }
    return out->n;
}
