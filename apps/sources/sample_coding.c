/* SPDX-License-Identifier: MIT */
#include "apps/sources/sample_coding.h"

#include <string.h>

bool sample_coding_known(const struct sample_coding *c)
{
    if (c->kind == CODING_FLOAT)
        return c->bits == 32 || c->bits == 64;
    return c->bits == 8 || c->bits == 16 || c->bits == 24 || c->bits == 32;
}

size_t sample_coding_bytes(const struct sample_coding *c)
{
    return 2 * (size_t)c->bits / 8;
}

enum iq_format sample_coding_format(const struct sample_coding *c)
{
    if (c->kind == CODING_FLOAT)
        return IQ_CF32;
    if (c->bits > 8)
        return IQ_CS16;
    return c->kind == CODING_UNSIGNED ? IQ_CU8 : IQ_CS8;
}

struct sample_coding sample_coding_of(enum iq_format format)
{
    static const struct sample_coding codings[] = {
        [IQ_CU8] = { CODING_UNSIGNED, 8, false },
        [IQ_CS8] = { CODING_SIGNED, 8, false },
        [IQ_CS16] = { CODING_SIGNED, 16, false },
        [IQ_CF32] = { CODING_FLOAT, 32, false },
    };
    return codings[format];
}

bool sample_coding_is_plain(const struct sample_coding *c)
{
    const struct sample_coding plain = sample_coding_of(sample_coding_format(c));
    return c->kind == plain.kind && c->bits == plain.bits && (c->bits == 8 || !c->big_endian);
}

/* The bits of one value, most significant at the top of 64. */
static uint64_t load(const struct sample_coding *c, const uint8_t *from)
{
    const size_t n = c->bits / 8;
    uint64_t bits = 0;
    for (size_t k = 0; k < n; k++)
        bits = bits << 8 | from[c->big_endian ? k : n - 1 - k];
    return bits << (64 - c->bits);
}

static int16_t to_s16(uint64_t bits, enum coding_kind kind)
{
    const uint16_t upper = (uint16_t)(bits >> 48);
    return (int16_t)(kind == CODING_UNSIGNED ? upper ^ 0x8000 : upper);
}

static float to_f32(uint64_t bits, unsigned n_bits)
{
    const uint32_t upper = (uint32_t)(bits >> 32);
    double f64;
    float f32;
    memcpy(&f32, &upper, sizeof f32);
    memcpy(&f64, &bits, sizeof f64);
    if (n_bits == 32)
        return f32;
    return f64 > -1e30 && f64 < 1e30 ? (float)f64 : 0.0f; /* else a float may not hold it */
}

void sample_coding_convert(const struct sample_coding *c, const uint8_t *from, size_t n, void *to)
{
    const size_t step = c->bits / 8;
    const enum iq_format format = sample_coding_format(c);
    int16_t *s16 = to;
    float *f32 = to;
    if (sample_coding_is_plain(c)) {
        memcpy(to, from, n * sample_coding_bytes(c));
        return;
    }
    for (size_t k = 0; k < 2 * n; k++, from += step) {
        if (format == IQ_CF32)
            f32[k] = to_f32(load(c, from), c->bits);
        else
            s16[k] = to_s16(load(c, from), c->kind);
    }
}
