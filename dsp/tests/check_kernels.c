/* SPDX-License-Identifier: MIT
 * Every kernel of every row that this CPU runs, against the definition written out in doubles and
 * 64-bit integers: all lengths up to 67 samples and some long ones, places of every alignment, and
 * guards around what is written. Inputs lie in memory of their exact size, so that a read beyond
 * them shows under ASan. WMBUS_SEED=N repeats a run with other data. */
#include "dsp/kernels/kernels.h"

#include <inttypes.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"
#include "dsp/tone_spectra.h"

enum { GUARD_BYTES = 64, GUARD = 0xA5, MAX_LENGTH = 67, MAX_SHIFT = 4 };

static const size_t long_lengths[] = { 128, 1000, 4096, 4097 };
static struct rng rng;

static size_t n_lengths(void)
{
    return MAX_LENGTH + 1 + ARRAY_LEN(long_lengths);
}

static size_t length_at(size_t k)
{
    return k <= MAX_LENGTH ? k : long_lengths[k - MAX_LENGTH - 1];
}

static int random_int(int low, int high)
{
    return low + (int)(rng_u64(&rng) % (uint64_t)(high - low + 1));
}

/* n bytes at an address that is shift bytes off what malloc gives; nothing behind them. */
struct input {
    void *block, *at;
};

static struct input input_open(size_t n, size_t shift)
{
    struct input in = { .block = malloc(n + shift > 0 ? n + shift : 1) };
    assert_non_null(in.block);
    in.at = (char *)in.block + shift;
    return in;
}

/* The same with guards on both sides. */
struct output {
    unsigned char *block;
    void *at;
    size_t n, shift;
};

static struct output output_open(size_t n, size_t shift)
{
    struct output out = { .n = n, .shift = shift };
    out.block = malloc(n + shift + 2 * GUARD_BYTES);
    assert_non_null(out.block);
    memset(out.block, GUARD, n + shift + 2 * GUARD_BYTES);
    out.at = out.block + GUARD_BYTES + shift;
    return out;
}

static void output_close(struct output *out)
{
    for (size_t k = 0; k < GUARD_BYTES + out->shift; k++)
        assert_int_equal(out->block[k], GUARD);
    for (size_t k = 0; k < GUARD_BYTES; k++)
        assert_int_equal(out->block[GUARD_BYTES + out->shift + out->n + k], GUARD);
    free(out->block);
}

/* Runs a check with each row that works here. */
static void each_row(void (*check)(const struct kernels *kernels))
{
    size_t n_run = 0;
    for (size_t k = 0; kernels_row(k); k++) {
        const struct kernels *row = kernels_row(k);
        const bool usable = kernels_find(row->name) == row;
        print_message("%s%s\n", row->name, usable ? "" : ": not on this CPU");
        if (usable)
            check(row);
        n_run += usable;
    }
    assert_true(n_run >= 1);
}

/* ---- conversion --------------------------------------------------------------------------- */

static void check_from_u8(const struct kernels *kernels)
{
    for (size_t l = 0; l < n_lengths(); l++) {
        for (size_t shift = 0; shift < MAX_SHIFT; shift++) {
            const size_t n = 2 * length_at(l);
            const int scale = random_int(1, 64);
            const int16_t offset[2] = { (int16_t)random_int(-8192, 8192),
                                        (int16_t)random_int(-8192, 8192) };
            struct input in = input_open(n, shift);
            struct output out = output_open(2 * n, 2 * shift);
            uint8_t *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = (uint8_t)random_int(0, 255);
            kernels->from_u8(out.at, in.at, n, scale, offset);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(((int16_t *)out.at)[k], x[k] * scale - offset[k % 2]);
            output_close(&out);
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
    for (size_t l = 0; l < n_lengths(); l++) {
        for (size_t shift = 0; shift < MAX_SHIFT; shift++) {
            const size_t n = 2 * length_at(l);
            const int16_t offset[2] = { (int16_t)random_int(-32768, 32767),
                                        (int16_t)random_int(-32768, 32767) };
            struct input in = input_open(2 * n, 2 * shift);
            struct output out = output_open(2 * n, 2 * shift);
            int16_t *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = (int16_t)(k % 7 == 3   ? 32767
                                 : k % 7 == 5 ? -32768
                                              : random_int(-32768, 32767));
            kernels->from_s16(out.at, x, n, offset);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(((int16_t *)out.at)[k],
                                 saturated((int)floor(x[k] / 2.0) - offset[k % 2]));
            output_close(&out);
            free(in.block);
        }
    }
}

/* What floats may be, from a file: anything. */
static float wild_float(void)
{
    static const float wild[] = { NAN,  INFINITY, -INFINITY, 1e30f, -1e30f,
                                  4.0f, -4.0f,    0.0f,      -0.0f, 1e-40f };
    if (random_int(0, 3) == 0)
        return wild[random_int(0, ARRAY_LEN(wild) - 1)];
    return (float)rng_uniform(&rng, -5, 5);
}

/* The value is cut, not rounded, and FMA rounds the difference differently: one step. */
static void check_from_f32(const struct kernels *kernels)
{
    static const float scale = 8192;
    for (size_t l = 0; l < n_lengths(); l++) {
        for (size_t shift = 0; shift < MAX_SHIFT; shift++) {
            const size_t n = 2 * length_at(l);
            const int16_t offset[2] = { (int16_t)random_int(-32000, 32000),
                                        (int16_t)random_int(-32000, 32000) };
            struct input in = input_open(4 * n, 4 * shift);
            struct output out = output_open(2 * n, 2 * shift);
            float *x = in.at;
            for (size_t k = 0; k < n; k++)
                x[k] = wild_float();
            kernels->from_f32(out.at, x, n, scale, offset);
            for (size_t k = 0; k < n; k++) {
                const double exact = (double)scale * (double)x[k] - offset[k % 2];
                const double limited = isnan(exact) ? 32767 : fmax(-32768, fmin(32767, exact));
                assert_true(fabs(((int16_t *)out.at)[k] - limited) <= 1.01);
                if (isnan(exact) || fabs(exact) > 40000)
                    assert_int_equal(((int16_t *)out.at)[k], (int)limited);
            }
            output_close(&out);
            free(in.block);
        }
    }
}

static void check_sums(const struct kernels *kernels)
{
    static const size_t longest = 65536; /* values of 255 at that */
    for (size_t l = 0; l <= n_lengths(); l++) {
        const size_t n = l < n_lengths() ? 2 * length_at(l) : longest;
        for (size_t shift = 0; shift < MAX_SHIFT; shift++) {
            struct input in = input_open(n, shift);
            uint8_t *x = in.at;
            int32_t sums[2] = { 0, 0 }, of_u8[2] = { -1, -1 };
            for (size_t k = 0; k < n; k++) {
                x[k] = (uint8_t)(n < longest ? random_int(0, 255) : 0xFF);
                sums[k % 2] += x[k];
            }
            kernels->sum_u8(of_u8, in.at, n);
            assert_memory_equal(of_u8, sums, sizeof sums);
            free(in.block);
        }
    }
}

/* ---- filter ------------------------------------------------------------------------------- */

static void check_decimate_once(const struct kernels *kernels, size_t n_taps, size_t decimation,
                                size_t n_out, size_t shift)
{
    const size_t n_in = 2 * ((n_out ? n_out - 1 : 0) * decimation + n_taps);
    const int most_tap = 24000 / (int)n_taps; /* whatever the input, 32 bits hold the sum */
    struct input in = input_open(2 * n_in, 2 * shift);
    struct input re = input_open(4 * n_taps, 2 * shift), im = input_open(4 * n_taps, 2 * shift);
    struct output out_i = output_open(4 * n_out, 4 * shift),
                  out_q = output_open(4 * n_out, 4 * shift);
    int16_t *x = in.at, *taps_re = re.at, *taps_im = im.at;
    for (size_t k = 0; k < n_in; k++)
        x[k] = (int16_t)(k % 5 == 1 ? -32768 : random_int(-32768, 32767));
    for (size_t k = 0; k < 2 * n_taps; k++) {
        taps_re[k] = (int16_t)random_int(-most_tap, most_tap);
        taps_im[k] = (int16_t)random_int(-most_tap, most_tap);
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
    output_close(&out_i);
    output_close(&out_q);
    free(in.block);
    free(re.block);
    free(im.block);
}

static void check_decimate(const struct kernels *kernels)
{
    static const size_t taps[] = { 8, 16, 24, 32, 40, 56, 64, 88, 120, 256 };
    static const size_t decimations[] = { 1, 2, 3, 4, 5, 6, 8, 12 };
    for (size_t n_out = 0; n_out <= MAX_LENGTH; n_out++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_once(kernels, taps[random_int(0, ARRAY_LEN(taps) - 1)], decimations[d],
                                n_out, n_out % MAX_SHIFT);
    for (size_t t = 0; t < ARRAY_LEN(taps); t++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_once(kernels, taps[t], decimations[d], 500 + t, d % MAX_SHIFT);
}

/* Taps and bytes at their limits among them, where 16 bits would not hold three products. */
static void check_decimate_u8_once(const struct kernels *kernels, size_t n_taps, size_t decimation,
                                   size_t n_out, size_t shift)
{
    const size_t n_in = 2 * ((n_out ? n_out - 1 : 0) * decimation + n_taps);
    const float scale = (float)rng_uniform(&rng, 1, 100),
                offset[2] = { (float)rng_uniform(&rng, -1e4, 1e4),
                              (float)rng_uniform(&rng, 0, 1e6) };
    struct input in = input_open(n_in, shift), re = input_open(2 * n_taps, shift),
                 im = input_open(2 * n_taps, shift);
    struct output out_i = output_open(4 * n_out, 4 * shift),
                  out_q = output_open(4 * n_out, 4 * shift);
    uint8_t *x = in.at;
    int8_t *taps_re = re.at, *taps_im = im.at;
    for (size_t k = 0; k < n_in; k++)
        x[k] = (uint8_t)(k % 3 == 1 ? 255 : random_int(0, 255));
    for (size_t k = 0; k < 2 * n_taps; k++) {
        taps_re[k] = (int8_t)(random_int(0, 2) ? 63 : random_int(-63, 63));
        taps_im[k] = (int8_t)(random_int(0, 2) ? -63 : random_int(-63, 63));
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
    output_close(&out_i);
    output_close(&out_q);
    free(in.block);
    free(re.block);
    free(im.block);
}

static void check_decimate_u8(const struct kernels *kernels)
{
    static const size_t taps[] = { 16, 32, 48, 64, 256 };
    static const size_t decimations[] = { 1, 2, 3, 4, 6, 8, 16 };
    for (size_t n_out = 0; n_out <= MAX_LENGTH; n_out++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_u8_once(kernels, taps[random_int(0, ARRAY_LEN(taps) - 1)],
                                   decimations[d], n_out, n_out % MAX_SHIFT);
    for (size_t t = 0; t < ARRAY_LEN(taps); t++)
        for (size_t d = 0; d < ARRAY_LEN(decimations); d++)
            check_decimate_u8_once(kernels, taps[t], decimations[d], 500 + t, d % MAX_SHIFT);
}

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
    static float i[MAX_DELAY + MAX_N + MAX_SHIFT], q[MAX_DELAY + MAX_N + MAX_SHIFT];
    for (size_t l = 0; l < n_lengths(); l++) {
        const size_t n = length_at(l), delay = (size_t)random_int(1, MAX_DELAY);
        const size_t at = delay + l % MAX_SHIFT;
        struct input c = input_open(4 * n, 0), s = input_open(4 * n, 0);
        for (size_t k = 0; k < at + n; k++) {
            i[k] = rng_normal(&rng);
            q[k] = rng_normal(&rng);
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

static void check_windows(const struct kernels *kernels)
{
    for (size_t l = 0; l < n_lengths(); l++) {
        for (size_t shift = 0; shift < MAX_SHIFT; shift++) {
            const size_t n = 2 * length_at(l);
            const float dc[2] = { (float)rng_uniform(&rng, 0, 255), 127.5f };
            struct input u8 = input_open(n, shift), s16 = input_open(2 * n, 2 * shift),
                         window = input_open(4 * n, 4 * shift);
            struct output out[2] = { output_open(4 * n, 4 * shift), output_open(4 * n, 4 * shift) };
            const uint8_t *x = u8.at;
            const int16_t *y = s16.at;
            const float *w = window.at, *of_u8 = out[0].at, *of_s16 = out[1].at;
            for (size_t k = 0; k < n; k++) {
                ((uint8_t *)u8.at)[k] = (uint8_t)random_int(0, 255);
                ((int16_t *)s16.at)[k] = (int16_t)random_int(-32768, 32767);
                ((float *)window.at)[k] = rng_normal(&rng);
            }
            kernels->window_u8(out[0].at, x, w, dc, n);
            kernels->window_s16(out[1].at, y, w, n);
            for (size_t k = 0; k < n; k++) {
                assert_true(of_u8[k] == w[k] * ((float)x[k] - dc[k % 2]));
                assert_true(of_s16[k] == w[k] * (float)y[k]);
            }
            output_close(&out[0]);
            output_close(&out[1]);
            free(u8.block);
            free(s16.block);
            free(window.block);
        }
    }
}

static void check_power_add(const struct kernels *kernels)
{
    for (size_t l = 0; l < n_lengths(); l++) {
        const size_t n = length_at(l), shift = 4 * (l % MAX_SHIFT);
        struct input spectrum = input_open(8 * n, shift), before = input_open(4 * n, 0);
        struct output power = output_open(4 * n, shift);
        float *x = spectrum.at, *sum = power.at, *old = before.at;
        for (size_t k = 0; k < n; k++) {
            x[2 * k] = rng_normal(&rng);
            x[2 * k + 1] = rng_normal(&rng);
            sum[k] = old[k] = (float)rng_uniform(&rng, 0, 3);
        }
        kernels->power_add(sum, x, n);
        for (size_t k = 0; k < n; k++) {
            const double re = (double)x[2 * k], im = (double)x[2 * k + 1];
            assert_true(fabs((double)sum[k] - ((double)old[k] + re * re + im * im)) < 1e-5);
        }
        output_close(&power);
        free(spectrum.block);
        free(before.block);
    }
}

/* ---- tones -------------------------------------------------------------------------------- */

static void fill_normal(float *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        x[k] = rng_normal(&rng);
}

static void check_tone_turn(const struct kernels *kernels)
{
    enum { MAX_N = 70 };
    float x[4][MAX_N], out_i[MAX_N + 1], out_q[MAX_N + 1];
    for (size_t n = 0; n <= MAX_N; n++) {
        for (size_t row = 0; row < ARRAY_LEN(x); row++)
            fill_normal(x[row], n);
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
        fill_normal(i, SAMPLES);
        fill_normal(q, SAMPLES);
        for (size_t hop = 0; hop < TONE_HOPS; hop++)
            starts[hop] =
                (size_t)random_int(TONE_DFT_HALF, SAMPLES - TONE_DFT_HALF - TONE_DFT_MAX_WINDOW);
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
        fill_normal(spectrum, 2 * n);
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
                fill_normal(rows[r], n);
                of[r] = rows[r];
            }
            fill_normal(cosine, n_rows);
            fill_normal(sine, n_rows);
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

static void test_from_u8(void **state)
{
    (void)state;
    each_row(check_from_u8);
}

static void test_from_s16(void **state)
{
    (void)state;
    each_row(check_from_s16);
}

static void test_from_f32(void **state)
{
    (void)state;
    each_row(check_from_f32);
}

static void test_sums(void **state)
{
    (void)state;
    each_row(check_sums);
}

static void test_decimate(void **state)
{
    (void)state;
    each_row(check_decimate);
}

static void test_decimate_u8(void **state)
{
    (void)state;
    each_row(check_decimate_u8);
}

static void test_gate_sums(void **state)
{
    (void)state;
    each_row(check_gate_sums);
}

static void test_activity(void **state)
{
    (void)state;
    each_row(check_windows);
    each_row(check_power_add);
}

static void test_tones(void **state)
{
    (void)state;
    each_row(check_tones);
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
    const char *wanted = getenv("WMBUS_SEED");
    const uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : 1;
    print_message("WMBUS_SEED=%" PRIu64 "\n", seed);
    rng_init(&rng, seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_u8),   cmocka_unit_test(test_decimate_u8),
        cmocka_unit_test(test_from_s16),  cmocka_unit_test(test_from_f32),
        cmocka_unit_test(test_sums),      cmocka_unit_test(test_decimate),
        cmocka_unit_test(test_gate_sums), cmocka_unit_test(test_activity),
        cmocka_unit_test(test_tones),     cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
