/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/rng.h"
#include "dsp/signal_level.h"

enum { N = 1 << 21 };
static float iq[2 * N];

/* Noise of this power, full scale being 1; a quarter of it loud; an offset of the middle. */
static void make(double power, uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t k = 0; k < 2 * N; k++) {
        const double scale = sqrt(power / 2) * (k % (N / 4) < N / 16 ? 10 : 1);
        iq[k] = (float)(scale * (double)rng_normal(&rng) + 0.05);
    }
}

static void convert(enum iq_format format, void *to)
{
    for (size_t k = 0; k < 2 * N; k++) {
        const float x = fmaxf(-1, fminf(iq[k], 1));
        if (format == IQ_CU8)
            ((uint8_t *)to)[k] = (uint8_t)lrintf(127.5F + 127.4F * x);
        else if (format == IQ_CS8)
            ((int8_t *)to)[k] = (int8_t)lrintf(127 * x);
        else if (format == IQ_CS16)
            ((int16_t *)to)[k] = (int16_t)lrintf(32767 * x);
        else
            ((float *)to)[k] = x;
    }
}

static struct level_counts push_all(const void *samples, enum iq_format format, uint64_t first,
                                    size_t block)
{
    struct signal_level level;
    struct level_counts counts = { 0 };
    signal_level_reset(&level, format, first);
    for (size_t at = 0; at < N; at += block)
        signal_level_push(&level, (const char *)samples + at * iq_sample_bytes(format),
                          at + block < N ? block : N - at, &counts);
    return counts;
}

static void test_noise(void **state)
{
    static float samples[2 * N];
    (void)state;
    for (enum iq_format format = IQ_CU8; format <= IQ_CF32; format++)
        for (double dbfs = -35; dbfs <= -15; dbfs += 10) {
            make(pow(10, dbfs / 10), 2026);
            convert(format, samples);
            const struct level_counts counts = push_all(samples, format, 0, N);
            assert_int_equal(counts.looked, N / LEVEL_STRIDE * LEVEL_PIECE);
            assert_true(fabs(level_noise_dbfs(&counts) - dbfs) < 0.7);
        }
}

static void test_clipping(void **state)
{
    static uint8_t samples[2 * N];
    (void)state;
    make(1e-3, 1);
    convert(IQ_CU8, samples);
    for (size_t k = 0; k < N; k += LEVEL_STRIDE) /* 8 of each piece of 64 */
        for (size_t j = 0; j < 8; j++)
            samples[2 * (k + 7 * j) + j % 2] = j % 3 ? 255 : 0;
    const struct level_counts counts = push_all(samples, IQ_CU8, 0, N);
    assert_true(fabs(level_clipped(&counts) - 0.125) < 0.001);
}

/* However the stream is cut, and wherever it starts, the same pieces count; none that is cut. */
static void test_blocks(void **state)
{
    static uint8_t samples[2 * N];
    (void)state;
    make(1e-3, 2);
    convert(IQ_CU8, samples);
    for (uint64_t first = 0; first < 2; first++) {
        const struct level_counts whole = push_all(samples, IQ_CU8, first * 33, N);
        assert_int_equal(whole.looked, (N / LEVEL_STRIDE - first + (first > 0)) * LEVEL_PIECE -
                                           first * LEVEL_PIECE);
        static const size_t blocks[] = { 1, 7, 63, 4096, 65536 };
        for (size_t b = 0; b < ARRAY_LEN(blocks); b++) {
            const struct level_counts cut = push_all(samples, IQ_CU8, first * 33, blocks[b]);
            assert_memory_equal(&cut, &whole, sizeof whole);
        }
    }
}

static void test_hostile(void **state)
{
    static float samples[2 * N];
    struct level_counts counts = { 0 };
    (void)state;
    assert_true(isinf(level_noise_dbfs(&counts)) && level_clipped(&counts) == 0);
    counts = push_all(samples, IQ_CF32, 0, N); /* silence */
    assert_true(level_noise_dbfs(&counts) < -126);
    static const float values[] = { NAN, INFINITY, -INFINITY, 1e30F };
    for (size_t v = 0; v < ARRAY_LEN(values); v++) {
        for (size_t k = 0; k < 2 * N; k++)
            samples[k] = values[v];
        counts = push_all(samples, IQ_CF32, 0, N);
        assert_true(isfinite(level_noise_dbfs(&counts)));
    }
}

/* Single values that are none: they are neither loud nor clipped. */
static void test_not_finite(void **state)
{
    static const float values[] = { NAN, INFINITY, -INFINITY };
    (void)state;
    make(1e-3, 7);
    for (size_t k = 0; k < N; k++)
        iq[2 * k + k % 2] = k % 20 ? iq[2 * k + k % 2] : values[k / 20 % ARRAY_LEN(values)];
    const struct level_counts counts = push_all(iq, IQ_CF32, 0, N);
    assert_true(fabs(level_noise_dbfs(&counts) + 30) < 0.7);
    assert_true(level_clipped(&counts) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise),      cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_blocks),     cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
