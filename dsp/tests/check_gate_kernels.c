/* SPDX-License-Identifier: MIT
 * The kernels of the gates: sums, activity and tones, of every row that this CPU runs, against
 * their definition written out in doubles and 64-bit integers. WMBUS_SEED=N repeats a run with
 * other data. */
#include "dsp/kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/math_const.h"
#include "dsp/tests/kernel_check.h"
#include "dsp/tone_spectra.h"

/* ---- gate --------------------------------------------------------------------------------- */

static void reference_gate_sums(double sums[5], const float *i, const float *q, size_t delay,
                                const float *cosine, const float *sine, size_t n)
{
    memset(sums, 0, 5 * sizeof *sums);
    for (size_t k = 0; k < n; k++) {
        const double a = (double)i[k], b = (double)q[k];
        const double c = (double)*(i + k - delay), d = (double)*(q + k - delay);
        const double re = a * c + b * d, im = b * c - a * d;
        sums[0] += re * (double)cosine[k];
        sums[1] += re * (double)sine[k];
        sums[2] += im * (double)cosine[k];
        sums[3] += im * (double)sine[k];
        sums[4] += a * a + b * b;
    }
}

static void check_gate_sums(const struct kernels *kernels)
{
    enum { MAX_DELAY = 9, MAX_N = 4097 };
    static float i[MAX_DELAY + MAX_N + KERNEL_MAX_SHIFT], q[MAX_DELAY + MAX_N + KERNEL_MAX_SHIFT];
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        const size_t n = kernel_length_at(l), delay = (size_t)kernel_random_int(1, MAX_DELAY);
        const size_t at = delay + l % KERNEL_MAX_SHIFT;
        struct kernel_input c = kernel_input_open(4 * n, 0), s = kernel_input_open(4 * n, 0);
        for (size_t k = 0; k < at + n; k++) {
            i[k] = rng_normal(&kernel_rng);
            q[k] = rng_normal(&kernel_rng);
        }
        for (size_t k = 0; k < n; k++) {
            ((float *)c.at)[k] = (float)cos(0.7 * (double)k);
            ((float *)s.at)[k] = (float)sin(0.7 * (double)k);
        }
        struct gate_sums sums;
        double exact[5];
        kernels->gate_sums(&sums, i + at, q + at, delay, c.at, s.at, n);
        reference_gate_sums(exact, i + at, q + at, delay, c.at, s.at, n);
        const float got[5] = { sums.re_cos, sums.re_sin, sums.im_cos, sums.im_sin, sums.energy };
        /* Rounding errors of n additions walk at random; all in line if the compiler does not
         * vectorise, as clang with sanitizers. */
        const double tolerance = 0.5 * (double)FLT_EPSILON * (4 * sqrt((double)n) + 8);
        for (int k = 0; k < 5; k++)
            assert_true(fabs((double)got[k] - exact[k]) <= tolerance * exact[4]);
        free(c.block);
        free(s.block);
    }
}

/* ---- activity ----------------------------------------------------------------------------- */

/* |DFT|^2 of a window at so many bins above 0 Hz. */
static double reference_power(const struct spectra_plan *plan, const double *re, const double *im,
                              double bin)
{
    double a = 0, b = 0;
    for (size_t k = 0; k < plan->size; k++) {
        const double turn = -TWO_PI * fmod(bin * (double)k / (double)plan->size, 1);
        const double weight = (double)plan->window[k];
        a += weight * (re[k] * cos(turn) - im[k] * sin(turn));
        b += weight * (im[k] * cos(turn) + re[k] * sin(turn));
    }
    return a * a + b * b;
}

/* Of n windows of samples re[], im[]. */
static void check_powers(const struct spectra_plan *plan, const double *re, const double *im,
                         size_t n, size_t stride, const float *power)
{
    double exact[SPECTRA_MAX_SIZE] = { 0 }, most = 0;
    for (size_t k = 0; k < plan->size; k++) {
        for (size_t w = 0; w < n; w++)
            exact[k] += reference_power(plan, re + w * stride, im + w * stride,
                                        (double)k - (double)plan->size / 2);
        most = fmax(most, exact[k]);
    }
    for (size_t k = 0; k < plan->size; k++)
        assert_true(fabs((double)power[k] - exact[k]) < 2e-6 * most);
}

static void check_spectra(const struct kernels *kernels, size_t size, size_t n, size_t stride)
{
    const size_t n_samples = (n - 1) * stride + size, shift = n % KERNEL_MAX_SHIFT;
    const float dc[2] = { (float)rng_uniform(&kernel_rng, 0, 255), 127.5f };
    struct kernel_input u8 = kernel_input_open(2 * n_samples, shift),
                        s16 = kernel_input_open(4 * n_samples, 2 * shift);
    struct kernel_output out[2] = { kernel_output_open(4 * size, 4 * shift),
                                    kernel_output_open(4 * size, 4 * shift) };
    double *re = calloc(4 * n_samples, sizeof *re), *im = re + n_samples;
    double *re16 = im + n_samples, *im16 = re16 + n_samples;
    struct spectra_plan plan;
    assert_non_null(re);
    spectra_plan_init(&plan, size);
    for (size_t k = 0; k < 2 * n_samples; k++) {
        ((uint8_t *)u8.at)[k] = (uint8_t)kernel_random_int(0, 255);
        ((int16_t *)s16.at)[k] = (int16_t)kernel_random_int(-32768, 32767);
        (k % 2 ? im : re)[k / 2] = ((uint8_t *)u8.at)[k] - (double)dc[k % 2];
        (k % 2 ? im16 : re16)[k / 2] = ((int16_t *)s16.at)[k];
    }
    kernels->spectra_u8(out[0].at, u8.at, n, stride, dc, &plan);
    kernels->spectra_s16(out[1].at, s16.at, n, stride, &plan);
    check_powers(&plan, re, im, n, stride, out[0].at);
    check_powers(&plan, re16, im16, n, stride, out[1].at);
    kernel_output_close(&out[0]);
    kernel_output_close(&out[1]);
    free(u8.block);
    free(s16.block);
    free(re);
}

static void check_all_spectra(const struct kernels *kernels)
{
    for (size_t size = SPECTRA_SQUARE; size <= SPECTRA_MAX_SIZE; size *= 2)
        for (size_t n = 1; n <= 4; n++)
            check_spectra(kernels, size, n, size + n % 3 * 5);
}

/* ---- tones -------------------------------------------------------------------------------- */

static void check_tone_turn(const struct kernels *kernels)
{
    enum { MAX_N = 70 };
    float x[4][MAX_N], out_i[MAX_N + 1], out_q[MAX_N + 1];
    for (size_t n = 0; n <= MAX_N; n++) {
        for (size_t row = 0; row < ARRAY_LEN(x); row++)
            kernel_fill_normal(x[row], n);
        out_i[n] = out_q[n] = 7;
        kernels->tone_turn(out_i, out_q, x[0], x[1], x[2], x[3], n);
        for (size_t k = 0; k < n; k++) {
            assert_true(fabsf(out_i[k] - (x[0][k] * x[2][k] - x[1][k] * x[3][k])) < 1e-5f);
            assert_true(fabsf(out_q[k] - (x[1][k] * x[2][k] + x[0][k] * x[3][k])) < 1e-5f);
        }
        assert_true(out_i[n] == 7 && out_q[n] == 7);
    }
}

/* The power of frequency k in n samples, as the definition has it. */
static double power_of(const float *i, const float *q, size_t n, double cycles)
{
    double re = 0, im = 0;
    for (size_t k = 0; k < n; k++) {
        const double c = cos(TWO_PI * cycles * (double)k), s = sin(TWO_PI * cycles * (double)k);
        re += (double)i[k] * c + (double)q[k] * s;
        im += (double)q[k] * c - (double)i[k] * s;
    }
    return re * re + im * im;
}

/* Windows of every length, against a transform by its definition. */
static void check_tone_block(const struct kernels *kernels)
{
    enum { SAMPLES = 200 };
    static const double cycles = 0.0243;
    float i[SAMPLES], q[SAMPLES], row[3][TONE_DFT_BINS + 1];
    const struct tone_rows rows = { row[0], row[1], row[2] };
    for (size_t n = 1; n <= TONE_DFT_MAX_WINDOW; n++) {
        struct tone_dft dft;
        size_t starts[TONE_HOPS];
        tone_dft_init(&dft, n, cycles);
        kernel_fill_normal(i, SAMPLES);
        kernel_fill_normal(q, SAMPLES);
        for (size_t hop = 0; hop < TONE_HOPS; hop++)
            starts[hop] = (size_t)kernel_random_int(TONE_DFT_HALF,
                                                    SAMPLES - TONE_DFT_HALF - TONE_DFT_MAX_WINDOW);
        for (size_t r = 0; r < ARRAY_LEN(row); r++)
            row[r][TONE_DFT_BINS] = 7;
        kernels->tone_block(&rows, i, q, starts, &dft);
        for (int bin = 0; bin < TONE_DFT_BINS - 1; bin++) {
            double exact[3] = { 0, 0, 0 };
            for (size_t hop = 0; hop < TONE_HOPS; hop++) {
                const double p =
                    power_of(i + starts[hop], q + starts[hop], n, cycles * (bin - TONE_DFT_MIDDLE));
                exact[hop % 2] += hop % 4 == 0 || hop % 4 == 3 ? p : -p;
                exact[2] += p;
            }
            for (size_t r = 0; r < ARRAY_LEN(row); r++)
                assert_true(fabs((double)row[r][bin] - exact[r]) < 1e-4 * (1 + exact[2]));
        }
        for (size_t r = 0; r < ARRAY_LEN(row); r++)
            assert_true(row[r][TONE_DFT_BINS - 1] == 0 && row[r][TONE_DFT_BINS] == 7);
    }
}

static void check_tone_add(const struct kernels *kernels)
{
    enum { MAX_N = 70 };
    float spectrum[2 * MAX_N], line[MAX_N + 1], power[MAX_N + 1];
    for (size_t n = 0; n <= MAX_N; n++) {
        kernel_fill_normal(spectrum, 2 * n);
        for (size_t k = 0; k <= n; k++)
            line[k] = power[k] = 7;
        kernels->tone_add(line, power, spectrum, -1, n);
        for (size_t k = 0; k <= n; k++) {
            const float re = k < n ? spectrum[2 * k] : 0, im = k < n ? spectrum[2 * k + 1] : 0;
            const float added = re * re + im * im;
            assert_true(fabsf(line[k] - (7 - added)) < 1e-5f * (7 + added));
            assert_true(fabsf(power[k] - (7 + added)) < 1e-5f * (7 + added));
        }
    }
}

enum { TONE_ROWS = 16, TONE_BINS = 48, TONE_MOST_GAP = 9 };

static void check_tone_sums(const struct kernels *kernels)
{
    float rows[TONE_ROWS][TONE_BINS], cosine[TONE_ROWS], sine[TONE_ROWS];
    const float *of[TONE_ROWS];
    for (size_t n = TONE_OCTET; n < TONE_BINS; n += TONE_OCTET) {
        for (size_t n_rows = 1; n_rows <= TONE_ROWS; n_rows++) {
            float sum[TONE_BINS + 1], along[TONE_BINS + 1], across[TONE_BINS + 1];
            for (size_t r = 0; r < n_rows; r++) {
                kernel_fill_normal(rows[r], n);
                of[r] = rows[r];
            }
            kernel_fill_normal(cosine, n_rows);
            kernel_fill_normal(sine, n_rows);
            sum[n] = along[n] = across[n] = 7;
            kernels->tone_sum(sum, of, n_rows, n);
            kernels->tone_sum_turned(along, across, of, cosine, sine, n_rows, n);
            for (size_t k = 0; k < n; k++) {
                double exact[3] = { 0, 0, 0 };
                for (size_t r = 0; r < n_rows; r++) {
                    exact[0] += (double)rows[r][k];
                    exact[1] += (double)rows[r][k] * (double)cosine[r];
                    exact[2] += (double)rows[r][k] * (double)sine[r];
                }
                assert_true(fabs((double)sum[k] - exact[0]) < 1e-4);
                assert_true(fabs((double)along[k] - exact[1]) < 1e-4);
                assert_true(fabs((double)across[k] - exact[2]) < 1e-4);
            }
            assert_true(sum[n] == 7 && along[n] == 7 && across[n] == 7);
        }
    }
}

/* One frequency, or one pair, a little below its least and a little above it. */
static void check_tone_any(const struct kernels *kernels)
{
    enum { N = TONE_BINS + TONE_MOST_GAP, GAP_MIN = 3 };
    for (size_t at = 0; at < TONE_BINS; at++) {
        float re[N] = { 0 }, im[N] = { 0 }, least[N];
        for (size_t k = 0; k < N; k++)
            least[k] = 1;
        re[at] = im[at] = 0.49f;
        assert_int_equal(kernels->tone_any(re, im, least, TONE_BINS), 0);
        im[at] = 0.55f;
        assert_int_equal(kernels->tone_any(re, im, least, TONE_BINS), 1);
        for (size_t gap = 1; gap <= TONE_MOST_GAP + 1 && at + gap < N; gap++) {
            re[at] = im[at] = 0.7f;
            re[at + gap] = im[at + gap] = -0.29f;
            assert_int_equal(
                kernels->tone_any_pair(re, im, least, GAP_MIN, TONE_MOST_GAP, TONE_BINS), 0);
            re[at + gap] = im[at + gap] = -0.31f;
            assert_int_equal(
                kernels->tone_any_pair(re, im, least, GAP_MIN, TONE_MOST_GAP, TONE_BINS),
                gap >= GAP_MIN && gap <= TONE_MOST_GAP);
            re[at + gap] = im[at + gap] = 0;
        }
    }
}

static void check_tones(const struct kernels *kernels)
{
    check_tone_turn(kernels);
    check_tone_block(kernels);
    check_tone_add(kernels);
    check_tone_sums(kernels);
    check_tone_any(kernels);
}

/* ---- table -------------------------------------------------------------------------------- */

static void test_gate_sums(void **state)
{
    (void)state;
    kernel_each_row(check_gate_sums);
}

static void test_activity(void **state)
{
    (void)state;
    kernel_each_row(check_all_spectra);
}

static void test_tones(void **state)
{
    (void)state;
    kernel_each_row(check_tones);
}

int main(void)
{
    kernel_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_sums),
        cmocka_unit_test(test_activity),
        cmocka_unit_test(test_tones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
