/* SPDX-License-Identifier: MIT
 * The search for preambles by their tones: bursts of the modulator in noise at the rate of a
 * channel. */
#include "dsp/tone_gate.h"

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

enum { LEAD = 512, MAX_SAMPLES = 1 << 20, MAX_CHIPS = 4096, MAX_FOUND = 1024 };

static struct tone_gate gate;
static struct rng rng;
static float stream_i[LEAD + MAX_SAMPLES], stream_q[LEAD + MAX_SAMPLES];
static size_t n_samples;
static struct tone_candidate found[MAX_FOUND];
static size_t n_found;

/* S1, and R2 by its figures. */
static const struct tone_gate_config s1 = { .rate_sps = 400e3,
                                            .chip_rate_cps = 32768,
                                            .rotation_cycles = 0,
                                            .low_hz = -150e3,
                                            .high_hz = 150e3,
                                            .deviation_min_hz = 40e3,
                                            .deviation_max_hz = 80e3,
                                            .window_chips = 30 };
static const struct tone_gate_config r2 = { .rate_sps = 100e3,
                                            .chip_rate_cps = 4800,
                                            .rotation_cycles = 0.3,
                                            .low_hz = -37e3,
                                            .high_hz = 37e3,
                                            .deviation_min_hz = 4.8e3,
                                            .deviation_max_hz = 7.2e3,
                                            .window_chips = 46 };

static void fill_noise(size_t n, double sigma)
{
    assert_true(n <= MAX_SAMPLES);
    n_samples = n;
    memset(stream_i, 0, sizeof stream_i);
    memset(stream_q, 0, sizeof stream_q);
    rng_add_noise(&rng, (float)sigma, stream_i + LEAD, n);
    rng_add_noise(&rng, (float)sigma, stream_q + LEAD, n);
}

static double sigma_of(const struct tone_gate_config *c, double ecn0_db)
{
    return sqrt(c->rate_sps / (2 * pow(10, ecn0_db / 10) * c->chip_rate_cps));
}

/* Adds a burst of amplitude 1: pairs 01, the sync word, then pairs 01 and 10 at random. Returns
 * where chip 1 begins. */
static double add_burst(const struct fsk_mod_config *config, size_t at, size_t pairs, size_t n_data)
{
    static const char sync[] = "000111011010010110";
    static uint8_t chips[MAX_CHIPS];
    static float i[1 << 17], q[1 << 17];
    const size_t n = 2 * pairs + n_data;
    assert_true(n <= MAX_CHIPS && fsk_mod_samples(config, n) <= ARRAY_LEN(i));
    for (size_t c = 0; c < n; c++)
        chips[c] = c < 2 * pairs ? c & 1 : c & 1 ? !chips[c - 1] : rng_u64(&rng) & 1;
    for (size_t c = 0; c < sizeof sync - 1; c++)
        chips[2 * pairs + c] = sync[c] == '1';
    fsk_mod(config, chips, n, i, q);
    for (size_t s = 0; s < fsk_mod_samples(config, n) && at + s < n_samples; s++) {
        stream_i[LEAD + at + s] += i[s];
        stream_q[LEAD + at + s] += q[s];
    }
    return (double)at + fsk_mod_chip_start(config, n, 1);
}

static void search(const struct tone_gate_config *config)
{
    assert_true(tone_gate_init(&gate, config, kernels_find(NULL)));
    n_found = 0;
    for (size_t at = LEAD; at + gate.spectra.group_samples <= LEAD + n_samples;
         at += gate.spectra.group_samples) {
        tone_gate_push(&gate, stream_i + at, stream_q + at);
        while (n_found < MAX_FOUND && tone_gate_next(&gate, false, &found[n_found]))
            n_found++;
    }
    while (n_found < MAX_FOUND && tone_gate_next(&gate, true, &found[n_found]))
        n_found++;
    tone_gate_deinit(&gate);
}

/* The candidate whose line ends at a sample, within some chips. */
static const struct tone_candidate *candidate_at(double end, double within)
{
    for (size_t k = 0; k < n_found; k++)
        if (fabs(found[k].line_end - end) < within)
            return &found[k];
    return NULL;
}

static const struct row {
    const char *what;
    const struct tone_gate_config *config;
    size_t pairs;
    double offset_hz, clock_error, deviation_hz;
} rows[] = {
    { "plain", &s1, 15, 0, 0, 50e3 },
    { "80 kHz above", &s1, 15, 80e3, 0.002, 50e3 },
    { "80 kHz below", &s1, 15, -80e3, -0.002, 50e3 },
    { "clock 1.5 % slow", &s1, 16, 0, -0.015, 50e3 },
    { "clock 1.5 % fast", &s1, 16, 10e3, 0.015, 50e3 },
    { "deviation 40 kHz", &s1, 15, 5e3, 0, 40e3 },
    { "deviation 65 kHz", &s1, 15, -25e3, 0, 65e3 },
    { "deviation 80 kHz, 60 kHz below", &s1, 15, -60e3, 0, 80e3 },
    { "long preamble", &s1, 279, 0, 0.004, 50e3 },
    { "R2", &r2, 39, 1e3, 0, 6e3 },
    { "R2, 25 kHz above, widest", &r2, 39, 25e3, 0.005, 7.2e3 },
    { "R2, 25 kHz below, narrowest", &r2, 39, -25e3, -0.005, 4.8e3 },
};

static void check_candidate(const struct row *r, const struct tone_candidate *c, double chip_1,
                            double sigma)
{
    const double rate = r->config->chip_rate_cps, chip = r->config->rate_sps / rate;
    const double true_chip = chip / (1 + r->clock_error);
    /* four windows tell more than one */
    const double clock_known = 2 * r->pairs > 4 * r->config->window_chips ? 0.001 : 0.011;
    assert_true(fabs(c->chip_rate_cps / rate - 1 - r->clock_error) < clock_known);
    assert_true(c->seen_end >= c->line_end);
    if (fabs(c->offset_hz - r->offset_hz) > 0.17 * rate)
        fail_msg("offset %.0f Hz", c->offset_hz);
    if (fabs(c->deviation_hz / r->deviation_hz - 1) > 0.17)
        fail_msg("deviation %.0f Hz", c->deviation_hz);
    const double late = remainder(c->one_center - (chip_1 + true_chip / 2), 2 * true_chip) / chip;
    if (fabs(late) > 0.2)
        fail_msg("chips are off by %+.2f", late);
    const double density = 2 * sigma * sigma / r->config->rate_sps;
    assert_true(fabs(c->noise_density / density - 1) < 0.3);
}

static void test_rows(void **state)
{
    (void)state;
    enum { TRIALS = 5 };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct tone_gate_config *config = rows[r].config;
        const double sigma = sigma_of(config, 11), chip = config->rate_sps / config->chip_rate_cps;
        for (int trial = 0; trial < TRIALS; trial++) {
            const struct fsk_mod_config mod = {
                .sample_rate_sps = config->rate_sps,
                .chip_rate_cps = config->chip_rate_cps * (1 + rows[r].clock_error),
                .deviation_hz = rows[r].deviation_hz,
                .carrier_hz = rows[r].offset_hz + config->rotation_cycles * config->rate_sps,
                .phase_rad = trial,
                .delay_samples = 0.2 * trial,
            };
            fill_noise(60000, sigma);
            const size_t start = 30000 + (size_t)(rng_u64(&rng) % 200);
            const double chip_1 = add_burst(&mod, start, rows[r].pairs, 300);
            const double end = chip_1 + (double)(2 * rows[r].pairs - 1) * chip;
            search(config);
            const struct tone_candidate *c = candidate_at(end, 18 * chip);
            if (!c)
                fail_msg("not found");
            check_candidate(&rows[r], c, chip_1, sigma);
        }
    }
}

/* In two seconds of noise the gate opens a few times at most. */
static void test_noise(void **state)
{
    (void)state;
    fill_noise(1000000, 3);
    search(&s1);
    print_message("%zu in 10^6 samples of noise\n", n_found);
    assert_true(n_found <= 6);
}

/* One tone that comes and goes at the pace of a preamble is none, however strong. */
static void test_keyed_tone(void **state)
{
    (void)state;
    const double chip = s1.rate_sps / s1.chip_rate_cps;
    fill_noise(60000, sigma_of(&s1, 8));
    for (size_t n = 30000; n < 32000; n++) {
        if (fmod((double)n, 2 * chip) < chip)
            continue;
        const double phase = TWO_PI * fmod(0.1 * (double)n, 1.0);
        stream_i[LEAD + n] += (float)cos(phase);
        stream_q[LEAD + n] += (float)sin(phase);
    }
    search(&s1);
    assert_null(candidate_at(32000, 18 * chip));
}

/* Where nothing is known yet of the noise. */
static void test_start_of_stream(void **state)
{
    (void)state;
    enum { PAIRS = 15 };
    static const size_t starts[] = { 10, 100, 400, 800, 2000, 5000 };
    const struct fsk_mod_config mod = { .sample_rate_sps = 400e3,
                                        .chip_rate_cps = 32768,
                                        .deviation_hz = 50e3 };
    const double chip = mod.sample_rate_sps / mod.chip_rate_cps;
    for (size_t k = 0; k < ARRAY_LEN(starts); k++) {
        fill_noise(60000, sigma_of(&s1, 12));
        const double chip_1 = add_burst(&mod, starts[k], PAIRS, 400);
        search(&s1);
        if (!candidate_at(chip_1 + (2 * PAIRS - 1) * chip, 18 * chip))
            fail_msg("burst at %zu not found", starts[k]);
    }
}

/* Half a millisecond behind a burst that is 30 dB stronger. */
static void test_behind_stronger(void **state)
{
    (void)state;
    enum { PAIRS = 15, START = 30000, N_DATA = 500, TRIALS = 8 };
    static const float stronger = 31.6f;
    const struct fsk_mod_config mod = { .sample_rate_sps = 400e3,
                                        .chip_rate_cps = 32768,
                                        .deviation_hz = 50e3 };
    const double chip = mod.sample_rate_sps / mod.chip_rate_cps, sigma = sigma_of(&s1, 15);
    for (size_t trial = 0; trial < TRIALS; trial++) {
        fill_noise(60000, 0);
        add_burst(&mod, START, PAIRS, N_DATA);
        for (size_t n = 0; n < 60000; n++) {
            stream_i[LEAD + n] *= stronger;
            stream_q[LEAD + n] *= stronger;
        }
        rng_add_noise(&rng, (float)sigma, stream_i + LEAD, 60000);
        rng_add_noise(&rng, (float)sigma, stream_q + LEAD, 60000);
        const size_t start = START + (size_t)((2 * PAIRS + N_DATA) * chip) + 200 + 11 * trial;
        const double chip_1 = add_burst(&mod, start, PAIRS, 500);
        search(&s1);
        if (!candidate_at(chip_1 + (2 * PAIRS - 1) * chip, 18 * chip))
            fail_msg("trial %zu: not found", trial);
    }
}

/* Many bursts over many turns of the ring, weak and strong, and the last where the stream ends. */
static void test_ring_wraps(void **state)
{
    (void)state;
    enum { N = 1000000, EVERY = 17001, PAIRS = 20 };
    const struct fsk_mod_config mod = { .sample_rate_sps = 400e3,
                                        .chip_rate_cps = 32768,
                                        .deviation_hz = 50e3 };
    const double chip = mod.sample_rate_sps / mod.chip_rate_cps;
    fill_noise(N, sigma_of(&s1, 12));
    size_t sent = 0;
    for (size_t at = 9000; at + 2000 < N; at += EVERY, sent++)
        add_burst(&mod, at, PAIRS, 300);
    search(&s1);
    for (size_t k = 0; k < sent; k++)
        if (!candidate_at(9000 + (double)(k * EVERY) + 2 * PAIRS * chip, 18 * chip))
            fail_msg("burst %zu of %zu not found", k, sent);
}

static void test_silence(void **state)
{
    (void)state;
    const struct fsk_mod_config mod = { .sample_rate_sps = 400e3,
                                        .chip_rate_cps = 32768,
                                        .deviation_hz = 50e3 };
    fill_noise(60000, 0);
    search(&s1);
    assert_int_equal(n_found, 0);
    add_burst(&mod, 30000, 24, 200);
    search(&s1);
    for (size_t k = 0; k < n_found; k++)
        assert_true(isfinite(found[k].one_center) && isfinite(found[k].offset_hz) &&
                    isfinite(found[k].chip_rate_cps) && isfinite(found[k].noise_density));
}

int main(void)
{
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_start_of_stream),
        cmocka_unit_test(test_behind_stronger),
        cmocka_unit_test(test_keyed_tone),
        cmocka_unit_test(test_ring_wraps),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
