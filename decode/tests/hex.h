/* SPDX-License-Identifier: MIT
 * Bytes of a test, written as hex. */
#ifndef DECODE_TESTS_HEX_H
#define DECODE_TESTS_HEX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "decode/hex.h"

/* Writes the bytes of hex with its blanks; returns how many. */
static inline size_t bytes_from_hex(const char *hex, uint8_t *bytes, size_t room)
{
    size_t n = 0;
    enum hex_problem problem = hex_read(hex, strlen(hex), bytes, room, &n);
    assert(problem == HEX_OK);
    (void)problem;
    return n;
}

#endif
