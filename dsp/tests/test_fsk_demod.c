/* SPDX-License-Identifier: MIT
 * One burst of the modulator, from rough guesses to chips; and spans that hold only a part of it.
 */
#include "dsp/fsk_demod.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_mod.h"
#include "dsp/rng.h"

enum { PAIRS = 20, TRAINING = 48, N_DATA = 600, START = 700, MAX_SAMPLES = 1 << 16 };
enum { N_CHIPS = 2 * PAIRS + TRAINING + N_DATA, FIT_CHIPS = 160 };

static const struct training training = { .chips = 0x55555555543D, .n = TRAINING };
static const double chip_rate = 100e3, amplitude = 2000;
static const uint64_t first_sample = 1000000; /* of the span: the stream began long before */

static struct fsk_demod demod;
static struct rng rng;
static uint8_t chips[N_CHIPS];
static int16_t iq[2 * MAX_SAMPLES];
static struct iq_span span;
static double first_chip; /* behind the training sequence, in samples of the stream */

static const struct row {
    const char *what;
    double rate_sps, channel_hz, offset_hz, clock_error, drift, deviation_hz, bt;
} rows[] = {
    { "plain", 1.6e6, 0, 0, 0, 0, 50e3, 0 },
    { "shaped", 1.6e6, 0, 0, 0, 0, 45e3, 0.5 },
    { "channel beside the centre", 1.6e6, 325e3, 5e3, 0, 0, 50e3, 0 },
    { "offset 120 kHz", 1.6e6, -100e3, 120e3, 0, 0, 50e3, 0 },
    { "offset -120 kHz, shaped", 1.6e6, 100e3, -120e3, 0, 0, 45e3, 0.5 },
    { "97 kcps", 1.6e6, 0, 20e3, -0.03, 0, 50e3, 0 },
    { "103 kcps, shaped", 1.6e6, 0, -20e3, 0.03, 0, 45e3, 0.5 },
    { "clock drifts", 1.6e6, 0, 0, 0, 0.005, 50e3, 0 },
    { "clock drifts back, shaped", 1.6e6, 0, 0, 0, -0.005, 45e3, 0.5 },
    { "deviation 34 kHz, shaped", 1.6e6, 0, 0, 0, 0, 34e3, 0.5 },
    { "deviation 40 kHz", 1.6e6, 0, 0, 0, 0, 40e3, 0 },
    { "deviation 65 kHz", 1.6e6, 0, 10e3, 0, 0, 65e3, 0 },
    { "deviation 70 kHz, shaped", 1.6e6, 0, 10e3, 0.002, 0, 70e3, 0.5 },
    { "deviation 80 kHz", 1.6e6, 0, 10e3, 0.002, 0, 80e3, 0 },
    { "deviation 80 kHz, shaped", 1.6e6, 0, 10e3, 0.002, 0, 80e3, 0.5 },
    { "0.8 Msps", 0.8e6, 100e3, -10e3, 0.004, 0, 50e3, 0 },
    { "1.024 Msps, shaped", 1.024e6, 0, 30e3, -0.004, 0, 45e3, 0.5 },
    { "3.2 Msps", 3.2e6, 1e6, -30e3, 0.001, 0, 50e3, 0 },
};

static void init_demod(const struct row *r)
{
    const struct fsk_demod_config config = { .sample_rate_sps = r->rate_sps,
                                             .channel_hz = r->channel_hz,
                                             .chip_rate_cps = chip_rate,
                                             .deviation_hz = 48e3,
                                             .deviation_min_hz = 33.75e3,
                                             .deviation_max_hz = 80e3,
                                             .training = training };
    assert_true(fsk_demod_init(&demod, &config, kernels_find(NULL)));
}

/* The burst, in noise before and behind. ecn0: a chip's energy against the noise density;
 * one in so many of its data chips is one. */
static void transmit_at(const struct row *r, double ecn0, unsigned one_in)
{
    static float i[MAX_SAMPLES], q[MAX_SAMPLES];
    const struct fsk_mod_config config = { .sample_rate_sps = r->rate_sps,
                                           .chip_rate_cps = chip_rate * (1 + r->clock_error),
                                           .chip_rate_drift = r->drift,
                                           .deviation_hz = r->deviation_hz,
                                           .carrier_hz = r->channel_hz + r->offset_hz,
                                           .phase_rad = rng_uniform(&rng, -3, 3),
                                           .delay_samples = rng_uniform(&rng, 0, 1),
                                           .bt = r->bt };
    for (size_t k = 0; k < N_CHIPS; k++)
        chips[k] = k < 2 * PAIRS ? k & 1 : rng_u64(&rng) % one_in == 0;
    for (unsigned k = 0; k < TRAINING; k++)
        chips[2 * PAIRS + k] = training_chip(&training, k) > 0;
    const size_t n = fsk_mod_samples(&config, N_CHIPS);
    assert_true(n + 2 * START <= MAX_SAMPLES);
    fsk_mod(&config, chips, N_CHIPS, i, q);
    const double sigma = sqrt(r->rate_sps / (2 * ecn0 * chip_rate));
    for (size_t k = 0; k < n + 2 * START; k++) {
        const bool inside = k >= START && k < START + n;
        const double re = inside ? (double)i[k - START] : 0, im = inside ? (double)q[k - START] : 0;
        iq[2 * k] = (int16_t)lrint(amplitude * (re + sigma * (double)rng_normal(&rng)));
        iq[2 * k + 1] = (int16_t)lrint(amplitude * (im + sigma * (double)rng_normal(&rng)));
    }
    span = (struct iq_span){ .iq = iq, .n = n + 2 * START, .first_sample = first_sample };
    first_chip =
        (double)first_sample + START + fsk_mod_chip_start(&config, N_CHIPS, 2 * PAIRS + TRAINING);
}

static void transmit(const struct row *r)
{
    transmit_at(r, 100, 2);
}

/* What the search of preambles gives, off in each direction by turns. */
static struct fsk_scan rough(const struct row *r, int trial)
{
    const double chip = r->rate_sps / (chip_rate * (1 + r->clock_error));
    return (struct fsk_scan){ .first = first_chip - (16 + (trial & 1 ? 0.1 : -0.1)) * chip,
                              .n = 20,
                              .chip_samples = chip * (trial & 2 ? 1.002 : 0.998),
                              .offset_hz = r->offset_hz + (trial & 4 ? 5e3 : -5e3) };
}

static struct fsk_burst guess(const struct row *r, int trial)
{
    struct fsk_burst best[3];
    const struct fsk_scan scan = rough(r, trial);
    const size_t n = fsk_demod_scan(&demod, &span, &scan, best, ARRAY_LEN(best));
    assert_true(n >= 1 && n <= ARRAY_LEN(best));
    for (size_t k = 1; k < n; k++)
        assert_true(best[k - 1].match >= best[k].match);
    return best[0];
}

static size_t demodulate(const struct iq_span *part, struct fsk_burst *burst, size_t n,
                         soft_chip_t *soft, struct fsk_result *result)
{
    struct chip_span out;
    fsk_demod_chips(&demod, part, burst, n, false, 0, &out, result);
    fsk_demod_chips(&demod, part, burst, n, true, 0, &out, result);
    assert_true(out.n <= n && (out.n == 0 || out.llr_per_step > 0));
    memcpy(soft, out.chips, out.n * sizeof *soft);
    return out.n;
}

static size_t n_wrong(const soft_chip_t *soft, size_t n)
{
    size_t wrong = 0;
    for (size_t k = 0; k < n; k++)
        wrong += (soft[k] > 0) != chips[2 * PAIRS + TRAINING + k];
    return wrong;
}

static void check_burst(const struct row *r, int trial)
{
    static soft_chip_t soft[N_DATA];
    struct fsk_result result;
    struct fsk_burst burst = guess(r, trial);
    const double rate = chip_rate * (1 + r->clock_error), chip = r->rate_sps / rate;
    const float match = fsk_demod_acquire(&demod, &span, &burst);
    if (match < 0.8f)
        fail_msg("match %.2f", (double)match);
    assert_true(fabs(burst.first_chip - first_chip) < 0.15 * chip);
    assert_true(fabs(burst.offset_hz - r->offset_hz) < 1500);
    assert_true(fabs(burst.chip_samples / chip - 1) < 0.006);
    fsk_demod_fit_pulse(&demod, &span, &burst, FIT_CHIPS);
    assert_int_equal(demodulate(&span, &burst, N_DATA, soft, &result), N_DATA);
    if (n_wrong(soft, N_DATA))
        fail_msg("%zu chips wrong", n_wrong(soft, N_DATA));
    assert_true(fabs((double)result.offset_hz - r->offset_hz) < 300);
    assert_true(fabs((double)result.deviation_hz / r->deviation_hz - 1) < 0.06);
    assert_true(fabs((double)result.chip_rate_cps / (rate * (1 + r->drift / 2)) - 1) < 0.002);
    assert_true(fabs((double)result.amplitude / (amplitude * FIR_UNITY) - 1) < 0.06);
}

static void test_bursts(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        init_demod(&rows[r]);
        for (int trial = 0; trial < 8; trial++) {
            transmit(&rows[r]);
            check_burst(&rows[r], trial);
        }
        fsk_demod_deinit(&demod);
    }
}

/* The span ends early: as many chips as there are, and these are right. */
static void test_cut_behind(void **state)
{
    (void)state;
    static soft_chip_t soft[N_DATA];
    init_demod(&rows[0]);
    transmit(&rows[0]);
    struct fsk_burst burst = guess(&rows[0], 0);
    assert_true(fsk_demod_acquire(&demod, &span, &burst) > 0.8f);
    fsk_demod_fit_pulse(&demod, &span, &burst, FIT_CHIPS);
    size_t before = 0;
    for (int n_chips = 0; n_chips <= N_DATA + 20; n_chips += 20) {
        struct iq_span part = span;
        struct fsk_burst again = burst;
        struct fsk_result result;
        part.n = (size_t)(first_chip - (double)first_sample + 16 * n_chips);
        const size_t n = demodulate(&part, &again, N_DATA, soft, &result);
        assert_true(n >= before && n <= (size_t)n_chips && n + 20 >= (size_t)n_chips);
        /* the filter's end reaches into the last chips */
        assert_int_equal(n_wrong(soft, n), 0);
        before = n;
    }
    fsk_demod_deinit(&demod);
}

/* Any piece of the stream, whether the burst is in it or not, in memory of its exact size. */
static void test_any_span(void **state)
{
    (void)state;
    static soft_chip_t soft[N_DATA];
    init_demod(&rows[0]);
    transmit(&rows[0]);
    const struct fsk_burst guessed = guess(&rows[0], 1);
    struct fsk_burst acquired = guessed;
    fsk_demod_acquire(&demod, &span, &acquired);
    for (int trial = 0; trial < 200; trial++) {
        const size_t from = (size_t)(rng_u64(&rng) % span.n);
        const size_t n = (size_t)(rng_u64(&rng) % (span.n - from + 1)) >> (trial % 4 * 3);
        int16_t *copy = malloc(4 * n + 1);
        assert_non_null(copy);
        memcpy(copy, iq + 2 * from, 4 * n);
        const struct iq_span part = { copy, n, first_sample + from };
        struct fsk_burst burst = guessed, best[3];
        const struct fsk_scan scan = rough(&rows[0], trial);
        struct fsk_result result;
        const float match = fsk_demod_acquire(&demod, &part, &burst);
        assert_true(match >= 0 && match <= 1.01f);
        assert_true(fsk_demod_scan(&demod, &part, &scan, best, 3) <= 3);
        burst = acquired;
        fsk_demod_fit_pulse(&demod, &part, &burst, FIT_CHIPS);
        demodulate(&part, &burst, N_DATA, soft, &result);
        assert_true(isfinite(burst.h) && isfinite(burst.offset_hz));
        assert_true(isfinite(result.amplitude) && isfinite(result.chip_rate_cps));
        free(copy);
    }
    fsk_demod_deinit(&demod);
}

/* Bursts of 300 at 10 dB with chips wrong, if the index is first taken to be h; 0.9 would be right.
 */
static int n_lost(float h, unsigned one_in, bool fitted)
{
    const struct row row = { .rate_sps = 1.6e6, .offset_hz = 3e3, .deviation_hz = 45e3 };
    static soft_chip_t soft[N_DATA];
    int lost = 0;
    init_demod(&row);
    for (int trial = 0; trial < 300; trial++) {
        struct fsk_result result;
        transmit_at(&row, 10, one_in);
        struct fsk_burst burst = {
            .first_chip = first_chip, .chip_samples = 16, .offset_hz = row.offset_hz, .h = h
        };
        if (fitted)
            fsk_demod_fit_pulse(&demod, &span, &burst, FIT_CHIPS);
        assert_int_equal(demodulate(&span, &burst, N_DATA, soft, &result), N_DATA);
        lost += n_wrong(soft, N_DATA) > 0;
    }
    fsk_demod_deinit(&demod);
    print_message("index %.3f%s: %d of 300 lost\n", (double)h, fitted ? ", fitted" : "", lost);
    return lost;
}

/* An index that is wrong makes the path slip for some chips; it still tells what the index is, but
 * in one burst of seven. */
static void test_index_off(void **state)
{
    (void)state;
    assert_true(n_lost(0.84f, 2, false) < 80);
}

/* Most of an open telegram is zeros: an index off by 0.02 is then too much, and what the path says
 * of it is wrong. Where the steps of the fit have gaps of 0.05, half of them are lost. */
static void test_mostly_zeros(void **state)
{
    (void)state;
    for (int h = 775; h <= 1025; h += 25)
        assert_true(n_lost((float)h / 1000, 4, true) < 25);
}

/* What was sent costs little against what was received, also where that is wrong; and two chips
 * more that are wrong cost much. */
static void test_costs(void **state)
{
    static const struct row row = { "near the limit", 1.6e6, 0, 3e3, 0.002, 0, 45e3, 0 };
    enum { TRIALS = 600, MAX_CHANGED = 8 };
    int asked = 0, cheap = 0, dear = 0;
    (void)state;
    init_demod(&row);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct chip_span out;
        struct fsk_result result;
        uint32_t changed[MAX_CHANGED + 2];
        size_t n = 0;
        transmit_at(&row, 3.55, 2);
        struct fsk_burst burst = guess(&row, trial);
        fsk_demod_acquire(&demod, &span, &burst);
        fsk_demod_chips(&demod, &span, &burst, N_DATA, false, 0, &out, &result);
        fsk_demod_chips(&demod, &span, &burst, N_DATA, true, 0, &out, &result);
        assert_int_equal(out.n, N_DATA);
        for (uint32_t k = 0; k < N_DATA && n <= MAX_CHANGED; k++)
            if ((out.chips[k] > 0) != chips[2 * PAIRS + TRAINING + k])
                changed[n++] = k;
        if (n == 0 || n > MAX_CHANGED || changed[n - 1] > N_DATA - 40)
            continue;
        asked++;
        const float cost = out.cost_of(out.demod, changed, n);
        cheap += cost < 2 * (float)n;
        changed[n] = N_DATA - 30;
        changed[n + 1] = N_DATA - 20;
        dear += out.cost_of(out.demod, changed, n + 2) > cost + 8;
    }
    fsk_demod_deinit(&demod);
    print_message("of %d bursts with wrong chips %d cheap, %d dear\n", asked, cheap, dear);
    assert_true(asked > TRIALS / 3);
    /* 90 %; asked along another path than the chips' own, 75 */
    assert_true(cheap * 20 >= asked * 17 && dear * 20 >= asked * 19);
}

/* Chips of a strong burst: a carrier that is left over costs nothing, and two that make one rival
 * path cost less than each alone. */
static void test_costs_of_one(void **state)
{
    static const struct row row = { "strong", 1.6e6, 0, 0, 0, 0, 45e3, 0 };
    (void)state;
    init_demod(&row);
    transmit(&row);
    const struct fsk_burst exact = { .first_chip = first_chip, .chip_samples = 16, .h = 0.9f };
    float costs[2][3];
    uint32_t one = N_DATA - 30;
    while (chips[2 * PAIRS + TRAINING + one] == chips[2 * PAIRS + TRAINING + one + 1])
        one++;
    const uint32_t pair[] = { one, one + 1 };
    for (int off = 0; off < 2; off++) {
        struct chip_span out;
        struct fsk_result result;
        struct fsk_burst burst = exact;
        burst.offset_hz = off ? 150 : 0;
        fsk_demod_chips(&demod, &span, &burst, N_DATA, false, 0, &out, &result);
        costs[off][0] = out.cost_of(out.demod, pair, 1);
        costs[off][1] = out.cost_of(out.demod, pair + 1, 1);
        costs[off][2] = out.cost_of(out.demod, pair, 2);
        print_message("%d Hz: %.1f, %.1f, both %.1f\n", off ? 150 : 0, (double)costs[off][0],
                      (double)costs[off][1], (double)costs[off][2]);
        assert_true(costs[off][2] > 8);
        assert_true(costs[off][2] < 0.55f * (costs[off][0] + costs[off][1]));
    }
    for (int k = 0; k < 3; k++)
        assert_true(fabsf(costs[1][k] / costs[0][k] - 1) < 0.2f);
    const uint32_t beyond = N_DATA;
    struct chip_span out;
    struct fsk_result result;
    struct fsk_burst burst = exact;
    fsk_demod_chips(&demod, &span, &burst, N_DATA, false, 0, &out, &result);
    assert_true(isinf(out.cost_of(out.demod, &beyond, 1)));
    fsk_demod_deinit(&demod);
}

/* Noise and silence are no training sequence. */
static void test_noise(void **state)
{
    (void)state;
    init_demod(&rows[0]);
    transmit(&rows[0]);
    int taken = 0;
    for (int trial = 0; trial < 300; trial++) {
        const double sigma = trial ? 1000 : 0;
        for (size_t k = 0; k < 2 * 4000; k++)
            iq[k] = (int16_t)lrint(sigma * (double)rng_normal(&rng));
        const struct iq_span part = { iq, 4000, first_sample };
        struct fsk_burst burst = { .first_chip = (double)first_sample + 2000, .chip_samples = 16 };
        taken += fsk_demod_acquire(&demod, &part, &burst) > 0.5f;
    }
    print_message("%d of 300\n", taken);
    assert_true(taken <= 3);
    fsk_demod_deinit(&demod);
}

int main(void)
{
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bursts),       cmocka_unit_test(test_cut_behind),
        cmocka_unit_test(test_any_span),     cmocka_unit_test(test_index_off),
        cmocka_unit_test(test_mostly_zeros), cmocka_unit_test(test_costs),
        cmocka_unit_test(test_costs_of_one), cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
