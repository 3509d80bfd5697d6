/* SPDX-License-Identifier: MIT */
#include "dsp/filter_design.h"

#include <complex.h> /* before liquid.h: its types are then C's */
#include <liquid/liquid.h>
#include <math.h>

#include "dsp/math_const.h"

void fir_design_lowpass(struct fir_prototype *fir, double sample_rate_sps, double pass_hz,
                        double stop_hz, double stop_db)
{
    const double transition = (stop_hz - pass_hz) / sample_rate_sps;
    /* Kaiser's estimate of the length. */
    double n = (stop_db - 7.95) / (14.36 * transition) + 1;
    n = ceil(n / FIR_TAPS_MULTIPLE) * FIR_TAPS_MULTIPLE;
    fir->n_taps = n > FIR_MAX_TAPS ? FIR_MAX_TAPS : (size_t)n;
    liquid_firdes_kaiser((unsigned)fir->n_taps, (float)((pass_hz + stop_hz) / 2 / sample_rate_sps),
                         (float)stop_db, 0.0f, fir->taps);
    double sum = 0;
    for (size_t k = 0; k < fir->n_taps; k++)
        sum += (double)fir->taps[k];
    for (size_t k = 0; k < fir->n_taps; k++)
        fir->taps[k] = (float)((double)fir->taps[k] / sum);
}

double fir_noise_bandwidth_hz(const struct fir_prototype *fir, double sample_rate_sps)
{
    double sum_squares = 0;
    for (size_t k = 0; k < fir->n_taps; k++)
        sum_squares += (double)(fir->taps[k] * fir->taps[k]);
    return sample_rate_sps * sum_squares;
}

/* The turn of a tap: e^(-jwk). */
struct turn {
    double re, im, step_re, step_im;
};

static struct turn turn_start(double cycles)
{
    const double step = -TWO_PI * fmod(cycles, 1.0);
    return (struct turn){ 1, 0, cos(step), sin(step) };
}

static void turn_on(struct turn *t)
{
    const double re = t->re * t->step_re - t->im * t->step_im;
    t->im = t->re * t->step_im + t->im * t->step_re;
    t->re = re;
}

/* y[m] = sum h[k] e^(-jwk) x[m+k]: what lies at center_hz comes out at 0 Hz but for a rotation of
 * e^(-jwm), which the caller takes out at the lower rate. */
static void shift(struct fir_bandpass *bandpass, const struct fir_prototype *fir, double unity,
                  double center_cycles)
{
    struct turn turn = turn_start(center_cycles);
    bandpass->n_taps = fir->n_taps;
    for (size_t k = 0; k < fir->n_taps; k++, turn_on(&turn)) {
        const double tap = unity * (double)fir->taps[k];
        const long re = lrint(tap * turn.re), im = lrint(tap * turn.im);
        bandpass->taps_re[2 * k] = (int16_t)re;
        bandpass->taps_re[2 * k + 1] = (int16_t)-im;
        bandpass->taps_im[2 * k] = (int16_t)im;
        bandpass->taps_im[2 * k + 1] = (int16_t)re;
    }
}

void fir_shift(struct fir_bandpass *bandpass, const struct fir_prototype *fir,
               double sample_rate_sps, double center_hz)
{
    shift(bandpass, fir, FIR_UNITY, center_hz / sample_rate_sps);
}

void fir_shift_bytes(struct fir_bandpass_bytes *bandpass, const struct fir_prototype *fir,
                     double sample_rate_sps, double center_hz)
{
    struct fir_bandpass wide;
    float most = 0; /* not double: gcc 12 for aarch64 breaks off with an internal error */
    for (size_t k = 0; k < fir->n_taps; k++)
        most = fmaxf(most, fabsf(fir->taps[k]));
    const double unity = FIR_BYTE_MAX / (double)most;
    shift(&wide, fir, unity, center_hz / sample_rate_sps);
    bandpass->n_taps = fir->n_taps;
    bandpass->scale = (float)(FIR_UNITY / unity);
    bandpass->sum_re = bandpass->sum_im = 0;
    for (size_t k = 0; k < 2 * fir->n_taps; k++) {
        bandpass->taps_re[k] = (int8_t)wide.taps_re[k];
        bandpass->taps_im[k] = (int8_t)wide.taps_im[k];
        *(k % 2 ? &bandpass->sum_re : &bandpass->sum_im) += (float)wide.taps_im[k];
    }
}
