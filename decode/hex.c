/* SPDX-License-Identifier: MIT */
#include "decode/hex.h"

#include <string.h>

/* -1 for what is none. */
static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_bytes(const char *text, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++)
        if (digit_of(text[i]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(16 * digit_of(text[2 * i]) + digit_of(text[2 * i + 1]));
    return true;
}

enum hex_problem hex_read(const char *text, size_t n, uint8_t *bytes, size_t max, size_t *n_bytes)
{
    size_t n_digits = 0;
    size_t at = n >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
    for (; at < n; at++) {
        int digit = digit_of(text[at]);
        if (digit < 0 && text[at] && strchr(" \t_|", text[at]))
            continue;
        if (digit < 0)
            return HEX_NO_DIGIT;
        if (n_digits / 2 >= max)
            return HEX_TOO_LONG;
        uint8_t *byte = &bytes[n_digits / 2];
        *byte = n_digits % 2 ? (uint8_t)(*byte << 4 | digit) : (uint8_t)digit;
        n_digits++;
    }
    if (n_digits % 2)
        return HEX_ODD;
    *n_bytes = n_digits / 2;
    return HEX_OK;
}
