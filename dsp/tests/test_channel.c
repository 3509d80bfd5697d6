/* SPDX-License-Identifier: MIT
 * One channel out of the band: tones in, tones out; and liquid's mixer and filter as a second
 * opinion. */
#include "dsp/channel.h"

#include <complex.h> /* before liquid.h: its types are then C's */
#include <liquid/liquid.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum { N_OUT = 400, MAX_IN = N_OUT * 16 + FIR_MAX_TAPS };

static const struct {
    double rate_sps, center_hz;
} rows[] = {
    { 0.8e6, 0 },       { 0.8e6, 300e3 },  { 0.9e6, -200e3 }, { 1.024e6, 100e3 },
    { 1.6e6, 325e3 },   { 1.6e6, -325e3 }, { 1.6e6, 700e3 },  { 2.048e6, 0 },
    { 2.4e6, -1.05e6 }, { 3.2e6, 1.5e6 },  { 3.2e6, -12345 },
};

static struct channel channel;
static int16_t iq[2 * MAX_IN];
static float out_i[N_OUT], out_q[N_OUT];

static void open_row(size_t r)
{
    const struct channel_config config = { rows[r].rate_sps, rows[r].center_hz, 100e3, 150e3,
                                           CHANNEL_STOP_DB };
    channel_init(&channel, &config, kernels_find(NULL));
    assert_true(channel.rate_sps >= 390e3 && channel.rate_sps <= 800e3);
    assert_true(channel.rate_sps * (double)channel.decimation == rows[r].rate_sps);
}

static size_t n_in(void)
{
    return channel_history(&channel) + N_OUT * channel.decimation;
}

/* Gain of a tone so far from the channel's centre, and its frequency behind the decimation. */
static double gain_of(size_t r, double from_center_hz, double *cycles)
{
    static const double amplitude = 8000;
    const double w = TWO_PI * (rows[r].center_hz + from_center_hz) / rows[r].rate_sps;
    for (size_t k = 0; k < n_in(); k++) {
        iq[2 * k] = (int16_t)lrint(amplitude * cos(w * (double)k));
        iq[2 * k + 1] = (int16_t)lrint(amplitude * sin(w * (double)k));
    }
    channel_push(&channel, iq, N_OUT, out_i, out_q);
    double energy = 0, re = 0, im = 0;
    for (size_t m = 0; m < N_OUT; m++) {
        const double a = (double)out_i[m], b = (double)out_q[m];
        energy += a * a + b * b;
        if (m > 0) {
            re += a * (double)out_i[m - 1] + b * (double)out_q[m - 1];
            im += b * (double)out_i[m - 1] - a * (double)out_q[m - 1];
        }
    }
    *cycles = atan2(im, re) / TWO_PI;
    return sqrt(energy / N_OUT) / amplitude / FIR_UNITY;
}

static void test_passes(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        open_row(r);
        for (double hz = -150e3; hz <= 150e3; hz += 30e3) {
            double cycles;
            assert_true(fabs(gain_of(r, hz, &cycles) - 1) < 0.03);
            /* The carrier is not rotated: what is left is rotation_cycles. */
            const double expected = hz / channel.rate_sps + channel.rotation_cycles;
            assert_true(fabs(remainder(cycles - expected, 1)) < 1e-4);
        }
    }
}

/* All that would fold onto the channel, its own image among it, is as far down as it should be, or
 * nearly: taps are rounded. */
static void test_stops(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        open_row(r);
        const double stop_hz = channel.rate_sps - 150e3, fs = rows[r].rate_sps;
        for (double hz = stop_hz; hz <= fs - stop_hz; hz += 10e3) {
            double cycles;
            assert_true(gain_of(r, hz, &cycles) < 0.022);
        }
    }
}

static void test_noise_bandwidth(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        enum { ROUNDS = 20 };
        static const double sigma = 2000;
        double energy = 0;
        open_row(r);
        for (int round = 0; round < ROUNDS; round++) {
            for (size_t k = 0; k < 2 * n_in(); k++)
                iq[k] = (int16_t)lrint(sigma * (double)rng_normal(&rng));
            channel_push(&channel, iq, N_OUT, out_i, out_q);
            for (size_t m = 0; m < N_OUT; m++)
                energy += (double)(out_i[m] * out_i[m]) + (double)(out_q[m] * out_q[m]);
        }
        const double power = energy / (ROUNDS * N_OUT) / FIR_UNITY / FIR_UNITY;
        const double density = 2 * sigma * sigma / rows[r].rate_sps;
        assert_true(fabs(power / density / channel.noise_bandwidth_hz - 1) < 0.06);
    }
}

/* Bytes, their offset taken off behind the filter, give what the integers give. */
static void test_bytes(void **state)
{
    (void)state;
    static uint8_t bytes[2 * MAX_IN];
    static float bytes_i[N_OUT], bytes_q[N_OUT];
    static const float dc[2] = { 127.4f, 131.0f }, scale = 32;
    struct rng rng;
    rng_init(&rng, 3);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        open_row(r);
        for (size_t k = 0; k < 2 * n_in(); k++) {
            const double x = 127 + 25 * (double)rng_normal(&rng);
            bytes[k] = (uint8_t)fmax(0, fmin(255, x));
            iq[k] = (int16_t)lrintf(scale * ((float)bytes[k] - dc[k % 2]));
        }
        channel_push(&channel, iq, N_OUT, out_i, out_q);
        channel_push_bytes(&channel, bytes, dc, scale, N_OUT, bytes_i, bytes_q);
        double energy = 0, difference = 0;
        for (size_t m = 0; m < N_OUT; m++) {
            energy += (double)(out_i[m] * out_i[m] + out_q[m] * out_q[m]);
            difference +=
                pow((double)(bytes_i[m] - out_i[m]), 2) + pow((double)(bytes_q[m] - out_q[m]), 2);
        }
        assert_true(difference < 6e-4 * energy); /* taps of 7 bits: 32 dB down, of noise all over */
    }
}

static void test_against_liquid(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 2);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        open_row(r);
        const size_t n_taps = channel.fir.n_taps;
        const double w = TWO_PI * rows[r].center_hz / rows[r].rate_sps;
        float taps[FIR_MAX_TAPS]; /* the prototype again: the shift taken back */
        for (size_t k = 0; k < n_taps; k++)
            taps[k] = (float)(channel.fir.taps_re[2 * k] * cos(w * (double)k) -
                              channel.fir.taps_im[2 * k] * sin(w * (double)k));
        for (size_t k = 0; k < 2 * n_in(); k++)
            iq[k] = (int16_t)lrint(3000 * (double)rng_normal(&rng));
        channel_push(&channel, iq, N_OUT, out_i, out_q);
        firfilt_crcf filter = firfilt_crcf_create(taps, (unsigned)n_taps);
        size_t m = 0;
        for (size_t k = 0; k < n_in() && m < N_OUT; k++) {
            const double turn = fmod(w * (double)k, TWO_PI);
            const double i = iq[2 * k], q = iq[2 * k + 1];
            firfilt_crcf_push(filter, (float)(i * cos(turn) + q * sin(turn)) +
                                          _Complex_I * (float)(q * cos(turn) - i * sin(turn)));
            if (k + 1 < n_taps || (k + 1 - n_taps) % channel.decimation != 0)
                continue;
            liquid_float_complex y;
            firfilt_crcf_execute(filter, &y);
            /* liquid mixed to 0 Hz: turn it back */
            const double back = w * (double)(m * channel.decimation);
            const double re = (double)crealf(y) * cos(back) - (double)cimagf(y) * sin(back);
            const double im = (double)crealf(y) * sin(back) + (double)cimagf(y) * cos(back);
            assert_true(hypot((double)out_i[m] - re, (double)out_q[m] - im) <
                        3e-3 * FIR_UNITY * 3000);
            m++;
        }
        assert_int_equal(m, N_OUT);
        firfilt_crcf_destroy(filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),          cmocka_unit_test(test_stops),
        cmocka_unit_test(test_noise_bandwidth), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_against_liquid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
