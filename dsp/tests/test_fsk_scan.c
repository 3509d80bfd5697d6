/* SPDX-License-Identifier: MIT
 * The scan for the end of a training sequence: at every place it may have, behind the shortest
 * preamble and the longest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_demod.h"
#include "dsp/fsk_mod.h"
#include "dsp/rng.h"

enum { TRAINING = 48, N_DATA = 300, START = 2000, MAX_PAIRS = 500, MAX_SAMPLES = 1 << 15 };
enum { MAX_CHIPS = 2 * MAX_PAIRS + TRAINING + N_DATA };

static const struct training training = { .chips = 0x55555555543D, .n = TRAINING };
static const double rate_sps = 1.6e6, chip_rate = 100e3, amplitude = 4000, sigma = 0.003;

static struct fsk_demod demod;
static int16_t iq[2 * MAX_SAMPLES];
static struct iq_span span;
static double first_chip; /* behind the training sequence */

/* A burst with so many pairs of 01 before its training sequence, in hardly any noise. */
static void transmit(size_t pairs, double offset_hz, double deviation_hz)
{
    static uint8_t chips[MAX_CHIPS];
    static float i[MAX_SAMPLES], q[MAX_SAMPLES];
    const size_t n_chips = 2 * pairs + TRAINING + N_DATA;
    const struct fsk_mod_config config = { .sample_rate_sps = rate_sps,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = deviation_hz,
                                           .carrier_hz = offset_hz };
    const size_t n = fsk_mod_samples(&config, n_chips);
    struct rng rng;
    rng_init(&rng, 7);
    assert_true(n + 2 * START <= MAX_SAMPLES);
    for (size_t k = 0; k < n_chips; k++)
        chips[k] = k < 2 * pairs ? k & 1 : rng_u64(&rng) & 1;
    for (unsigned k = 0; k < TRAINING; k++)
        chips[2 * pairs + k] = training_chip(&training, k) > 0;
    fsk_mod(&config, chips, n_chips, i, q);
    for (size_t k = 0; k < n + 2 * START; k++) {
        const bool inside = k >= START && k < START + n;
        const double re = inside ? (double)i[k - START] : 0, im = inside ? (double)q[k - START] : 0;
        iq[2 * k] = (int16_t)lrint(amplitude * (re + sigma * (double)rng_normal(&rng)));
        iq[2 * k + 1] = (int16_t)lrint(amplitude * (im + sigma * (double)rng_normal(&rng)));
    }
    span = (struct iq_span){ .iq = iq, .n = n + 2 * START };
    first_chip = START + fsk_mod_chip_start(&config, n_chips, 2 * pairs + TRAINING);
}

/* The best of so many places, the right one being number place. */
static struct fsk_burst scan(size_t n, size_t place, bool by_tones, double offset_hz)
{
    const double chip = rate_sps / chip_rate;
    const struct fsk_scan s = { .first = first_chip - 2 * (double)place * chip,
                                .n = n,
                                .chip_samples = chip,
                                .offset_hz = offset_hz,
                                .h = by_tones ? 1.0f : 0.0f,
                                .by_tones = by_tones };
    struct fsk_burst best = { .match = 0 };
    assert_int_equal(fsk_demod_scan(&demod, &span, &s, &best, 1), 1);
    return best;
}

static int open_demod(void **state)
{
    (void)state;
    const struct fsk_demod_config config = { .sample_rate_sps = rate_sps,
                                             .chip_rate_cps = chip_rate,
                                             .deviation_hz = 48e3,
                                             .deviation_min_hz = 33.75e3,
                                             .deviation_max_hz = 80e3,
                                             .training = training };
    return fsk_demod_init(&demod, &config, kernels_find(NULL)) ? 0 : -1;
}

static int close_demod(void **state)
{
    (void)state;
    fsk_demod_deinit(&demod);
    return 0;
}

/* All places are compared alike, whole sequences at the first and at the last of them, too. */
static void test_every_place(void **state)
{
    static const size_t places[] = { 0, 1, 12, 200, FSK_MAX_PLACES - 2, FSK_MAX_PLACES - 1 };
    (void)state;
    transmit(MAX_PAIRS, 0, 50e3);
    for (int by_tones = 0; by_tones < 2; by_tones++) {
        const float usual = scan(FSK_MAX_PLACES, 100, by_tones, 0).match;
        assert_true(usual > 0.9f);
        for (size_t p = 0; p < ARRAY_LEN(places); p++) {
            const struct fsk_burst best = scan(FSK_MAX_PLACES, places[p], by_tones, 0);
            print_message("place %zu: match %.4f, usually %.4f\n", places[p], (double)best.match,
                          (double)usual);
            assert_true(fabs(best.first_chip - first_chip) < 1e-6);
            assert_true(fabsf(best.match - usual) < 0.005f);
        }
    }
    /* more than there can be are not looked at */
    assert_true(fabs(scan(FSK_MAX_PLACES + 1, FSK_MAX_PLACES, true, 0).first_chip - first_chip) >
                1);
}

/* Behind the shortest preamble there is data, and before it nothing: the carrier shows in between
 * only, and must be right by some tenths of a kilohertz to compare the places at all. */
static void test_shortest_preamble(void **state)
{
    static const double offsets_hz[] = { -14e3, 0, 14e3 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(offsets_hz); k++)
        for (size_t place = 8; place <= 24; place += 4) {
            transmit(0, offsets_hz[k], 40e3); /* data of index 1 would show a carrier as well */
            const struct fsk_burst best = scan(100, place, false, 0);
            print_message("%+.0f Hz, place %zu: %+.0f Hz\n", offsets_hz[k], place, best.offset_hz);
            assert_true(fabs(best.first_chip - first_chip) < 1e-6);
            assert_true(fabs(best.offset_hz - offsets_hz[k]) < 500);
        }
}

/* Noise has moved the lower tone by 0.3 chip rates and the upper one by 0.1: carrier and index come
 * out as near as the frequencies that are tried lie. */
static void test_tones_elsewhere(void **state)
{
    enum { PLACE = 5 };
    const double chip = rate_sps / chip_rate;
    struct fsk_scan s = {
        .n = 20, .chip_samples = chip, .offset_hz = 20e3, .h = 1.4f, .by_tones = true
    };
    struct fsk_burst trusted, best;
    (void)state;
    transmit(20, 0, 80e3);
    s.first = first_chip - 2 * PLACE * chip;
    assert_int_equal(fsk_demod_scan(&demod, &span, &s, &trusted, 1), 1);
    s.tone_reach = 0.3;
    assert_int_equal(fsk_demod_scan(&demod, &span, &s, &best, 1), 1);
    print_message("trusted: match %.3f; else %.3f, %+.0f Hz, index %.2f\n", (double)trusted.match,
                  (double)best.match, best.offset_hz, (double)best.h);
    assert_true(fabs(best.first_chip - first_chip) < 1e-6);
    assert_true(fabs(best.offset_hz) < 0.075 * chip_rate + 1);
    assert_true(fabsf(best.h - 1.6f) < 0.151f);
    assert_true(best.match > 1.1f * trusted.match);
}

/* Where a search by tones gives the place, and the index, it may be a third of a chip and 0.7
 * percent of the clock off. */
static void test_refined_by_tones(void **state)
{
    static const double late_chips[] = { -0.33, 0, 0.33 }, clocks[] = { 0.993, 1, 1.007 };
    const double chip = rate_sps / chip_rate;
    (void)state;
    transmit(20, 5e3, 50e3);
    for (size_t l = 0; l < ARRAY_LEN(late_chips); l++)
        for (size_t c = 0; c < ARRAY_LEN(clocks); c++) {
            struct fsk_burst burst = { .first_chip = first_chip + late_chips[l] * chip,
                                       .chip_samples = chip * clocks[c],
                                       .h = 1 };
            const float match = fsk_demod_acquire(&demod, &span, &burst);
            print_message("%+.2f chips, clock %.3f: match %.3f, %+.3f chips, clock %.4f\n",
                          late_chips[l], clocks[c], (double)match,
                          (burst.first_chip - first_chip) / chip, burst.chip_samples / chip);
            assert_true(match > 0.95f);
            assert_true(fabs(burst.first_chip - first_chip) < 0.05 * chip);
            assert_true(fabs(burst.chip_samples / chip - 1) < 0.001);
            assert_true(fabs(burst.offset_hz - 5e3) < 500);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_shortest_preamble),
        cmocka_unit_test(test_tones_elsewhere),
        cmocka_unit_test(test_refined_by_tones),
    };
    return cmocka_run_group_tests(tests, open_demod, close_demod);
}
