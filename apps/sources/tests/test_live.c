/* SPDX-License-Identifier: MIT
 * What devices share: the clock that sees what is lost, and the choice of a gain. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "apps/sources/gain_choice.h"
#include "apps/sources/live_clock.h"
#include "dsp/rng.h"

enum { BLOCK = 8192 };
static const double rate_sps = 1.6e6;

/* Pushes seconds of blocks from a device whose clock is wrong; each comes up to jitter_s late.
 * Returns the samples that were said to be lost. */
static uint64_t run(struct live_clock *c, double *now_s, double seconds, double ppm,
                    double jitter_s)
{
    const double block_s = BLOCK / rate_sps / (1 + ppm * 1e-6), end_s = *now_s + seconds;
    uint64_t lost = 0;
    for (size_t k = 0; *now_s < end_s; k++) {
        *now_s += block_s;
        lost += live_clock_push(c, BLOCK, *now_s + (double)(k * 7919 % 100) / 100 * jitter_s);
    }
    return lost;
}

static void test_nothing_lost(void **state)
{
    (void)state;
    static const struct {
        double ppm, jitter_s;
    } rows[] = { { 0, 0 }, { 100, 0.01 }, { -100, 0.5 }, { 250, 2 }, { -250, 0 } };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct live_clock c;
        double now_s = 1000;
        live_clock_init(&c, rate_sps);
        assert_int_equal(run(&c, &now_s, 600, rows[r].ppm, rows[r].jitter_s), 0);
        /* and it knows what time it is, however wrong the device's clock */
        assert_true(fabs(live_clock_time_s(&c, (double)c.position) - now_s) < 0.003);
    }
}

static void test_lost(void **state)
{
    (void)state;
    struct live_clock c;
    double now_s = 1000;
    live_clock_init(&c, rate_sps);
    run(&c, &now_s, 30, 50, 0.01);
    now_s += 0.1;
    const uint64_t lost = run(&c, &now_s, 30, 50, 0.01);
    assert_in_range(lost, 155000, 165000);
    assert_int_equal(run(&c, &now_s, 60, 50, 0.01), 0);
    /* what was late, but came: nothing is lost */
    now_s += 1;
    live_clock_push(&c, (uint64_t)rate_sps, now_s);
    assert_int_equal(run(&c, &now_s, 30, 50, 0.01), 0);
}

static void test_pause(void **state)
{
    (void)state;
    struct live_clock c;
    double now_s = 1000;
    live_clock_init(&c, rate_sps);
    run(&c, &now_s, 10, 0, 0);
    live_clock_pause(&c);
    now_s += 60;
    const uint64_t lost = live_clock_push(&c, BLOCK, now_s += BLOCK / rate_sps);
    assert_in_range(lost, 60 * 1600000 - 20000, 60 * 1600000 + 20000);
    assert_int_equal(run(&c, &now_s, 30, 0, 0), 0);
}

/* ---- gain --------------------------------------------------------------------------------- */

enum { N = 65536 };
static uint8_t samples[2 * N];

static struct gain_trial trial(double noise_steps, double burst_steps, size_t burst)
{
    struct rng rng;
    rng_init(&rng, 1);
    for (size_t k = 0; k < 2 * N; k++) {
        const double tone = k < 2 * burst ? burst_steps * (k % 4 < 2 ? 1 : -1) : 0;
        const double v = 131.5 + tone + noise_steps * (double)rng_normal(&rng); /* some DC */
        samples[k] = (uint8_t)lrint(fmax(0, fmin(255, v)));
    }
    return gain_trial_of(samples, N, IQ_CU8);
}

static void test_trial(void **state)
{
    (void)state;
    assert_true(fabs(trial(4, 0, 0).noise_rms * 127.5 - 4) < 0.2);
    assert_true(fabs(trial(4, 100, N / 3).noise_rms * 127.5 - 4) < 0.3); /* a burst is no noise */
    assert_true(trial(4, 300, N / 3).clipped > 0.3);
    assert_true(trial(4, 0, 0).clipped == 0);
    assert_true(gain_trial_of(samples, 0, IQ_CU8).clipped == 1);
    const int16_t wide[64] = { 0 };
    assert_true(gain_trial_of(wide, 32, IQ_CS16).noise_rms == 0);
}

static void test_choice(void **state)
{
    (void)state;
    const struct gain_trial rising[] = { { 0.003, 0 }, { 0.01, 0 }, { 0.05, 0.001 }, { 0.2, 0 } };
    const struct gain_trial loud[] = { { 0.01, 0.5 }, { 0.02, 0.6 } };
    const struct gain_trial near[] = { { 0.01, 0 }, { 0.02, 0.01 }, { 0.03, 0.3 } };
    assert_int_equal(gain_choose(rising, 4), 2);
    assert_int_equal(gain_choose(loud, 2), 0);
    assert_int_equal(gain_choose(near, 3), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_lost), cmocka_unit_test(test_lost),
        cmocka_unit_test(test_pause),        cmocka_unit_test(test_trial),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
