/* SPDX-License-Identifier: MIT
 * 3-of-6 line code of mode T (EN 13757-4:2019): a nibble is six chips, three of them 1. */
#ifndef DECODE_LINE_3OF6_H
#define DECODE_LINE_3OF6_H

#include <stdint.h>

/* Code word of each nibble, first chip in bit 5. */
extern const uint8_t line_3of6_words[16];

#endif
