/* SPDX-License-Identifier: MIT */
#include "apps/generator/air.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/random_telegram.h"

enum { N = 60000, N_SENT = 4 };

static struct transmission sent[N_SENT];
static float i[N], q[N], again_i[N], again_q[N];

/* One cut by the start, two that overlap, and one cut by the end. */
static void describe(void)
{
    static const double times[N_SENT] = { 0.0002, 0.0123, 0.0151, 0.0362 };
    static const double amplitudes[N_SENT] = { 0.1, 0.2, 0.1, 0.05 };
    for (size_t k = 0; k < N_SENT; k++) {
        memset(&sent[k], 0, sizeof sent[k]);
        random_telegram(k, sent[k].telegram, 47);
        sent[k].burst.mode = &radio_modes[k % 3];
        sent[k].burst.n = 47;
        sent[k].burst.amplitude = amplitudes[k];
        sent[k].burst.offset_hz = 10e3 * (double)k;
        sent[k].time_s = times[k];
    }
}

static struct air *open_air(double sigma, double gain)
{
    const struct air_config config = {
        .sample_rate_sps = 1.6e6,
        .center_hz = 868.95e6,
        .noise_sigma = sigma,
        .gain = gain,
        .dc_i = 0.01,
        .dc_q = -0.02,
        .noise_seed = 5,
    };
    size_t bad;
    describe();
    struct air *air = air_open(&config, sent, N_SENT, &bad);
    assert_non_null(air);
    return air;
}

static void test_blocks_do_not_matter(void **state)
{
    (void)state;
    static const size_t blocks[] = { 1, 7, 4096 };
    struct air *air = open_air(0.03, 1.5);
    assert_true(air_read(air, i, q, N));
    air_close(air);
    for (size_t b = 0; b < ARRAY_LEN(blocks); b++) {
        air = open_air(0.03, 1.5);
        for (size_t at = 0; at < N;) {
            size_t n = N - at < blocks[b] ? N - at : blocks[b];
            assert_true(air_read(air, again_i + at, again_q + at, n));
            at += n;
        }
        air_close(air);
        assert_memory_equal(i, again_i, sizeof i);
        assert_memory_equal(q, again_q, sizeof q);
    }
}

/* The sum, made another way: each burst alone, at its place. */
static void test_sum_of_bursts(void **state)
{
    (void)state;
    static struct burst_signal signal;
    static float burst_i[N], burst_q[N];
    struct air *air = open_air(0, 2);
    assert_true(air_read(air, i, q, N));
    memset(again_i, 0, sizeof again_i);
    for (size_t k = 0; k < N_SENT; k++) {
        assert_true(burst_prepare(&sent[k].burst, 1.6e6, 868.95e6, &signal));
        assert_true(signal.n_samples <= N);
        double sync = (double)sent[k].first_sample + signal.first_sync_sample;
        assert_true(fabs(sync - sent[k].time_s * 1.6e6) < 1e-6);
        burst_write(&signal, burst_i, burst_q);
        for (size_t s = 0; s < signal.n_samples; s++) {
            int64_t at = sent[k].first_sample + (int64_t)s;
            if (at >= 0 && at < N)
                again_i[at] += burst_i[s];
        }
    }
    for (size_t s = 0; s < N; s++)
        assert_true(fabsf(2 * again_i[s] + 0.01f - i[s]) < 1e-6f);
    assert_true(sent[0].first_sample < 0);
    assert_true(air_end_sample(air) > N);
    assert_int_equal(air_end_sample(air), (uint64_t)sent[3].first_sample + sent[3].n_samples);
    air_close(air);
}

static void test_impossible_telegram_is_named(void **state)
{
    (void)state;
    const struct air_config config = { .sample_rate_sps = 1.6e6, .center_hz = 868.95e6 };
    size_t bad;
    describe();
    sent[2].burst.n = 254; /* too long for format B */
    assert_null(air_open(&config, sent, N_SENT, &bad));
    assert_int_equal(bad, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_do_not_matter),
        cmocka_unit_test(test_sum_of_bursts),
        cmocka_unit_test(test_impossible_telegram_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
