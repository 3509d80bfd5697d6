/* SPDX-License-Identifier: MIT
 * Pairs of chips 01 and 10: of the modulator, at one sample more than a chip has, to decisions. */
#include "dsp/cpfsk_pairs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_mod.h"
#include "dsp/kernels/kernels.h"
#include "dsp/rng.h"

enum { N_CHIPS = 400, OVER = 8, N_SAMPLES = CPFSK_SUB * OVER * (N_CHIPS + 8) };

static struct rng rng;
static uint8_t chips[N_CHIPS + 2]; /* with one of the preamble in front, and one behind */
static float i[N_SAMPLES], q[N_SAMPLES];
static struct cpfsk_segment segments[N_CHIPS];
static struct cpfsk_pulse pulse;
static uint8_t path[N_CHIPS];
static struct cpfsk_work work;

static const struct row {
    const char *what;
    double h, bt, omega, late; /* omega: radians a chip; late: chips */
} rows[] = {
    { "S, nominal", 3.05, 0, 0, 0 },     { "S, narrowest", 2.44, 0, 0, 0 },
    { "S, widest", 4.88, 0, 0, 0 },      { "R2, a half-integer index", 2.5, 0, 0, 0 },
    { "an even index", 2, 0, 0, 0 },     { "shaped", 3.05, 0.5, 0, 0 },
    { "carrier off", 3.05, 0, 0.02, 0 }, { "carrier off, the other way", 2.5, 0, -0.02, 0 },
    { "late", 3.05, 0, 0, 1.0 / 32 },    { "early", 4.88, 0, 0, -1.0 / 64 },
};

/* The segments of a burst of amplitude 1 whose phase is zero where chip 0 begins, in noise. */
static void transmit(const struct row *r, double sigma)
{
    const struct fsk_mod_config config = { .sample_rate_sps = CPFSK_SUB * OVER,
                                           .chip_rate_cps = 1,
                                           .deviation_hz = r->h / 2,
                                           .bt = r->bt };
    struct cpfsk_shape shape;
    chips[0] = 0;
    for (size_t k = 1; k < ARRAY_LEN(chips); k += 2) {
        chips[k] = rng_u64(&rng) & 1;
        if (k + 1 < ARRAY_LEN(chips))
            chips[k + 1] = !chips[k];
    }
    assert_true(fsk_mod_samples(&config, ARRAY_LEN(chips)) <= N_SAMPLES);
    fsk_mod(&config, chips, ARRAY_LEN(chips), i, q);
    cpfsk_shape_init(&shape, r->bt);
    cpfsk_pulse_init(&pulse, &shape, (float)r->h);
    const double start = fsk_mod_chip_start(&config, ARRAY_LEN(chips), 1);
    /* chip 0 of the preamble took half the index's turn off */
    const double at_start = atan2((double)q[(size_t)start], (double)i[(size_t)start]);
    for (size_t k = 0; k < N_CHIPS; k++) {
        float si[CPFSK_SUB], sq[CPFSK_SUB];
        for (int n = 0; n < CPFSK_SUB; n++) {
            const double u = (double)k - r->late + (n + 0.5) / CPFSK_SUB - 0.5;
            const size_t s = (size_t)(start + u * CPFSK_SUB * OVER);
            const double turn = r->omega * u - at_start;
            const double re = (double)i[s], im = (double)q[s];
            si[n] = (float)(re * cos(turn) - im * sin(turn) + sigma * (double)rng_normal(&rng));
            sq[n] = (float)(im * cos(turn) + re * sin(turn) + sigma * (double)rng_normal(&rng));
        }
        kernels_find("scalar")->cpfsk_correlate(&segments[k], &pulse, si, sq);
    }
}

/* Detects all pairs but the last; returns the number of wrong ones. */
static size_t detect(float *clock_error)
{
    struct cpfsk_pairs pairs;
    size_t wrong = 0;
    cpfsk_pairs_init(&pairs, &pulse, 0, CPFSK_SUB);
    for (size_t k = 0; k + 2 < N_CHIPS; k += 2) {
        const int one = cpfsk_pairs_push(&pairs, segments + k, k ? path[k - 1] : 0);
        path[k] = !one;
        path[k + 1] = (uint8_t)one;
        wrong += path[k] != chips[k + 1];
    }
    path[N_CHIPS - 2] = 0;
    path[N_CHIPS - 1] = 1;
    *clock_error = cpfsk_pairs_clock_error(&pairs, N_CHIPS - 2);
    assert_true(cpfsk_pairs_clock_error(&pairs, 1) == 0.0f);
    return wrong;
}

/* At 12 dB, and what the clock error is. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        float late;
        print_message("%s\n", rows[r].what);
        transmit(&rows[r], sqrt(CPFSK_SUB / (2 * 16.0)));
        assert_int_equal(detect(&late), 0);
        if (fabs((double)late - rows[r].late) > 0.015)
            fail_msg("%+.3f late", (double)late);
    }
}

/* Soft decisions: of the right sign, the two chips of a pair opposite, and as large as two whole
 * segments of the wrong tones lack. */
static void test_soft(void **state)
{
    (void)state;
    float llr[N_CHIPS], late;
    struct cpfsk_fit fit;
    transmit(&rows[0], 0.05);
    assert_int_equal(detect(&late), 0);
    cpfsk_fit_path(&work, segments, &pulse, path, N_CHIPS, 0, &fit);
    assert_true(fabsf(fit.amplitude - CPFSK_SUB) < 0.3f);
    assert_true(fabsf(fit.h_error) < 0.02f && fabsf(fit.omega) < 0.01f);
    cpfsk_pairs_soft(&work, segments, &pulse, path, N_CHIPS, 0, llr);
    for (size_t k = 0; k + 2 < N_CHIPS; k += 2) {
        assert_true(llr[k] == -llr[k + 1]);
        assert_true((llr[k] > 0) == chips[k + 1]);
        assert_true(fabsf(fabsf(llr[k]) - CPFSK_SUB) < 0.2f * CPFSK_SUB);
    }
    assert_true(llr[N_CHIPS - 1] == 0); /* not all of it is there */
}

/* Errors are as rare as theory has it: coherent, two orthogonal chips. */
static void test_error_rate(void **state)
{
    (void)state;
    static const struct row half = { "", 2.5, 0, 0, 0 };
    const double ecn0 = 2.0, expected = 0.5 * erfc(sqrt(ecn0 * 2 / 2)); /* Q(sqrt(2 Ec/N0)) */
    size_t wrong = 0, n = 0;
    for (int trial = 0; trial < 100; trial++, n += N_CHIPS / 2 - 1) {
        float late;
        transmit(&half, sqrt(CPFSK_SUB / (2 * ecn0)));
        wrong += detect(&late);
    }
    const double rate = (double)wrong / (double)n;
    print_message("%.4f wrong, %.4f expected\n", rate, expected);
    assert_true(rate < 1.35 * expected && rate > 0.7 * expected);
}

int main(void)
{
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_soft),
        cmocka_unit_test(test_error_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
