/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_demod_parts.h"

#include "dsp/math_const.h"

/* The phasors of a carrier that turns by so much a sample. */
static void turn_row_init(float *re, float *im, size_t n, double turn_rad)
{
    const float turn_re = (float)cos(turn_rad), turn_im = (float)sin(turn_rad);
    re[0] = 1;
    im[0] = 0;
    for (size_t k = 1; k < n; k++) {
        re[k] = re[k - 1] * turn_re - im[k - 1] * turn_im;
        im[k] = re[k - 1] * turn_im + im[k - 1] * turn_re;
    }
}

/* Takes the carrier of what was extracted to 0 Hz, piece by piece. */
static void turn_back(struct fsk_demod *d, size_t n)
{
    enum { PIECE = 64 };
    const double turn = -TWO_PI * fmod(d->extract_hz / d->rate_sps, 1.0);
    const double step_re = cos(PIECE * turn), step_im = sin(PIECE * turn);
    float re[PIECE], im[PIECE];
    double start_re = 1, start_im = 0;
    turn_row_init(re, im, PIECE, turn);
    for (size_t first = 0; first < n; first += PIECE) {
        const float start[2] = { (float)start_re, (float)start_im };
        const double before = start_re;
        d->kernels->turn_row(d->i + first, d->q + first, re, im, start,
                             n - first < PIECE ? n - first : PIECE);
        start_re = start_re * step_re - start_im * step_im;
        start_im = start_im * step_re + before * step_im;
    }
}

void fsk_extract(struct fsk_demod *d, const struct iq_span *span, double first, double last,
                 double offset_hz)
{
    const size_t n_taps = d->lowpass.n_taps;
    const double half = (double)(n_taps - 1) / 2;
    double start = floor(first - half);
    if (start < (double)span->first_sample)
        start = (double)span->first_sample;
    const size_t skip = (size_t)(start - (double)span->first_sample);
    d->n_samples = 0;
    d->extract_first = start + half;
    d->extract_hz = d->config.channel_hz + offset_hz;
    if (skip + n_taps > span->n || last < d->extract_first)
        return;
    size_t n = (size_t)((last - d->extract_first) / (double)d->decimation) + 1;
    const size_t n_there = (span->n - skip - n_taps) / d->decimation + 1;
    n = n < n_there ? n : n_there;
    n = n < FSK_MAX_SAMPLES ? n : FSK_MAX_SAMPLES;
    struct fir_bandpass fir;
    fir_shift(&fir, &d->lowpass, d->config.sample_rate_sps, d->extract_hz);
    d->kernels->decimate(d->i, d->q, span->iq + 2 * skip, fir.taps_re, fir.taps_im, n_taps,
                         d->decimation, n);
    turn_back(d, n);
    d->n_samples = n;
}

double fsk_demod_power(struct fsk_demod *d, const struct iq_span *span, double first, double last,
                       double offset_hz)
{
    double sum = 0;
    fsk_extract(d, span, first, last, offset_hz);
    for (size_t k = 0; k < d->n_samples; k++)
        sum += (double)(d->i[k] * d->i[k] + d->q[k] * d->q[k]);
    return d->n_samples ? sum / (double)d->n_samples : 0;
}

void fsk_extract_training(struct fsk_demod *d, const struct iq_span *span,
                          const struct fsk_burst *burst)
{
    const double length = d->config.training.n * burst->chip_samples;
    fsk_extract(d, span, burst->first_chip - length - fsk_nominal_chip_samples(d),
                burst->first_chip + fsk_nominal_chip_samples(d), burst->offset_hz);
}
