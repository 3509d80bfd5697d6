/* SPDX-License-Identifier: MIT */
#include "decode/line_3of6.h"

#include <math.h>

#include "decode/line.h"

const uint8_t line_3of6_words[16] = { 0x16, 0x0D, 0x0E, 0x0B, 0x1C, 0x19, 0x1A, 0x13,
                                      0x2C, 0x25, 0x26, 0x23, 0x34, 0x31, 0x32, 0x29 };

/* Sums of three chips, each with the sign that its bit of the index says; the first is bit 2. */
static void sum_half(const int8_t *chips, int sum[8])
{
    const int rest[4] = { -chips[1] - chips[2], chips[2] - chips[1], chips[1] - chips[2],
                          chips[1] + chips[2] };
    for (int k = 0; k < 4; k++) {
        sum[k] = rest[k] - chips[0];
        sum[4 + k] = rest[k] + chips[0];
    }
}

int line_3of6_likeliest(const int8_t *chips, int metric[16])
{
    int first[8], last[8], best = 0;
    sum_half(chips, first);
    sum_half(chips + 3, last);
    for (int word = 0; word < 16; word++) {
        metric[word] = first[line_3of6_words[word] >> 3] + last[line_3of6_words[word] & 7];
        best = metric[word] > metric[best] ? word : best;
    }
    return best;
}

/* The likeliest nibble; its rivals that cost less than so many half steps become options. */
static uint8_t decode_nibble(const soft_chip_t *chips, float half_step, int most_steps, int high,
                             struct line_bytes *out)
{
    int metric[16];
    const int best = line_3of6_likeliest(chips, metric);
    for (int word = 0; word < 16; word++) {
        const int steps = metric[best] - metric[word];
        if (steps < most_steps && word != best && out->n_options < LINE_MAX_OPTIONS) {
            out->options[out->n_options++] = (struct line_option){
                .byte = (uint16_t)out->n,
                .mask = { (uint8_t)((word ^ best) << (high ? 4 : 0)), 0 },
                .symbol = (uint16_t)(2 * out->n + !high),
                .symbols = 1,
                .changes = 1,
                .cost = half_step * (float)steps,
            };
        }
    }
    return (uint8_t)best;
}

/* The half steps of a soft chip that cost as much as an option may, or all that there are. */
static int most_half_steps(float half_step)
{
    enum { ALL = 2 * LINE_3OF6_CHIPS * 128 + 1 };
    const float steps = ceilf(LINE_MAX_COST / half_step);
    return steps < ALL ? (int)steps : ALL;
}

size_t line_3of6_decode(const struct chip_span *span, size_t first_chip, size_t n,
                        struct line_bytes *out)
{
    const soft_chip_t *chips = span->chips + first_chip;
    const float half_step = 0.5f * span->llr_per_step;
    const int most = most_half_steps(half_step);
    out->n = out->n_options = 0;
    out->cost_of = NULL;
    for (; out->n < n && first_chip + 12 * (out->n + 1) <= span->n; chips += 12) {
        const uint8_t high = decode_nibble(chips, half_step, most, 1, out);
        const uint8_t low = decode_nibble(chips + 6, half_step, most, 0, out);
        out->bytes[out->n++] = (uint8_t)(high << 4 | low);
    }
    return out->n;
}
