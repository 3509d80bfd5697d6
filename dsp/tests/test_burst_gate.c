/* SPDX-License-Identifier: MIT
 * The search for preambles: bursts of the modulator in noise at the rate of a channel. */
#include "dsp/burst_gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_mod.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum { MAX_SAMPLES = 1 << 20, MAX_CHIPS = 4096, MAX_DELAY = 8, MAX_FOUND = 1024 };

static const double chip_rate = 100e3;

static struct burst_gate gate;
static struct rng rng;
static float stream_i[MAX_DELAY + MAX_SAMPLES], stream_q[MAX_DELAY + MAX_SAMPLES];
static size_t n_samples;
static struct burst_candidate found[MAX_FOUND];
static size_t n_found;

static void fill_noise(size_t n, double sigma)
{
    assert_true(n <= MAX_SAMPLES);
    n_samples = n;
    memset(stream_i, 0, sizeof stream_i);
    memset(stream_q, 0, sizeof stream_q);
    rng_add_noise(&rng, (float)sigma, stream_i + MAX_DELAY, n);
    rng_add_noise(&rng, (float)sigma, stream_q + MAX_DELAY, n);
}

static double sigma_of(double rate_sps, double ecn0_db)
{
    return sqrt(rate_sps / (2 * pow(10, ecn0_db / 10) * chip_rate));
}

/* Adds a burst of amplitude 1: pairs 01, then random chips. Returns where chip k begins. */
static double add_burst(const struct fsk_mod_config *config, size_t at, size_t pairs, size_t n_data,
                        size_t k)
{
    static uint8_t chips[MAX_CHIPS];
    static float i[1 << 16], q[1 << 16];
    const size_t n = 2 * pairs + n_data;
    assert_true(n <= MAX_CHIPS && fsk_mod_samples(config, n) <= ARRAY_LEN(i));
    for (size_t c = 0; c < n; c++)
        chips[c] = c < 2 * pairs ? c & 1 : rng_u64(&rng) & 1;
    fsk_mod(config, chips, n, i, q);
    for (size_t s = 0; s < fsk_mod_samples(config, n) && at + s < n_samples; s++) {
        stream_i[MAX_DELAY + at + s] += i[s];
        stream_q[MAX_DELAY + at + s] += q[s];
    }
    return (double)at + fsk_mod_chip_start(config, n, (double)k);
}

/* Goes on with a gate that is there. */
static void push_stream(void)
{
    const size_t group = burst_gate_group(&gate);
    n_found = 0;
    for (size_t at = 0; at + group <= n_samples; at += group) {
        burst_gate_push(&gate, stream_i + MAX_DELAY + at, stream_q + MAX_DELAY + at);
        while (n_found < MAX_FOUND && burst_gate_next(&gate, false, &found[n_found]))
            n_found++;
    }
}

static void search_on(void)
{
    push_stream();
    while (n_found < MAX_FOUND && burst_gate_next(&gate, true, &found[n_found]))
        n_found++;
}

static void search(double rate_sps)
{
    burst_gate_init(&gate, rate_sps, chip_rate, kernels_find(NULL));
    assert_true(gate.delay <= MAX_DELAY);
    search_on();
}

/* The candidate of a preamble from sample from to sample to. */
static const struct burst_candidate *candidate_of(double from, double to)
{
    for (size_t k = 0; k < n_found; k++)
        if ((double)found[k].peak_end > from &&
            (double)found[k].peak_end < to + 2.0 * (double)gate.block)
            return &found[k];
    return NULL;
}

static const struct {
    const char *what;
    double rate_sps, offset_hz, clock_error, deviation_hz, bt;
} rows[] = {
    { "plain", 400e3, 0, 0, 50e3, 0 },
    { "shaped", 400e3, 0, 0, 45e3, 0.5 },
    { "5 samples a chip", 512e3, 30e3, 0.002, 50e3, 0 },
    { "4.5 samples a chip", 450e3, -30e3, -0.003, 50e3, 0 },
    { "140 kHz above", 400e3, 140e3, 0, 50e3, 0 },
    { "140 kHz below", 400e3, -140e3, 0, 50e3, 0 },
    { "70 kHz above", 400e3, 70e3, 0, 50e3, 0.5 },
    { "clock 3 % slow", 400e3, 0, -0.03, 50e3, 0 },
    { "clock 3 % fast", 400e3, -40e3, 0.03, 50e3, 0 },
    { "clock 10 % slow", 400e3, 0, -0.1, 50e3, 0 },
    { "clock 10 % fast", 400e3, 0, 0.1, 50e3, 0 },
    { "deviation 34 kHz, shaped", 400e3, 0, 0, 34e3, 0.5 },
    { "deviation 80 kHz", 400e3, 0, 0, 80e3, 0 },
    { "deviation 80 kHz, 60 kHz below", 400e3, -60e3, 0.01, 80e3, 0 },
};

static void check_candidate(size_t r, const struct burst_candidate *c, double chip_1)
{
    const double rate = chip_rate * (1 + rows[r].clock_error), fs = rows[r].rate_sps;
    const double chip = fs / rate, delay = (double)gate.delay;
    /* 10 % are at the end of what is tried: a clock beyond is taken for the last one. */
    assert_true(fabs((double)c->chip_rate_cps / rate - 1) < 0.012);
    /* The turn is the carrier's, or half a turn more: then the ones are a chip beside. */
    const double turn = (double)c->turn_rad - TWO_PI * rows[r].offset_hz * delay / fs;
    const bool opposite = cos(turn) < 0;
    assert_true(fabs(sin(turn)) < 0.35);
    const double end_of_one = c->one_center + (chip - delay) / 2 - (opposite ? chip : 0);
    const double late = remainder(end_of_one - (chip_1 + chip), 2 * chip) / chip;
    if (fabs(late) > 0.15)
        fail_msg("chips are off by %+.2f", late);
}

static void test_rows(void **state)
{
    (void)state;
    enum { PAIRS = 24, START = 30000, DATA = 300, TRIALS = 5 };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const double sigma = sigma_of(rows[r].rate_sps, 11);
        for (int trial = 0; trial < TRIALS; trial++) {
            const struct fsk_mod_config config = {
                .sample_rate_sps = rows[r].rate_sps,
                .chip_rate_cps = chip_rate * (1 + rows[r].clock_error),
                .deviation_hz = rows[r].deviation_hz,
                .carrier_hz = rows[r].offset_hz,
                .phase_rad = trial,
                .delay_samples = 0.2 * trial,
                .bt = rows[r].bt,
            };
            fill_noise(60000, sigma);
            const size_t start = START + (size_t)(rng_u64(&rng) % 200);
            const double chip_1 = add_burst(&config, start, PAIRS, DATA, 1);
            const double end = chip_1 + (2 * PAIRS - 1) * rows[r].rate_sps / config.chip_rate_cps;
            search(rows[r].rate_sps);
            const struct burst_candidate *c = candidate_of(chip_1, end);
            if (!c)
                fail_msg("%s: not found", rows[r].what);
            check_candidate(r, c, chip_1);
            assert_true(c->line_end >= c->peak_end);
            assert_true((double)c->line_end < end + 3.0 * (double)gate.block);
            assert_true(fabs((double)c->noise_power / (2 * sigma * sigma) - 1) < 0.2);
        }
    }
}

/* In 2.5 seconds of noise the gate opens a few times at most. */
static void test_noise(void **state)
{
    (void)state;
    fill_noise(1000000, 3);
    search(400e3);
    print_message("%zu in 10^6 samples of noise\n", n_found);
    assert_true(n_found <= 4);
}

/* One preamble, however long; up to the longest run it is one candidate, and its end is the end. */
static void test_long_preamble(void **state)
{
    (void)state;
    static const size_t pairs[] = { 16, 60, 279, 380 };
    const struct fsk_mod_config config = { .sample_rate_sps = 400e3,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    for (size_t k = 0; k < ARRAY_LEN(pairs); k++) {
        fill_noise(60000, sigma_of(400e3, 15));
        const double first = add_burst(&config, 20000, pairs[k], 0, 0);
        const double end = first + 8.0 * (double)pairs[k];
        search(400e3);
        size_t inside = 0;
        for (size_t c = 0; c < n_found; c++)
            inside += (double)found[c].peak_end > first && (double)found[c].peak_end < end + 100;
        print_message("%zu pairs: %zu candidates\n", pairs[k], inside);
        assert_int_equal(inside, 1);
        const struct burst_candidate *c = candidate_of(first, end);
        assert_non_null(c);
        assert_true(fabs((double)c->line_end - end) < 3.0 * (double)gate.block);
    }
}

/* A preamble that follows another soon is a candidate of its own. */
static void test_one_after_the_other(void **state)
{
    (void)state;
    enum { FIRST = 30000, PAIRS = 24, LONG = 8 * PAIRS };
    static const size_t pauses[] = { 8, 20, 40 }; /* blocks */
    const struct fsk_mod_config config = { .sample_rate_sps = 400e3,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    for (size_t k = 0; k < ARRAY_LEN(pauses); k++) {
        burst_gate_init(&gate, 400e3, chip_rate, kernels_find(NULL));
        const size_t second = FIRST + LONG + pauses[k] * gate.block;
        fill_noise(60000, sigma_of(400e3, 15));
        add_burst(&config, FIRST, PAIRS, 0, 0);
        add_burst(&config, second, PAIRS, 0, 0);
        search(400e3);
        const struct burst_candidate *a = candidate_of(FIRST, FIRST + LONG),
                                     *b = candidate_of((double)second, (double)second + LONG);
        print_message("%zu blocks: %zu candidates\n", pauses[k], n_found);
        assert_true(a && b && a < b);
        assert_true((double)a->line_end < (double)second);
    }
}

/* Nothing is decided until so many groups tell what the noise is, but at the end of the stream. */
static void test_first_groups(void **state)
{
    (void)state;
    enum { GROUPS = 5 };
    struct burst_candidate none;
    fill_noise(60000, 3);
    burst_gate_init(&gate, 400e3, chip_rate, kernels_find(NULL));
    burst_gate_reset(&gate, 7 * GATE_GROUP, GROUPS);
    const size_t group = burst_gate_group(&gate);
    for (size_t k = 0; k <= GROUPS; k++) {
        assert_false(burst_gate_next(&gate, false, &none));
        assert_int_equal(gate.n_decided > 7 * GATE_GROUP, k >= GROUPS);
        burst_gate_push(&gate, stream_i + MAX_DELAY + k * group, stream_q + MAX_DELAY + k * group);
    }
    burst_gate_reset(&gate, 0, GROUPS);
    burst_gate_push(&gate, stream_i + MAX_DELAY, stream_q + MAX_DELAY);
    assert_false(burst_gate_next(&gate, true, &none));
    assert_int_equal(gate.n_decided, GATE_GROUP);
}

/* Many bursts over many turns of the ring, and the last where the stream ends. */
static void test_ring_wraps(void **state)
{
    (void)state;
    enum { N = 1000000, EVERY = 17001 };
    const struct fsk_mod_config config = { .sample_rate_sps = 400e3,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    fill_noise(N, sigma_of(400e3, 12));
    size_t sent = 0;
    for (size_t at = 500; at + 2000 < N; at += EVERY, sent++)
        add_burst(&config, at, 24, 400, 0);
    search(400e3);
    for (size_t k = 0; k < sent; k++) {
        const double at = 500 + (double)(k * EVERY);
        if (!candidate_of(at, at + 48 * 4))
            fail_msg("burst %zu of %zu not found", k, sent);
    }
}

/* Of what was before a reset nothing is left, wherever in the ring it ended. */
static void test_reset_forgets(void **state)
{
    (void)state;
    enum { FIRST_BLOCK = 40 * GATE_GROUP, PUSHED = 400000 };
    static struct burst_candidate expected[MAX_FOUND];
    const struct fsk_mod_config config = { .sample_rate_sps = 400e3,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    fill_noise(PUSHED, sigma_of(400e3, 12));
    for (size_t at = 3; at + 1000 < PUSHED; at += 1500)
        add_burst(&config, at, 24, 100, 0);
    burst_gate_init(&gate, 400e3, chip_rate, kernels_find(NULL));
    burst_gate_reset(&gate, FIRST_BLOCK, 1);
    search_on();
    const size_t n_expected = n_found;
    assert_true(n_expected > 100);
    memcpy(expected, found, sizeof found);
    for (size_t before = 1; before <= 3; before++) {
        n_samples = PUSHED - before * 40000; /* ends in a burst or between two */
        push_stream();
        burst_gate_reset(&gate, FIRST_BLOCK, 1);
        n_samples = PUSHED;
        search_on();
        assert_int_equal(n_found, n_expected);
        for (size_t k = 0; k < n_found; k++) {
            assert_true(found[k].peak_end == expected[k].peak_end);
            assert_true(found[k].line_end == expected[k].line_end);
            assert_true(found[k].one_center == expected[k].one_center);
            assert_true(found[k].noise_power == expected[k].noise_power);
        }
    }
}

static void test_silence(void **state)
{
    (void)state;
    const struct fsk_mod_config config = { .sample_rate_sps = 400e3,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    fill_noise(60000, 0);
    search(400e3);
    assert_int_equal(n_found, 0);
    const double first = add_burst(&config, 30000, 24, 200, 0);
    search(400e3);
    const struct burst_candidate *c = candidate_of(first, first + 48 * 4);
    assert_non_null(c);
    assert_true(isfinite(c->one_center) && isfinite(c->turn_rad) && isfinite(c->noise_power));
}

int main(void)
{
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_noise),
        cmocka_unit_test(test_long_preamble), cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_first_groups),  cmocka_unit_test(test_ring_wraps),
        cmocka_unit_test(test_reset_forgets), cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
