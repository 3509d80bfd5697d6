/* SPDX-License-Identifier: MIT
 * Scenes measured from their samples: level, noise, time, frequency and every chip. */
#include "bench/scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/random_telegram.h"

#define assert_near(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))

enum { MAX_SAMPLES = 200000, LEAD_IN = 3000, TAIL = 2000, T1 = 0, C1_A = 1, C1_B = 2, S1 = 3 };

static const double two_pi = 6.283185307179586;
static uint8_t cu8[2 * MAX_SAMPLES];
static uint8_t telegram[47];

static double level_i(size_t k)
{
    return cu8[2 * k] - 127.5;
}

static double level_q(size_t k)
{
    return cu8[2 * k + 1] - 127.5;
}

static double power(size_t from, size_t n)
{
    double sum = 0;
    for (size_t k = from; k < from + n; k++)
        sum += level_i(k) * level_i(k) + level_q(k) * level_q(k);
    return sum / (double)n;
}

/* Frequency between two samples. */
static double frequency(size_t from, size_t to, double rate)
{
    double turns = 0;
    for (size_t k = from + 1; k <= to; k++) {
        double re = level_i(k) * level_i(k - 1) + level_q(k) * level_q(k - 1);
        double im = level_q(k) * level_i(k - 1) - level_i(k) * level_q(k - 1);
        turns += atan2(im, re) / two_pi;
    }
    return turns / (double)(to - from) * rate;
}

static const struct {
    const char *what;
    int mode;
    double rate, center, offset, deviation, bt, clock_error, delay;
    unsigned pairs;
} rows[] = {
    { "T1", T1, 1.6e6, 868.95e6, 0, 0, 0, 0, 0, 0 },
    { "T1, low in the band, clock fast", T1, 1.6e6, 868.625e6, -40e3, 0, 0, 0.005, 0.3, 0 },
    { "T1 at 2.4 Msps, wide, clock slow", T1, 2.4e6, 868.72e6, 80e3, 80e3, 0, -0.03, 0.9, 30 },
    { "C1-A shaped", C1_A, 1.6e6, 868.95e6, 30e3, 0, 0.5, 0.0001, 0.5, 0 },
    { "C1-B at 1.024 Msps", C1_B, 1.024e6, 868.95e6, -20e3, 0, 0, -0.0001, 0.1, 0 },
    { "S1, short preamble", S1, 1.6e6, 868.5e6, 10e3, 0, 0, 0.01, 0.7, 15 },
};

static struct burst burst_of_row(size_t r)
{
    return (struct burst){
        .mode = &radio_modes[rows[r].mode],
        .telegram = telegram,
        .n = sizeof telegram,
        .amplitude = 60,
        .offset_hz = rows[r].offset,
        .deviation_hz = rows[r].deviation,
        .bt = rows[r].bt,
        .clock_error = rows[r].clock_error,
        .delay_samples = rows[r].delay,
        .preamble_pairs = rows[r].pairs,
        .postamble_chips = 4,
    };
}

/* Decides every chip by the mean frequency of its middle half, against the mode's true carrier. */
static void check_chips(size_t r, const struct burst *burst, double first_sync)
{
    static struct chip_burst sent;
    assert_true(chip_encode(burst->mode, telegram, sizeof telegram, burst->preamble_pairs,
                            burst->postamble_chips, &sent));
    double chip = rows[r].rate / (burst->mode->chip_rate_cps * (1 + rows[r].clock_error));
    double carrier = burst->mode->frequency_hz + burst->offset_hz - rows[r].center;
    for (size_t k = 0; k < sent.n; k++) {
        double middle = first_sync + ((double)k - (double)sent.first_sync_chip + 0.5) * chip;
        size_t from = (size_t)lround(middle - chip / 4), to = (size_t)lround(middle + chip / 4);
        double deviation = frequency(from, to, rows[r].rate) - carrier;
        assert_int_equal(deviation > 0, sent.chips[k]);
        assert_true(fabs(deviation) > 10e3 && fabs(deviation) < 90e3);
    }
}

static void test_every_chip_is_where_it_should_be(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct burst burst = burst_of_row(r);
        struct scene scene;
        double first_sync;
        assert_true(scene_open(&scene, rows[r].rate, rows[r].center, r, MAX_SAMPLES));
        size_t n = scene_burst(&scene, &burst, 0.5, LEAD_IN, TAIL, cu8, &first_sync);
        assert_true(n > 0);
        check_chips(r, &burst, first_sync);
        assert_true(power(0, LEAD_IN - 1) < 1);
        assert_true(power(n - TAIL + 1, TAIL - 1) < 1);
        scene_close(&scene);
    }
}

/* The definition, measured: (A^2 / Rc) / (s^2 / fs), from the power of noise and of both. */
static void test_ecn0(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct burst burst = burst_of_row(r);
        struct scene scene;
        double first_sync;
        enum { NOISE = 60000 };
        burst.amplitude = 20;
        assert_true(scene_open(&scene, rows[r].rate, rows[r].center, r, MAX_SAMPLES));
        double sigma = burst_noise_sigma(&burst, 12, rows[r].rate);
        size_t n = scene_burst(&scene, &burst, sigma, NOISE, 0, cu8, &first_sync);
        double noise = power(0, NOISE - 1) - 1 / 6.0; /* less that of the quantisation */
        double signal = power(NOISE + 100, n - NOISE - 200) - 1 / 6.0 - noise;
        double chip_rate = burst.mode->chip_rate_cps * (1 + burst.clock_error);
        double ecn0 = 10 * log10(signal / chip_rate / (noise / rows[r].rate));
        print_message("%.2f dB\n", ecn0);
        assert_near(ecn0, 12, 0.25);
        assert_near(signal, 400, 15);
        assert_near(burst_amplitude(&burst, 12, sigma, rows[r].rate), burst.amplitude, 1e-9);
        scene_close(&scene);
    }
}

static void test_clipping(void **state)
{
    (void)state;
    struct burst burst = burst_of_row(0);
    struct scene scene;
    double first_sync;
    burst.amplitude = 1275;
    assert_true(scene_open(&scene, 1.6e6, 868.95e6, 1, MAX_SAMPLES));
    size_t n = scene_burst(&scene, &burst, 1, LEAD_IN, 0, cu8, &first_sync);
    size_t clipped = 0;
    for (size_t k = 2 * (LEAD_IN + 10); k < 2 * (n - 10); k++)
        clipped += cu8[k] == 0 || cu8[k] == 255;
    assert_true((double)clipped > 0.9 * (double)(2 * (n - LEAD_IN - 20)));
    scene_close(&scene);
}

static void test_dc(void **state)
{
    (void)state;
    enum { N = 10000 };
    struct scene scene;
    double i = 0, q = 0;
    assert_true(scene_open(&scene, 1.6e6, 868.95e6, 1, N));
    scene.dc_steps = 20;
    scene_noise(&scene, 8, N, cu8);
    scene_close(&scene);
    for (size_t k = 0; k < N; k++) {
        i += level_i(k) / N;
        q += level_q(k) / N;
    }
    assert_near(i, 20, 0.5);
    assert_near(q, 20, 0.5);
}

static void test_same_seed_same_bytes_and_capacity(void **state)
{
    (void)state;
    static uint8_t again[2 * MAX_SAMPLES];
    struct burst burst = burst_of_row(0);
    struct scene scene;
    double first_sync;
    size_t n[2];
    for (int run = 0; run < 2; run++) {
        assert_true(scene_open(&scene, 1.6e6, 868.95e6, 99, MAX_SAMPLES));
        n[run] = scene_burst(&scene, &burst, 8, LEAD_IN, TAIL, run ? again : cu8, &first_sync);
        scene_noise(&scene, 8, 1000, (run ? again : cu8) + 2 * n[run]);
        scene_close(&scene);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(cu8, again, 2 * (n[0] + 1000));
    assert_near(power(n[0], 1000), 128, 15);
    assert_true(scene_open(&scene, 1.6e6, 868.95e6, 99, n[0] - 1));
    assert_int_equal(scene_burst(&scene, &burst, 8, LEAD_IN, TAIL, cu8, &first_sync), 0);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_chip_is_where_it_should_be),
        cmocka_unit_test(test_ecn0),
        cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_dc),
        cmocka_unit_test(test_same_seed_same_bytes_and_capacity),
    };
    random_telegram(1, telegram, sizeof telegram);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
