/* SPDX-License-Identifier: MIT
 * Telegrams made by a test, and decoded with one key. Include cmocka.h before. */
#ifndef DECODE_TESTS_MADE_H
#define DECODE_TESTS_MADE_H

#include "decode/address.h"
#include "decode/decoder.h"
#include "decode/tests/hex.h"

/* Of OMS Volume 2, Annex N. */
#define OMS_KEY "000102030405060708090A0B0C0D0E0F"

static struct telegram telegram; /* large: not on the stack */

struct made {
    uint8_t bytes[FRAME_MAX_BYTES];
    size_t n;
};

static inline struct made from_hex(const char *hex)
{
    struct made m;
    m.n = bytes_from_hex(hex, m.bytes, sizeof m.bytes);
    m.bytes[0] = (uint8_t)(m.n - 1);
    return m;
}

static inline struct decoder *open_with(const char *id, const char *key)
{
    struct meter_config m = { .name = "m", .driver = DRIVER_NONE, .n_keys = key != NULL };
    if (id)
        assert_true(address_id_parse(id, m.id));
    m.any_id = !id;
    if (key)
        m.keys[0].n = bytes_from_hex(key, m.keys[0].bytes, sizeof m.keys[0].bytes);
    struct decoder *d = decoder_open(&m, key ? 1 : 0);
    assert_non_null(d);
    return d;
}

static inline enum decode_status decode_at(struct decoder *d, const struct made *made, int64_t t_us)
{
    struct frame frame = { .n = made->n };
    memcpy(frame.bytes, made->bytes, made->n);
    return decoder_decode(d, &frame, t_us, &telegram);
}

static inline enum decode_status decode(const struct made *made, const char *id, const char *key)
{
    struct decoder *d = open_with(id, key);
    enum decode_status status = decode_at(d, made, 0);
    telegram.name = NULL;
    decoder_close(d);
    return status;
}

#endif
