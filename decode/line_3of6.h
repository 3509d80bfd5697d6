/* SPDX-License-Identifier: MIT
 * 3-of-6 line code of mode T (EN 13757-4:2019): a nibble is six chips, three of them 1. */
#ifndef DECODE_LINE_3OF6_H
#define DECODE_LINE_3OF6_H

#include <stdint.h>

enum { LINE_3OF6_CHIPS = 6 };

/* Code word of each nibble, first chip in bit 5. */
extern const uint8_t line_3of6_words[16];

/* Returns the nibble whose code word is likeliest for six soft chips, and the log-likelihoods of
 * all 16, up to a common constant, in steps of half a soft chip. */
int line_3of6_likeliest(const int8_t *chips, int metric[16]);

#endif
