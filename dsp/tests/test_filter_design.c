/* SPDX-License-Identifier: MIT
 * Filters measured where they are to pass and to stop. */
#include "dsp/filter_design.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/math_const.h"

static const struct {
    const char *what;
    double rate_sps, pass_hz, stop_hz, stop_db;
} rows[] = {
    { "channel at 1.6 Msps", 1.6e6, 150e3, 250e3, 45 },
    { "channel at 3.2 Msps", 3.2e6, 150e3, 250e3, 45 },
    { "channel at 0.8 Msps", 0.8e6, 150e3, 250e3, 45 },
    { "burst at 1.6 Msps", 1.6e6, 160e3, 300e3, 50 },
    { "burst at 0.8 Msps", 0.8e6, 160e3, 300e3, 50 },
    { "wide transition: few taps", 1.6e6, 100e3, 700e3, 40 },
};

/* |H| at a frequency, of integer taps (re, im), from the centre. */
static double response(const struct fir_bandpass *b, double rate_sps, double hz)
{
    double re = 0, im = 0;
    for (size_t k = 0; k < b->n_taps; k++) {
        const double w = TWO_PI * hz / rate_sps * (double)k;
        re += b->taps_re[2 * k] * cos(w) - b->taps_im[2 * k] * sin(w);
        im += b->taps_re[2 * k] * sin(w) + b->taps_im[2 * k] * cos(w);
    }
    return hypot(re, im) / FIR_UNITY;
}

static void check_bands(size_t r, double center_hz)
{
    struct fir_prototype fir;
    struct fir_bandpass bandpass;
    fir_design_lowpass(&fir, rows[r].rate_sps, rows[r].pass_hz, rows[r].stop_hz, rows[r].stop_db);
    assert_true(fir.n_taps % 8 == 0 && fir.n_taps > 0 && fir.n_taps <= FIR_MAX_TAPS);
    fir_shift(&bandpass, &fir, rows[r].rate_sps, center_hz);
    assert_int_equal(bandpass.n_taps, fir.n_taps);
    const double ripple = pow(10, -rows[r].stop_db / 20);
    /* 14 bits a tap: the rounding of all of them adds up to some -70 dB */
    const double stop = 1.3 * ripple + 5e-4;
    for (double hz = 0; hz <= rows[r].rate_sps / 2; hz += 5e3) {
        for (int side = -1; side <= 1; side += 2) {
            const double gain = response(&bandpass, rows[r].rate_sps, center_hz + side * hz);
            if (hz <= rows[r].pass_hz)
                assert_true(fabs(gain - 1) < 1.3 * ripple + 5e-4);
            if (hz >= rows[r].stop_hz)
                assert_true(gain < stop);
        }
    }
    assert_true(fabs(response(&bandpass, rows[r].rate_sps, center_hz) - 1) < 2e-3);
}

static void test_bands(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        check_bands(r, 0);
        check_bands(r, 325e3);
        check_bands(r, -123456);
    }
}

/* What would take more taps than there may be is cut, and still a filter of gain 1. */
static void test_too_steep(void **state)
{
    (void)state;
    struct fir_prototype fir;
    fir_design_lowpass(&fir, 3.2e6, 150e3, 160e3, 60);
    assert_int_equal(fir.n_taps, FIR_MAX_TAPS);
    double sum = 0;
    for (size_t k = 0; k < fir.n_taps; k++)
        sum += (double)fir.taps[k];
    assert_true(fabs(sum - 1) < 1e-5);
}

/* The layout that the decimate kernel wants: (re, -im) and (im, re). */
static void test_layout(void **state)
{
    (void)state;
    struct fir_prototype fir;
    struct fir_bandpass b;
    fir_design_lowpass(&fir, 1.6e6, 150e3, 250e3, 45);
    fir_shift(&b, &fir, 1.6e6, 400e3); /* a quarter turn a tap */
    for (size_t k = 0; k < b.n_taps; k++) {
        const int tap = (int)lrint(FIR_UNITY * (double)fir.taps[k]);
        static const int re[] = { 1, 0, -1, 0 }, im[] = { 0, -1, 0, 1 };
        assert_true(abs(b.taps_re[2 * k] - tap * re[k % 4]) <= 1);
        assert_true(abs(b.taps_im[2 * k] - tap * im[k % 4]) <= 1);
        assert_int_equal(b.taps_re[2 * k + 1], -b.taps_im[2 * k]);
        assert_int_equal(b.taps_im[2 * k + 1], b.taps_re[2 * k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_too_steep),
        cmocka_unit_test(test_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
