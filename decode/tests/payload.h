/* SPDX-License-Identifier: MIT
 * Application data of a decoded telegram. Include cmocka.h before. */
#ifndef DECODE_TESTS_PAYLOAD_H
#define DECODE_TESTS_PAYLOAD_H

#include "decode/telegram.h"
#include "decode/tests/hex.h"

static inline void assert_payload_of(const struct telegram *t, const char *hex)
{
    uint8_t expected[FRAME_MAX_BYTES];
    const size_t n = bytes_from_hex(hex, expected, sizeof expected);
    assert_int_equal(t->payload_n, n);
    assert_memory_equal(t->payload, expected, n);
}

#endif
