/* SPDX-License-Identifier: MIT */
#include "dsp/spectrum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/math_const.h"
#include "dsp/rng.h"

static float re[SPECTRUM_LINE_SIZE], im[SPECTRUM_LINE_SIZE];

static void fill_line(double cycles, double phase, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        re[k] = (float)cos(TWO_PI * cycles * (double)k + phase);
        im[k] = (float)sin(TWO_PI * cycles * (double)k + phase);
    }
}

/* Lines all over the circle, on bins and between them, in pieces as long as two chips of a training
 * sequence each and longer. */
static void test_line(void **state)
{
    (void)state;
    static const size_t lengths[] = { 64, 96, 128, 200 };
    struct spectrum_batch *s = spectrum_batch_open(SPECTRUM_LINE_SIZE, 1);
    assert_non_null(s);
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        const size_t n = lengths[l];
        for (int step = -498; step <= 498; step += 6) {
            const double cycles = step / 1000.0;
            float found = 9;
            fill_line(cycles, 0.1 * step, n);
            const float magnitude = spectrum_line(s, re, im, n, &found);
            assert_true(fabs(remainder((double)found - cycles, 1)) < 0.15 / SPECTRUM_LINE_SIZE);
            assert_true(found >= -0.503f && found <= 0.503f);
            assert_true(magnitude <= (float)n * 1.0001f && magnitude > 0.75f * (float)n);
        }
    }
    spectrum_batch_close(s);
}

/* The strongest of several, and with noise. What was given before leaves nothing behind. */
static void test_strongest(void **state)
{
    (void)state;
    struct spectrum_batch *s = spectrum_batch_open(SPECTRUM_LINE_SIZE, 1);
    struct rng rng;
    float found;
    assert_non_null(s);
    rng_init(&rng, 1);
    fill_line(-0.25, 1, SPECTRUM_LINE_SIZE);
    spectrum_line(s, re, im, SPECTRUM_LINE_SIZE, &found);
    for (int trial = 0; trial < 100; trial++) {
        const double cycles = rng_uniform(&rng, -0.4, 0.4);
        fill_line(cycles, trial, 96);
        for (size_t k = 0; k < 96; k++) {
            re[k] += 0.3f * (float)cos(0.45 * TWO_PI * (double)k);
            im[k] += 0.3f * (float)sin(0.45 * TWO_PI * (double)k);
        }
        rng_add_noise(&rng, 1, re, 96);
        rng_add_noise(&rng, 1, im, 96);
        spectrum_line(s, re, im, 96, &found);
        assert_true(fabs((double)found - cycles) < 1.0 / SPECTRUM_LINE_SIZE);
    }
    spectrum_batch_close(s);
}

static void test_nothing(void **state)
{
    (void)state;
    struct spectrum_batch *s = spectrum_batch_open(SPECTRUM_LINE_SIZE, 1);
    assert_non_null(s);
    float found = 9;
    memset(re, 0, sizeof re);
    memset(im, 0, sizeof im);
    assert_true(spectrum_line(s, re, im, SPECTRUM_LINE_SIZE, &found) == 0.0f);
    assert_true(found == 0.0f);
    assert_true(spectrum_line(s, re, im, 0, &found) == 0.0f);
    spectrum_batch_close(s);
}

/* Each window by itself, and what was given stays. */
static void test_batch(void **state)
{
    (void)state;
    enum { SIZE = 32, N = 5 };
    struct spectrum_batch *b = spectrum_batch_open(SIZE, N);
    assert_non_null(b);
    float *in = spectrum_batch_input(b);
    for (int k = 0; k < 2 * SIZE * N; k++)
        assert_true(in[k] == 0.0f);
    for (int window = 0; window < N; window++) {
        for (int k = 0; k < SIZE / 2; k++) { /* a line in each, at bin 3 window */
            const double phase = TWO_PI * 3 * window * k / SIZE;
            in[2 * (window * SIZE + k)] = (float)cos(phase);
            in[2 * (window * SIZE + k) + 1] = (float)sin(phase);
        }
    }
    for (int round = 0; round < 2; round++) {
        const float *out = spectrum_batch_run(b);
        for (int window = 0; window < N; window++)
            for (int bin = 0; bin < SIZE; bin++) {
                const float *z = out + 2 * (window * SIZE + bin);
                const float size = hypotf(z[0], z[1]);
                const int there = bin == 3 * window;
                assert_true(there ? fabsf(size - SIZE / 2.0f) < 1e-3f : size < 0.7f * SIZE / 2);
            }
    }
    spectrum_batch_close(b);
    spectrum_batch_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_strongest),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
