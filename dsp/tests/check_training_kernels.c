/* SPDX-License-Identifier: MIT
 * The kernels of a burst and its training sequence, of every row that this CPU runs, against their
 * definition in doubles. WMBUS_SEED=N repeats a run with other data. */
#include "dsp/kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/math_const.h"
#include "dsp/tests/kernel_check.h"

enum { MAX_N = 4097 };

static void check_turn_row(const struct kernels *kernels)
{
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        const size_t n = kernel_length_at(l), shift = 4 * (l % KERNEL_MAX_SHIFT);
        struct kernel_input in[4];
        struct kernel_output out[2] = { kernel_output_open(4 * n, shift),
                                        kernel_output_open(4 * n, 0) };
        const float start[2] = { 0.6f, -0.8f };
        for (int row = 0; row < 4; row++) {
            in[row] = kernel_input_open(4 * n, row == 3 ? shift : 0);
            kernel_fill_normal(in[row].at, n);
        }
        const float *i = in[0].at, *q = in[1].at, *re = in[2].at, *im = in[3].at;
        memcpy(out[0].at, i, 4 * n);
        memcpy(out[1].at, q, 4 * n);
        kernels->turn_row(out[0].at, out[1].at, re, im, start, n);
        for (size_t k = 0; k < n; k++) {
            const double c = 0.6 * (double)re[k] + 0.8 * (double)im[k];
            const double s = 0.6 * (double)im[k] - 0.8 * (double)re[k];
            const double a = (double)i[k], b = (double)q[k];
            assert_true(fabs((double)((float *)out[0].at)[k] - (a * c - b * s)) < 2e-5);
            assert_true(fabs((double)((float *)out[1].at)[k] - (b * c + a * s)) < 2e-5);
        }
        kernel_output_close(&out[0]);
        kernel_output_close(&out[1]);
        for (int row = 0; row < 4; row++)
            free(in[row].block);
    }
}

static void check_dot(const struct kernels *kernels)
{
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        const size_t n = kernel_length_at(l), shift = 4 * (l % KERNEL_MAX_SHIFT);
        struct kernel_input x = kernel_input_open(4 * n, shift), y = kernel_input_open(4 * n, 0);
        const float *a = x.at, *b = y.at;
        double exact = 0, size = 0;
        kernel_fill_normal(x.at, n);
        kernel_fill_normal(y.at, n);
        for (size_t k = 0; k < n; k++) {
            exact += (double)a[k] * (double)b[k];
            size += fabs((double)a[k] * (double)b[k]);
        }
        const double tolerance = 0.5 * (double)FLT_EPSILON * (4 * sqrt((double)n) + 8);
        assert_true(fabs((double)kernels->dot(a, b, n) - exact) <= tolerance * size);
        free(x.block);
        free(y.block);
    }
}

/* The table begins where the first sample may be and ends behind the entry after the last. */
static void check_rows(const struct kernels *kernels)
{
    for (size_t l = 1; l < kernel_n_lengths(); l++) {
        const size_t n = kernel_length_at(l), shift = 4 * (l % KERNEL_MAX_SHIFT);
        const double first = rng_uniform(&kernel_rng, 0, 3), step = rng_uniform(&kernel_rng, 0, 3);
        const size_t entries = (size_t)(first + step * (double)(n - 1) + 0.01) + 2;
        struct kernel_input phase = kernel_input_open(4 * entries, shift),
                            slope = kernel_input_open(4 * entries, 0);
        struct kernel_output out[2] = { kernel_output_open(4 * n, shift),
                                        kernel_output_open(4 * n, 0) };
        kernel_fill_normal(phase.at, entries);
        kernel_fill_normal(slope.at, entries);
        const struct training_walk walk = { phase.at, slope.at, (float)first, (float)step };
        kernels->training_rows(out[0].at, out[1].at, &walk, n);
        for (size_t m = 0; m < n; m++) {
            const double x = (double)walk.first + (double)walk.step * (double)m, near = 2e-3;
            const size_t k = (size_t)x;
            const double u = x - (double)k, a = (double)walk.phase[k],
                         b = (double)walk.phase[k + 1];
            assert_true(fabs((double)((float *)out[0].at)[m] - (a + u * (b - a))) < 6 * near);
            if (u > near && u < 1 - near)
                assert_true(((float *)out[1].at)[m] == walk.slope[k]);
        }
        kernel_output_close(&out[0]);
        kernel_output_close(&out[1]);
        free(phase.block);
        free(slope.block);
    }
}

static void check_turn_off(const struct kernels *kernels)
{
    static float i[MAX_N + KERNEL_MAX_SHIFT], q[MAX_N + KERNEL_MAX_SHIFT];
    for (size_t l = 0; l < kernel_n_lengths(); l++) {
        const size_t n = kernel_length_at(l), at = l % KERNEL_MAX_SHIFT;
        struct kernel_input half_turns = kernel_input_open(4 * n, 0);
        struct kernel_output re = kernel_output_open(4 * n, 4 * at),
                             im = kernel_output_open(4 * n, 0);
        const struct training_turn turn = { (float)rng_uniform(&kernel_rng, 0, 1.5),
                                            (float)rng_uniform(&kernel_rng, -0.5, 0.5),
                                            (float)rng_uniform(&kernel_rng, -0.01, 0.01) };
        kernel_fill_normal(i, at + n);
        kernel_fill_normal(q, at + n);
        for (size_t m = 0; m < n; m++)
            ((float *)half_turns.at)[m] = (float)rng_uniform(&kernel_rng, -64, 64);
        kernels->training_turn_off(re.at, im.at, i + at, q + at, half_turns.at, &turn, n);
        for (size_t m = 0; m < n; m++) {
            const double turns = (double)turn.first + (double)turn.step * (double)m +
                                 (double)turn.h_half * (double)((float *)half_turns.at)[m];
            const double c = cos(TWO_PI * turns), s = sin(TWO_PI * turns);
            const double a = (double)i[at + m], b = (double)q[at + m];
            /* A float of 64 turns and more has steps of 8e-6 of them. */
            assert_true(fabs((double)((float *)re.at)[m] - (a * c + b * s)) < 5e-4);
            assert_true(fabs((double)((float *)im.at)[m] - (b * c - a * s)) < 5e-4);
        }
        kernel_output_close(&re);
        kernel_output_close(&im);
        free(half_turns.block);
    }
}

static void test_turn_row(void **state)
{
    (void)state;
    kernel_each_row(check_turn_row);
}

static void test_dot(void **state)
{
    (void)state;
    kernel_each_row(check_dot);
}

static void test_rows(void **state)
{
    (void)state;
    kernel_each_row(check_rows);
}

static void test_turn_off(void **state)
{
    (void)state;
    kernel_each_row(check_turn_off);
}

int main(void)
{
    kernel_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turn_row),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_turn_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
