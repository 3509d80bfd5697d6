/* SPDX-License-Identifier: MIT
 * Noise, and what rises above it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dsp/activity.h"
#include "dsp/kernels/kernels.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum { HOP = 4096, QUIET_HOPS = 300 };

static const double rate_sps = 1.6e6;
static const double sigma = 10; /* of a rail */

/* As T1, S1 and C2 seen from 868.95 MHz. */
static const struct activity_band bands[] = {
    { -150e3, 150e3, 100e3, 33.75e3, 80e3, 2.2, 186 },
    { -790e3, -485e3, 32768, 40e3, 80e3, 2.2, 240 },
    { 475e3, 675e3, 50e3, 18.75e3, 31.25e3, 3.3, 160 },
};
static const double deviations_hz[] = { 50e3, 50e3, 25e3 };
/* Next to none of those that are weaker is right. */
static const double weakest_db[] = { 4.5, 4.5, 5.5 };
enum { T, S, C };

/* What a receiver looks for together with R2 or S, and what without them. */
static const struct watch {
    int band;
    bool fine;
} watches[] = { { T, true }, { S, true }, { C, true }, { T, false }, { C, false } };
enum { N_WATCHES = sizeof watches / sizeof watches[0] };

struct air {
    struct rng rng;
    uint64_t n;
    double tones_hz[2]; /* by turns */
    unsigned tone_samples;
    double tone_amplitude, cycles;
    bool bytes;
};

static struct air quiet(bool bytes)
{
    struct air air = { .tones_hz = { 0 }, .tone_samples = 1, .bytes = bytes };
    rng_init(&air.rng, 7);
    return air;
}

static void next_hop(struct air *air, double noise, struct activity *a)
{
    static uint8_t u8[2 * HOP];
    static int16_t s16[2 * HOP];
    for (size_t k = 0; k < HOP; k++, air->n++) {
        const double tone_hz = air->tones_hz[air->n / air->tone_samples % 2];
        const double turn = TWO_PI * air->cycles;
        air->cycles = fmod(air->cycles + tone_hz / rate_sps, 1);
        const double re = noise * (double)rng_normal(&air->rng) + air->tone_amplitude * cos(turn);
        const double im = noise * (double)rng_normal(&air->rng) + air->tone_amplitude * sin(turn);
        u8[2 * k] = (uint8_t)lrint(fmax(0, fmin(255, 127.5 + re)));
        u8[2 * k + 1] = (uint8_t)lrint(fmax(0, fmin(255, 127.5 + im)));
        s16[2 * k] = (int16_t)lrint(64 * re);
        s16[2 * k + 1] = (int16_t)lrint(64 * im);
    }
    static const float dc[2] = { 127.5f, 127.5f };
    if (air->bytes)
        activity_push_u8(a, u8, dc);
    else
        activity_push_s16(a, s16);
}

static struct activity *open_with(const struct watch *watch)
{
    const struct activity_config config = { rate_sps, HOP, watch->fine };
    struct activity *a = activity_open(&config, kernels_find(NULL));
    assert_non_null(a);
    assert_int_equal(activity_add_band(a, &bands[watch->band]), 0);
    activity_reset(a, 0);
    return a;
}

/* Hops among n in which the band was active. */
static size_t count_active(struct activity *a, struct air *air, size_t n, double noise)
{
    size_t n_active = 0;
    for (size_t k = 0; k < n; k++) {
        const uint64_t before = activity_until(a, 0);
        next_hop(air, noise, a);
        n_active += activity_until(a, 0) > before;
    }
    return n_active;
}

/* Is a burst twice as long as the shortest seen, at this Ec/N0 of its chips? */
static bool sees_burst(const struct watch *watch, double ec_n0_db, bool bytes)
{
    const struct activity_band *b = &bands[watch->band];
    struct activity *a = open_with(watch);
    struct air air = quiet(bytes);
    count_active(a, &air, QUIET_HOPS, sigma);
    const double center_hz = (b->low_hz + b->high_hz) / 2;
    const double noise_density = 2 * sigma * sigma / rate_sps;
    air.tones_hz[0] = center_hz - deviations_hz[watch->band];
    air.tones_hz[1] = center_hz + deviations_hz[watch->band];
    air.tone_samples = (unsigned)(rate_sps / b->chip_rate_cps);
    air.tone_amplitude = sqrt(pow(10, ec_n0_db / 10) * noise_density * b->chip_rate_cps);
    const double burst_s = 2 * b->burst_chips / b->chip_rate_cps;
    const bool seen = count_active(a, &air, (size_t)(burst_s * rate_sps / HOP), sigma) > 0;
    activity_close(a);
    return seen;
}

/* As long as little is known all may be something. */
static void test_noise_is_usual(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_WATCHES; k++) {
        struct air air = quiet(watches[k].band == S);
        struct activity *a = open_with(&watches[k]);
        assert_true(count_active(a, &air, 100, sigma) > 0);
        count_active(a, &air, QUIET_HOPS, sigma);
        assert_in_range(count_active(a, &air, 500, sigma), 0, 10);
        activity_close(a);
    }
}

static void test_noise_that_rises_at_all_frequencies_is_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_WATCHES; k++) {
        struct air air = quiet(true);
        struct activity *a = open_with(&watches[k]);
        count_active(a, &air, QUIET_HOPS, sigma);
        assert_in_range(count_active(a, &air, 100, 1.5 * sigma), 0, 10);
        activity_close(a);
    }
}

static void test_weak_bursts_are_seen(void **state)
{
    (void)state;
    for (const struct watch *w = watches; w < watches + N_WATCHES; w++) {
        print_message("band %d, %s\n", w->band, w->fine ? "fine" : "coarse");
        assert_true(sees_burst(w, weakest_db[w->band], w->band != S));
        assert_true(sees_burst(w, 35, w->band == S));
        assert_false(sees_burst(w, -6, true));
    }
}

/* So may whatever follows silence. */
static void test_after_silence(void **state)
{
    (void)state;
    struct air air = quiet(false);
    struct activity *a = open_with(&watches[S]);
    count_active(a, &air, QUIET_HOPS, 0);
    assert_in_range(count_active(a, &air, 100, 0), 0, 0);
    air.tone_amplitude = 100;
    air.tones_hz[0] = -690e3;
    air.tones_hz[1] = -590e3;
    air.tone_samples = 48;
    assert_true(count_active(a, &air, 6, 0) > 0);
    activity_close(a);
}

/* From the start of the stream or from a later sample on: what is active is the same as soon as as
 * much is known. */
static void test_memory(void **state)
{
    (void)state;
    const uint64_t memory_hops = (uint64_t)(activity_memory_s(rate_sps) * rate_sps / HOP) + 1;
    for (const struct watch *w = watches; w < watches + N_WATCHES; w++) {
        struct air air = quiet(true), late = quiet(true);
        struct activity *a = open_with(w), *b = open_with(w);
        for (int k = 0; k < 77; k++)
            next_hop(&air, sigma, a);
        late = air;
        activity_reset(b, 77 * HOP);
        for (uint64_t k = 0; k < memory_hops; k++) {
            next_hop(&air, sigma, a);
            next_hop(&late, sigma, b);
        }
        for (int k = 0; k < 200; k++) { /* noise that swells now and then */
            const double noise = k % 50 == 7 ? 1.3 * sigma : sigma;
            const uint64_t before = activity_until(a, 0), before_b = activity_until(b, 0);
            air.tone_amplitude = late.tone_amplitude = k % 40 < 20 ? 0 : 3;
            next_hop(&air, noise, a);
            next_hop(&late, noise, b);
            if (activity_until(a, 0) > before)
                assert_int_equal(activity_until(b, 0), activity_until(a, 0));
            else
                assert_int_equal(activity_until(b, 0), before_b);
        }
        activity_close(a);
        activity_close(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_is_usual),
        cmocka_unit_test(test_noise_that_rises_at_all_frequencies_is_nothing),
        cmocka_unit_test(test_weak_bursts_are_seen),
        cmocka_unit_test(test_after_silence),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
