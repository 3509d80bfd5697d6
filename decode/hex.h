/* SPDX-License-Identifier: MIT
 * Bytes that are written as hex digits, in either case. */
#ifndef DECODE_HEX_H
#define DECODE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hex_problem { HEX_OK, HEX_NO_DIGIT, HEX_TOO_LONG, HEX_ODD };

/* The n bytes that text begins with, two digits each; what follows them is not looked at. Returns
 * false, bytes untouched, if there are fewer digits. */
bool hex_bytes(const char *text, uint8_t *bytes, size_t n);

/* As people write bytes: text[n], perhaps with 0x in front and ' ', '\t', '_' or '|' between the
 * digits. Fills bytes[max] with *n_bytes; on failure with what came before, *n_bytes untouched. */
enum hex_problem hex_read(const char *text, size_t n, uint8_t *bytes, size_t max, size_t *n_bytes);

#endif
