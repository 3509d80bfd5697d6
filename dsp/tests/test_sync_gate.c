/* SPDX-License-Identifier: MIT
 * The search for preamble and sync word together: bursts of the modulator in noise at the rate of a
 * channel. */
#include "dsp/sync_gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_mod.h"
#include "dsp/rng.h"

enum { LEAD = 512, MAX_SAMPLES = 1 << 19, N_CHIPS = 360, MAX_FOUND = 64 };

static const double rate_sps = 200e3;
static struct sync_gate gate;
static struct rng rng;
static float stream_i[LEAD + MAX_SAMPLES], stream_q[LEAD + MAX_SAMPLES];
static struct sync_candidate found[MAX_FOUND];
static size_t n_found;

static struct sync_gate_config config_of(double chip_rate_cps)
{
    return (struct sync_gate_config){
        .rate_sps = rate_sps,
        .chip_rate_cps = chip_rate_cps,
        .rotation_cycles = 0.1,
        .low_hz = -42e3,
        .high_hz = 42e3,
        .band_hz = 12.5e3,
        .deviation_min_hz = 1.8e3,
        .deviation_max_hz = 3e3,
        .training = { 0x5555F6, 24 },
        .tail = { 0x8D, 8 },
    };
}

/* Adds a burst of amplitude 1e6; returns where the tail begins. */
static double add_burst(struct fsk_mod_config fsk, uint16_t sync, size_t at)
{
    static uint8_t chips[N_CHIPS];
    static float i[1 << 16], q[1 << 16];
    fsk.carrier_hz += 0.1 * rate_sps;
    for (size_t c = 0; c < N_CHIPS; c++)
        chips[c] = c < 16 ? c & 1 : c < 32 ? (sync >> (31 - c)) & 1 : rng_u64(&rng) & 1;
    assert_true(fsk_mod_samples(&fsk, N_CHIPS) <= ARRAY_LEN(i));
    fsk_mod(&fsk, chips, N_CHIPS, i, q);
    for (size_t s = 0; s < fsk_mod_samples(&fsk, N_CHIPS); s++) {
        stream_i[LEAD + at + s] += 1e6f * i[s];
        stream_q[LEAD + at + s] += 1e6f * q[s];
    }
    return (double)at + fsk_mod_chip_start(&fsk, N_CHIPS, 24);
}

static void fill_noise(double sigma)
{
    memset(stream_i, 0, sizeof stream_i);
    memset(stream_q, 0, sizeof stream_q);
    rng_add_noise(&rng, (float)(1e6 * sigma), stream_i + LEAD, MAX_SAMPLES);
    rng_add_noise(&rng, (float)(1e6 * sigma), stream_q + LEAD, MAX_SAMPLES);
}

static double sigma_of(double chip_rate_cps, double ecn0_db)
{
    return sqrt(rate_sps / (2 * pow(10, ecn0_db / 10) * chip_rate_cps));
}

static void take_found(bool last)
{
    while (n_found < MAX_FOUND && sync_gate_next(&gate, last, &found[n_found]))
        n_found++;
}

/* Groups from ... to - 1 of the stream. */
static void push(size_t from, size_t to)
{
    for (size_t group = from; group < to; group++) {
        const size_t at = LEAD + group * gate.group_samples;
        sync_gate_push(&gate, stream_i + at, stream_q + at);
        take_found(false);
    }
}

static void search(const struct sync_gate_config *config)
{
    assert_true(sync_gate_init(&gate, config));
    n_found = 0;
    push(0, MAX_SAMPLES / gate.group_samples);
    take_found(true);
    sync_gate_deinit(&gate);
}

static const struct sync_candidate *candidate_at(double end, double within)
{
    for (size_t k = 0; k < n_found; k++)
        if (fabs(found[k].end - end) < within)
            return &found[k];
    return NULL;
}

static const struct {
    const char *what;
    double chip_rate_cps, offset_hz, clock_error, deviation_hz, bt;
    uint16_t sync;
} rows[] = {
    { "2400 chips a second, format A", 2400, 0, 0, 2400, 0.5, 0xF68D },
    { "format B", 2400, 500, 0, 2400, 0.5, 0xF672 },
    { "4800 chips a second, between two channels", 4800, 12.5e3, 0, 2400, 0.5, 0xF68D },
    { "unshaped, wide, at the upper end", 2400, 36e3, 0, 2900, 0, 0xF68D },
    { "narrow, at the lower end", 4800, -36e3, 0, 2000, 0.5, 0xF672 },
    { "clock 1 % fast", 4800, -20e3, 0.01, 2400, 0.5, 0xF68D },
    { "clock 1 % slow", 2400, 20e3, -0.01, 2400, 0.5, 0xF672 },
};

static void test_found(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct sync_gate_config config = config_of(rows[r].chip_rate_cps);
        const double chip = rate_sps / rows[r].chip_rate_cps;
        const double sigma = sigma_of(rows[r].chip_rate_cps, 8);
        const struct fsk_mod_config fsk = { .sample_rate_sps = rate_sps,
                                            .chip_rate_cps =
                                                rows[r].chip_rate_cps * (1 + rows[r].clock_error),
                                            .deviation_hz = rows[r].deviation_hz,
                                            .carrier_hz = rows[r].offset_hz,
                                            .bt = rows[r].bt };
        rng_init(&rng, r);
        fill_noise(sigma);
        for (size_t k = 0; k < 2; k++) {
            n_found = 0;
            const double end = add_burst(fsk, rows[r].sync, (size_t)(1234 + (60 + 600 * k) * chip));
            if (end + N_CHIPS * chip > MAX_SAMPLES)
                break;
            search(&config);
            const struct sync_candidate *c = candidate_at(end, 0.2 * chip);
            assert_non_null(c);
            assert_true(fabs(c->offset_hz - rows[r].offset_hz) < 0.2 * rows[r].chip_rate_cps);
            assert_true(c->deviation_hz > 0.65 * rows[r].deviation_hz);
            assert_true(c->deviation_hz < 1.2 * rows[r].deviation_hz);
            const double density = 2 * 1e12 * sigma * sigma / rate_sps;
            assert_true(fabs(c->noise_density / density - 1) < 0.3);
        }
    }
}

static void test_noise(void **state)
{
    (void)state;
    for (double chip_rate_cps = 2400; chip_rate_cps <= 4800; chip_rate_cps *= 2) {
        const struct sync_gate_config config = config_of(chip_rate_cps);
        rng_init(&rng, 7);
        fill_noise(1);
        search(&config);
        assert_int_equal(n_found, 0);
    }
}

/* A carrier that comes and goes, and silence, are no sync words. */
static void test_other_signals(void **state)
{
    (void)state;
    const struct sync_gate_config config = config_of(2400);
    rng_init(&rng, 8);
    fill_noise(1);
    for (size_t s = 100000; s < 300000; s++) {
        stream_i[LEAD + s] += 1e7f * (float)cos(0.3 * (double)s);
        stream_q[LEAD + s] += 1e7f * (float)sin(0.3 * (double)s);
    }
    search(&config);
    assert_true(n_found <= 2);
    fill_noise(0);
    search(&config);
    assert_int_equal(n_found, 0);
}

/* What is found does not depend on where the stream begins, once the noise is known. */
static void test_reset(void **state)
{
    (void)state;
    const struct sync_gate_config config = config_of(4800);
    const struct fsk_mod_config fsk = {
        .sample_rate_sps = rate_sps, .chip_rate_cps = 4800, .deviation_hz = 2400, .bt = 0.5
    };
    rng_init(&rng, 9);
    fill_noise(sigma_of(4800, 15));
    const double end = add_burst(fsk, 0xF68D, 300000);
    search(&config);
    const struct sync_candidate *whole = candidate_at(end, 10);
    assert_non_null(whole);
    const struct sync_candidate expected = *whole;
    assert_true(sync_gate_init(&gate, &config));
    push(0, 10); /* something else, which is forgotten */
    sync_gate_reset(&gate, 200);
    n_found = 0;
    push(200, MAX_SAMPLES / gate.group_samples);
    take_found(true);
    sync_gate_deinit(&gate);
    const struct sync_candidate *part = candidate_at(end, 10);
    assert_non_null(part);
    assert_true(part->end == expected.end && part->offset_hz == expected.offset_hz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_other_signals),
        cmocka_unit_test(test_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
