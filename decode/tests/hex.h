/* SPDX-License-Identifier: MIT
 * Bytes of a test, written as hex. */
#ifndef DECODE_TESTS_HEX_H
#define DECODE_TESTS_HEX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes the bytes of upper-case hex, blanks between bytes ignored; returns how many. */
static inline size_t bytes_from_hex(const char *hex, uint8_t *bytes, size_t room)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    while (*hex) {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        const char *high = strchr(digits, hex[0]), *low = strchr(digits, hex[1]);
        assert(high && low && hex[1] && n < room);
        bytes[n++] = (uint8_t)((high - digits) << 4 | (low - digits));
        hex += 2;
    }
    return n;
}

#endif
