/* SPDX-License-Identifier: MIT
 * The modulator against brute force: frequency evaluated at many points between two samples and
 * summed, with none of the closed forms of fsk_mod.c. */
#include "dsp/fsk_mod.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

/* cmocka's own compares floats, too coarse for times. */
#define assert_near(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))

enum { MAX_SAMPLES = 32768, N_CHIPS = 200 };

static const double pi = 3.14159265358979323846;
static float iq_i[MAX_SAMPLES], iq_q[MAX_SAMPLES];
static uint8_t chips[N_CHIPS];

static const struct {
    const char *what;
    struct fsk_mod_config config;
} rows[] = {
    { "T1, whole samples a chip", { 1.6e6, 100e3, 0, 50e3, 0, 0, 0, 0 } },
    { "shaped, BT 0.5", { 1.6e6, 100e3, 0, 45e3, 20e3, 0.5, 0, 0.5 } },
    { "odd ratio, offset, fraction", { 1.024e6, 100.31e3, 0, 61e3, -83e3, -2, 0.37, 0 } },
    { "odd ratio, shaped narrowly", { 1.024e6, 99.2e3, 0, 38e3, 120e3, 1, 0.999, 0.3 } },
    { "S1 at 3.2 Msps", { 3.2e6, 32768, 0, 50e3, -325e3, 0, 0.5, 0 } },
    { "clock drifts up", { 1.6e6, 99.5e3, 0.01, 50e3, 0, 0, 0.2, 0 } },
    { "clock drifts down, shaped", { 1.6e6, 100.5e3, -0.01, 45e3, 0, 0, 0.8, 0.5 } },
};

static void fill_chips(void)
{
    unsigned state = 12345;
    for (size_t k = 0; k < N_CHIPS; k++) {
        state = state * 1103515245u + 12345u;
        chips[k] = (state >> 16) & 1;
    }
}

static size_t modulate(const struct fsk_mod_config *c)
{
    size_t n = fsk_mod_samples(c, N_CHIPS);
    assert_true(n <= MAX_SAMPLES);
    fsk_mod(c, chips, N_CHIPS, iq_i, iq_q);
    return n;
}

/* Phase difference of sample k to sample k - 1, -pi ... pi. */
static double phase_step(size_t k)
{
    double re = (double)iq_i[k] * (double)iq_i[k - 1] + (double)iq_q[k] * (double)iq_q[k - 1];
    double im = (double)iq_q[k] * (double)iq_i[k - 1] - (double)iq_i[k] * (double)iq_q[k - 1];
    return atan2(im, re);
}

static void test_power_is_one(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        size_t n = modulate(&rows[r].config);
        for (size_t k = 0; k < n; k++)
            assert_near(iq_i[k] * iq_i[k] + iq_q[k] * iq_q[k], 1, 1e-6);
    }
}

/* A Gaussian step by numerical integration from far before. */
static double gauss_step(double t, double sigma)
{
    if (sigma <= 0)
        return t >= 0 ? 1 : 0;
    double sum = 0, dx = 0.02;
    for (double x = -8; x + dx / 2 < t / sigma && x < 8; x += dx)
        sum += exp(-(x + dx / 2) * (x + dx / 2) / 2) * dx / sqrt(2 * pi);
    return sum;
}

/* Frequency in units of the deviation, from the definition: every chip is a step up or down. */
static double frequency_at(const struct fsk_mod_config *c, const double *edges, double t)
{
    double sigma = c->bt > 0 ? 0.1325 / c->bt / c->chip_rate_cps * c->sample_rate_sps : 0;
    double sum = 0, before = 0;
    for (size_t k = 0; k <= N_CHIPS; k++) {
        double now = k == N_CHIPS ? 0 : chips[k] ? 1 : -1;
        if (fabs(t - edges[k]) > 7 * sigma)
            sum += t > edges[k] ? now - before : 0;
        else
            sum += (now - before) * gauss_step(t - edges[k], sigma);
        before = now;
    }
    return sum;
}

/* Edges by stepping through the chips in small steps of the true rate. */
static void brute_edges(const struct fsk_mod_config *c, double *edges)
{
    enum { STEPS = 1000 };
    double t = fsk_mod_chip_start(c, N_CHIPS, 0);
    for (size_t k = 0; k < N_CHIPS; k++) {
        edges[k] = t;
        for (int s = 0; s < STEPS; s++) {
            double rate = c->chip_rate_cps *
                          (1 + c->chip_rate_drift * ((double)k + (s + 0.5) / STEPS) / N_CHIPS);
            t += c->sample_rate_sps / rate / STEPS;
        }
    }
    edges[N_CHIPS] = t;
}

static void test_against_brute_force(void **state)
{
    (void)state;
    enum { FINE = 30, N = 300 };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct fsk_mod_config *c = &rows[r].config;
        double edges[N_CHIPS + 1];
        brute_edges(c, edges);
        modulate(c);
        double phase = c->phase_rad;
        /* Without shaping the sum is off by up to half a fine step at each edge. */
        double tolerance = c->bt > 0 ? 0.002 : 0.08;
        for (size_t k = 0; k < N; k++) {
            double error = atan2((double)iq_q[k], (double)iq_i[k]) - phase;
            assert_near(remainder(error, 2 * pi), 0, tolerance);
            for (int f = 0; f < FINE; f++) {
                double t = (double)k + (f + 0.5) / FINE;
                double hz = c->carrier_hz + c->deviation_hz * frequency_at(c, edges, t);
                phase += 2 * pi * hz / c->sample_rate_sps / FINE;
            }
        }
    }
}

/* The end of a burst shows every error of the clock: the last edge in the samples must be where
 * fsk_mod_chip_start says. In the sample that holds an edge between opposite chips the phase step
 * is a mixture of both tones, and tells where the edge is. */
static void test_last_edge(void **state)
{
    (void)state;
    chips[N_CHIPS - 2] = 0;
    chips[N_CHIPS - 1] = 1;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct fsk_mod_config *c = &rows[r].config;
        if (c->bt > 0)
            continue;
        print_message("%s\n", rows[r].what);
        modulate(c);
        double edge = fsk_mod_chip_start(c, N_CHIPS, N_CHIPS - 1);
        size_t k = (size_t)floor(edge);
        double hz = phase_step(k + 1) * c->sample_rate_sps / (2 * pi) - c->carrier_hz;
        double upper_part = (hz / c->deviation_hz + 1) / 2;
        assert_near((double)(k + 1) - upper_part, edge, 1e-3);
    }
    double edges[N_CHIPS + 1];
    brute_edges(&rows[5].config, edges);
    assert_near(edges[N_CHIPS], fsk_mod_chip_start(&rows[5].config, N_CHIPS, N_CHIPS), 1e-3);
}

static void test_tones(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct fsk_mod_config *c = &rows[r].config;
        for (int chip = 0; chip <= 1; chip++) {
            memset(chips, chip, sizeof chips);
            size_t n = modulate(c);
            double hz = phase_step(n / 2) * c->sample_rate_sps / (2 * pi);
            double tone = chip ? c->deviation_hz : -c->deviation_hz;
            assert_near(hz, c->carrier_hz + tone, 0.5);
        }
    }
    fill_chips();
}

static void test_phase_is_continuous(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct fsk_mod_config *c = &rows[r].config;
        size_t n = modulate(c);
        double most = 2 * pi * (fabs(c->carrier_hz) + c->deviation_hz) / c->sample_rate_sps;
        for (size_t k = 1; k < n; k++)
            assert_true(fabs(phase_step(k)) < most + 1e-5);
    }
}

/* Power beyond `beyond_hz` from the centre, of 1, by a plain DFT with a Hann window. */
static double power_beyond(size_t n, double rate, double beyond_hz)
{
    double beyond = 0, all = 0;
    for (double hz = -600e3; hz <= 600e3; hz += 4e3) {
        double re = 0, im = 0;
        for (size_t k = 0; k < n; k++) {
            double w = 1 - cos(2 * pi * (double)k / (double)n), a = 2 * pi * hz / rate * (double)k;
            re += w * ((double)iq_i[k] * cos(a) + (double)iq_q[k] * sin(a));
            im += w * ((double)iq_q[k] * cos(a) - (double)iq_i[k] * sin(a));
        }
        all += re * re + im * im;
        beyond += fabs(hz) > beyond_hz ? re * re + im * im : 0;
    }
    return beyond / all;
}

static void test_spectrum(void **state)
{
    (void)state;
    struct fsk_mod_config c = { 1.6e6, 100e3, 0, 50e3, 0, 0, 0, 0 };
    size_t n = modulate(&c);
    double unshaped = power_beyond(n, c.sample_rate_sps, 200e3);
    c.bt = 0.5;
    n = modulate(&c);
    double shaped = power_beyond(n, c.sample_rate_sps, 200e3);
    print_message("beyond 200 kHz: unshaped %.1f dB, shaped %.1f dB\n", 10 * log10(unshaped),
                  10 * log10(shaped));
    assert_true(unshaped > 1e-4 && unshaped < 1e-2);
    assert_true(shaped < unshaped / 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_is_one),        cmocka_unit_test(test_against_brute_force),
        cmocka_unit_test(test_last_edge),           cmocka_unit_test(test_tones),
        cmocka_unit_test(test_phase_is_continuous), cmocka_unit_test(test_spectrum),
    };
    fill_chips();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
