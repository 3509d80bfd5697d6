/* SPDX-License-Identifier: MIT
 * Telegrams of hex, decoded for meters as they are configured. Include cmocka.h before. */
#ifndef DECODE_TESTS_DECODED_H
#define DECODE_TESTS_DECODED_H

#include <stdio.h>
#include <string.h>

#include "decode/address.h"
#include "decode/decoder.h"
#include "decode/dll.h"
#include "decode/tests/hex.h"

/* OMS Volume 2, Annex N, stripped. */
static const char gas_mode5[] = "2E449315785634123303 7A2A002025"
                                "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3";
static const char gas_key[] = "0102030405060708090A0B0C0D0E0F11";

static struct telegram telegram; /* large: not on the stack */

static inline struct meter_config meter(const char *name, const char *id, const char *key)
{
    struct meter_config m = { .driver = DRIVER_NONE, .any_id = id == NULL };
    snprintf(m.name, sizeof m.name, "%s", name);
    if (id)
        assert_true(address_id_parse(id, m.id));
    if (key) {
        m.keys[0].n = bytes_from_hex(key, m.keys[0].bytes, sizeof m.keys[0].bytes);
        m.n_keys = 1;
    }
    return m;
}

static inline struct frame frame_of(const char *hex)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    struct frame frame = { 0 };
    size_t n = bytes_from_hex(hex, bytes, sizeof bytes);
    assert_int_equal(dll_guess(bytes, n, &frame), DECODE_OK);
    return frame;
}

static inline enum decode_status decode(const struct meter_config *meters, size_t n,
                                        const char *hex)
{
    struct decoder *d = decoder_open(meters, n);
    struct frame frame = frame_of(hex);
    assert_non_null(d);
    memset(&telegram, 0xEE, sizeof telegram); /* what the last one left must not show */
    enum decode_status status = decoder_decode(d, &frame, 0, &telegram);
    assert_int_equal(telegram.status, status);
    telegram.name = telegram.name ? "named" : NULL; /* it goes with the decoder */
    decoder_close(d);
    return status;
}

#endif
