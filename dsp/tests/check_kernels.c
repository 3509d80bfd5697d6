/* SPDX-License-Identifier: MIT
 * The kernels that convert, sum and filter, of every row that this CPU runs, against
 * their definition written out in doubles and 64-bit integers. WMBUS_SEED=N repeats a run with
 * other data. */
#include "dsp/kernels/kernels.h"

#include <float.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/tests/kernel_check.h"

/* ---- conversion --------------------------------------------------------------------------- */

static void check_from_u8(const struct kernels *kernels)
{
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        for (size_t shift = 0; shift < KERNEL_MAX_SHIFT; shift++) {
            const size_t n = 2 * kernel_length_at(l);
            const int scale = kernel_random_int(1, 64);
            const int16_t offset[2] = { (int16_t)kernel_random_int(-8192, 8192),
                                        (int16_t)kernel_random_int(-8192, 8192) };
            struct kernel_input in = kernel_input_open(n, shift);
            struct kernel_output out = kernel_output_open(2 * n, 2 * shift);
            uint8_t *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = (uint8_t)kernel_random_int(0, 255);
            kernels->from_u8(out.at, in.at, n, scale, offset);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(((int16_t *)out.at)[k], x[k] * scale - offset[k % 2]);
            kernel_output_close(&out);
            free(in.block);
        }
    }
}

static int saturated(int value)
{
    return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}

/* Offsets up to the limits, so that some results are beyond them. x / 2 rounds down. */
static void check_from_s16(const struct kernels *kernels)
{
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        for (size_t shift = 0; shift < KERNEL_MAX_SHIFT; shift++) {
            const size_t n = 2 * kernel_length_at(l);
            const int16_t offset[2] = { (int16_t)kernel_random_int(-32768, 32767),
                                        (int16_t)kernel_random_int(-32768, 32767) };
            struct kernel_input in = kernel_input_open(2 * n, 2 * shift);
            struct kernel_output out = kernel_output_open(2 * n, 2 * shift);
            int16_t *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = (int16_t)(k % 7 == 3   ? 32767
                                 : k % 7 == 5 ? -32768
                                              : kernel_random_int(-32768, 32767));
            kernels->from_s16(out.at, x, n, offset);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(((int16_t *)out.at)[k],
                                 saturated((int)floor(x[k] / 2.0) - offset[k % 2]));
            kernel_output_close(&out);
            free(in.block);
        }
    }
}

/* What floats may be, from a file: anything. */
static float wild_float(void)
{
    static const float wild[] = { NAN,  INFINITY, -INFINITY, 1e30f, -1e30f,
                                  4.0f, -4.0f,    0.0f,      -0.0f, 1e-40f };
    if (kernel_random_int(0, 3) == 0)
        return wild[kernel_random_int(0, ARRAY_LEN(wild) - 1)];
    return (float)rng_uniform(&kernel_rng, -5, 5);
}

/* The value is cut, not rounded, and FMA rounds the difference differently: one step. */
static void check_from_f32(const struct kernels *kernels)
{
    static const float scale = 8192;
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        for (size_t shift = 0; shift < KERNEL_MAX_SHIFT; shift++) {
            const size_t n = 2 * kernel_length_at(l);
            const int16_t offset[2] = { (int16_t)kernel_random_int(-32000, 32000),
                                        (int16_t)kernel_random_int(-32000, 32000) };
            struct kernel_input in = kernel_input_open(4 * n, 4 * shift);
            struct kernel_output out = kernel_output_open(2 * n, 2 * shift);
            float *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = wild_float();
            kernels->from_f32(out.at, x, n, scale, offset);
            for (size_t k = 0; k < n; k++) {
                const double counted = isfinite(x[k]) ? (double)x[k] : 0;
                const double exact = (double)scale * counted - offset[k % 2];
                const double limited = fmax(-32768, fmin(32767, exact));
                assert_true(fabs(((int16_t *)out.at)[k] - limited) <= 1.01);
                if (counted == 0 || fabs(exact) > 40000)
                    assert_int_equal(((int16_t *)out.at)[k], (int)limited);
            }
            kernel_output_close(&out);
            free(in.block);
        }
    }
}

static void check_sums_u8(const struct kernels *kernels)
{
    static const size_t longest = 65536; /* values of 255 at that */
    for (size_t l = 0; l <= kernel_n_lengths(); l++) {
        const size_t n = l < kernel_n_lengths() ? 2 * kernel_length_at(l) : longest;
        for (size_t shift = 0; shift < KERNEL_MAX_SHIFT; shift++) {
            struct kernel_input in = kernel_input_open(n, shift);
            uint8_t *x = in.at;
            int32_t sums[2] = { 0, 0 }, of_u8[2] = { -1, -1 };
            for (size_t k = 0; k < n; k++) {
                x[k] = (uint8_t)(n < longest ? kernel_random_int(0, 255) : 0xFF);
                sums[k % 2] += x[k];
            }
            kernels->sum_u8(of_u8, in.at, n);
            assert_memory_equal(of_u8, sums, sizeof sums);
            free(in.block);
        }
    }
}

static void check_sums_s16(const struct kernels *kernels)
{
    static const size_t longest = 65536;
    for (size_t l = 0; l <= kernel_n_lengths(); l++) {
        const size_t n = l < kernel_n_lengths() ? 2 * kernel_length_at(l) : longest;
        struct kernel_input in = kernel_input_open(2 * n, 2 * (l % KERNEL_MAX_SHIFT));
        int16_t *x = in.at;
        int32_t sums[2] = { 0, 0 }, of_s16[2] = { -1, -1 };
        for (size_t k = 0; k < n; k++) {
            x[k] = (int16_t)(n < longest ? kernel_random_int(-32768, 32767) : -32768);
            sums[k % 2] += x[k];
        }
        kernels->sum_s16(of_s16, x, n);
        assert_memory_equal(of_s16, sums, sizeof sums);
        free(in.block);
    }
}

static void check_sums_f32(const struct kernels *kernels)
{
    static const float limit = 4;
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        const size_t n = 2 * kernel_length_at(l);
        struct kernel_input in = kernel_input_open(4 * n, 4 * (l % KERNEL_MAX_SHIFT));
        float *x = in.at, sums[2] = { -1, -1 };
        double exact[2] = { 0, 0 };
        for (size_t k = 0; k < n; k++) {
            x[k] = wild_float();
            exact[k % 2] += fabsf(x[k]) < limit ? (double)x[k] : 0;
        }
        kernels->sum_f32(sums, x, n, limit);
        for (int rail = 0; rail < 2; rail++)
            assert_true(fabs((double)sums[rail] - exact[rail]) <=
                        (double)n * (double)(limit * FLT_EPSILON));
        free(in.block);
    }
}

/* ---- filter ------------------------------------------------------------------------------- */

static void check_decimate_once(const struct kernels *kernels, size_t n_taps, size_t decimation,
                                size_t n_out, size_t shift)
{
    const size_t n_in = 2 * ((n_out ? n_out - 1 : 0) * decimation + n_taps);
    const int most_tap = 24000 / (int)n_taps; /* whatever the input, 32 bits hold the sum */
    struct kernel_input in = kernel_input_open(2 * n_in, 2 * shift);
    struct kernel_input re = kernel_input_open(4 * n_taps, 2 * shift),
                        im = kernel_input_open(4 * n_taps, 2 * shift);
    struct kernel_output out_i = kernel_output_open(4 * n_out, 4 * shift),
                         out_q = kernel_output_open(4 * n_out, 4 * shift);
    int16_t *x = in.at, *taps_re = re.at, *taps_im = im.at;
    for (size_t k = 0; k < n_in; k++)
        x[k] = (int16_t)(k % 5 == 1 ? -32768 : kernel_random_int(-32768, 32767));
    for (size_t k = 0; k < 2 * n_taps; k++) {
        taps_re[k] = (int16_t)kernel_random_int(-most_tap, most_tap);
        taps_im[k] = (int16_t)kernel_random_int(-most_tap, most_tap);
    }
    kernels->decimate(out_i.at, out_q.at, x, taps_re, taps_im, n_taps, decimation, n_out);
    for (size_t m = 0; m < n_out; m++) {
        int64_t sum_i = 0, sum_q = 0;
        for (size_t k = 0; k < 2 * n_taps; k++) {
            sum_i += (int64_t)x[2 * decimation * m + k] * taps_re[k];
            sum_q += (int64_t)x[2 * decimation * m + k] * taps_im[k];
        }
        assert_true(((float *)out_i.at)[m] == (float)sum_i);
        assert_true(((float *)out_q.at)[m] == (float)sum_q);
    }
    kernel_output_close(&out_i);
    kernel_output_close(&out_q);
    free(in.block);
    free(re.block);
    free(im.block);
}

static void check_decimate(const struct kernels *kernels)
{
    static const size_t taps[] = { 8, 16, 24, 32, 40, 56, 64, 88, 120, 256 };
    static const size_t decimations[] = { 1, 2, 3, 4, 5, 6, 8, 12 };
    for (size_t n_out = 0; n_out <= KERNEL_MAX_LENGTH; n_out++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_once(kernels, taps[kernel_random_int(0, ARRAY_LEN(taps) - 1)],
                                decimations[d], n_out, n_out % KERNEL_MAX_SHIFT);
    for (size_t t = 0; t < ARRAY_LEN(taps); t++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_once(kernels, taps[t], decimations[d], 500 + t, d % KERNEL_MAX_SHIFT);
}

/* Taps and bytes at their limits among them, where 16 bits would not hold three products. */
static void check_decimate_u8_once(const struct kernels *kernels, size_t n_taps, size_t decimation,
                                   size_t n_out, size_t shift)
{
    const size_t n_in = 2 * ((n_out ? n_out - 1 : 0) * decimation + n_taps);
    const float scale = (float)rng_uniform(&kernel_rng, 1, 100),
                offset[2] = { (float)rng_uniform(&kernel_rng, -1e4, 1e4),
                              (float)rng_uniform(&kernel_rng, 0, 1e6) };
    struct kernel_input in = kernel_input_open(n_in, shift),
                        re = kernel_input_open(2 * n_taps, shift),
                        im = kernel_input_open(2 * n_taps, shift);
    struct kernel_output out_i = kernel_output_open(4 * n_out, 4 * shift),
                         out_q = kernel_output_open(4 * n_out, 4 * shift);
    uint8_t *x = in.at;
    int8_t *taps_re = re.at, *taps_im = im.at;
    for (size_t k = 0; k < n_in; k++)
        x[k] = (uint8_t)(k % 3 == 1 ? 255 : kernel_random_int(0, 255));
    for (size_t k = 0; k < 2 * n_taps; k++) {
        taps_re[k] = (int8_t)(kernel_random_int(0, 2) ? 63 : kernel_random_int(-63, 63));
        taps_im[k] = (int8_t)(kernel_random_int(0, 2) ? -63 : kernel_random_int(-63, 63));
    }
    kernels->decimate_u8(out_i.at, out_q.at, x, taps_re, taps_im, n_taps, decimation, n_out, scale,
                         offset);
    for (size_t m = 0; m < n_out; m++) {
        int64_t sum_i = 0, sum_q = 0;
        for (size_t k = 0; k < 2 * n_taps; k++) {
            sum_i += (int64_t)x[2 * decimation * m + k] * taps_re[k];
            sum_q += (int64_t)x[2 * decimation * m + k] * taps_im[k];
        }
        const double exact_i = (double)scale * (double)sum_i,
                     got_i = (double)((float *)out_i.at)[m];
        const double exact_q = (double)scale * (double)sum_q,
                     got_q = (double)((float *)out_q.at)[m];
        const double rounding = 3 * (double)FLT_EPSILON;
        assert_true(fabs(got_i - (exact_i - (double)offset[0])) <=
                    rounding * (fabs(exact_i) + fabs((double)offset[0])));
        assert_true(fabs(got_q - (exact_q - (double)offset[1])) <=
                    rounding * (fabs(exact_q) + fabs((double)offset[1])));
    }
    kernel_output_close(&out_i);
    kernel_output_close(&out_q);
    free(in.block);
    free(re.block);
    free(im.block);
}

static void check_decimate_u8(const struct kernels *kernels)
{
    static const size_t taps[] = { 16, 32, 48, 64, 256 };
    static const size_t decimations[] = { 1, 2, 3, 4, 6, 8, 16 };
    for (size_t n_out = 0; n_out <= KERNEL_MAX_LENGTH; n_out++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_u8_once(kernels, taps[kernel_random_int(0, ARRAY_LEN(taps) - 1)],
                                   decimations[d], n_out, n_out % KERNEL_MAX_SHIFT);
    for (size_t t = 0; t < ARRAY_LEN(taps); t++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_u8_once(kernels, taps[t], decimations[d], 500 + t, d % KERNEL_MAX_SHIFT);
}

/* ---- table -------------------------------------------------------------------------------- */

static void test_from_u8(void **state)
{
    (void)state;
    kernel_each_row(check_from_u8);
}

static void test_from_s16(void **state)
{
    (void)state;
    kernel_each_row(check_from_s16);
}

static void test_from_f32(void **state)
{
    (void)state;
    kernel_each_row(check_from_f32);
}

static void test_sums(void **state)
{
    (void)state;
    kernel_each_row(check_sums_u8);
    kernel_each_row(check_sums_s16);
    kernel_each_row(check_sums_f32);
}

static void test_decimate(void **state)
{
    (void)state;
    kernel_each_row(check_decimate);
}

static void test_decimate_u8(void **state)
{
    (void)state;
    kernel_each_row(check_decimate_u8);
}

static void test_find(void **state)
{
    (void)state;
    assert_null(kernels_find("mmx"));
    assert_null(kernels_find(""));
    assert_non_null(kernels_find("scalar"));
    const struct kernels *best = kernels_find(NULL);
    assert_ptr_equal(kernels_find(best->name), best);
    for (size_t k = 0; kernels_row(k) != best; k++) /* what is better does not run here */
        assert_null(kernels_find(kernels_row(k)->name));
}

int main(void)
{
    kernel_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_u8),  cmocka_unit_test(test_decimate_u8),
        cmocka_unit_test(test_from_s16), cmocka_unit_test(test_from_f32),
        cmocka_unit_test(test_sums),     cmocka_unit_test(test_decimate),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
