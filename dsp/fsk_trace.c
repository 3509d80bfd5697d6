/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_trace.h"

#include <math.h>

#include "dsp/math_const.h"

/* Where sample k lies, in samples of the stream. */
static double sample_at(const struct fsk_demod *d, double k)
{
    return d->extract_first + k * (double)d->decimation;
}

/* How much more of the upper tone than of the lower one the chip has that begins at sample first.
 */
static float tone_lead(const struct fsk_demod *d, double first, double n, float h)
{
    float upper_re = 0, upper_im = 0, lower_re = 0, lower_im = 0;
    for (size_t k = (size_t)ceil(fmax(first, 0)); (double)k < first + n && k < d->n_samples; k++) {
        const float phase = (float)PI * h * (float)(((double)k - first) / n - 0.5);
        const float c = cosf(phase), s = sinf(phase);
        upper_re += d->i[k] * c + d->q[k] * s;
        upper_im += d->q[k] * c - d->i[k] * s;
        lower_re += d->i[k] * c - d->q[k] * s;
        lower_im += d->q[k] * c + d->i[k] * s;
    }
    return hypotf(upper_re, upper_im) - hypotf(lower_re, lower_im);
}

unsigned fsk_trace_training_errors(const struct fsk_demod *d, const struct fsk_burst *burst)
{
    const struct training *t = &d->config.training;
    const double chip = burst->chip_samples / (double)d->decimation;
    const double end = (burst->first_chip - d->extract_first) / (double)d->decimation;
    unsigned errors = 0;
    for (unsigned k = 0; k < t->n; k++)
        errors +=
            tone_lead(d, end - (t->n - k) * chip, chip, burst->h) * (float)training_chip(t, k) < 0;
    return errors;
}

float fsk_trace_frequency_hz(const struct fsk_demod *d, size_t k)
{
    if (k + 1 >= d->n_samples)
        return 0;
    const float re = d->i[k] * d->i[k + 1] + d->q[k] * d->q[k + 1];
    const float im = d->i[k] * d->q[k + 1] - d->q[k] * d->i[k + 1];
    return (float)((double)atan2f(im, re) / TWO_PI * d->rate_sps);
}

double fsk_trace_chip(const struct fsk_demod *d, const struct fsk_burst *burst,
                      const struct fsk_result *result, size_t k)
{
    const double chip_samples = d->config.sample_rate_sps / (double)result->chip_rate_cps;
    return (sample_at(d, (double)k + 0.5) - burst->first_chip) / chip_samples;
}
