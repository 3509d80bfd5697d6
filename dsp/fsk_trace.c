/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_trace.h"

#include <math.h>

#include "dsp/math_const.h"

/* Where sample k lies, in samples of the stream. */
static double sample_at(const struct fsk_demod *d, double k)
{
    return d->extract_first + k * (double)d->decimation;
}

/* Turn from one sample to the next, times their power. */
static float turn(const struct fsk_demod *d, size_t k)
{
    return d->i[k] * d->q[k + 1] - d->q[k] * d->i[k + 1];
}

unsigned fsk_trace_training_errors(const struct fsk_demod *d, const struct fsk_burst *burst)
{
    const struct training *t = &d->config.training;
    float sum[TRAINING_MAX_CHIPS] = { 0 };
    unsigned errors = 0;
    for (size_t k = 0; k + 1 < d->n_samples; k++) {
        const double chip =
            (sample_at(d, (double)k + 0.5) - burst->first_chip) / burst->chip_samples + t->n;
        if (chip >= 0 && chip < t->n)
            sum[(size_t)chip] += turn(d, k);
    }
    for (unsigned k = 0; k < t->n; k++)
        errors += sum[k] * (float)training_chip(t, k) < 0;
    return errors;
}

float fsk_trace_frequency_hz(const struct fsk_demod *d, size_t k)
{
    if (k + 1 >= d->n_samples)
        return 0;
    const float re = d->i[k] * d->i[k + 1] + d->q[k] * d->q[k + 1];
    return (float)((double)atan2f(turn(d, k), re) / TWO_PI * d->rate_sps);
}

double fsk_trace_chip(const struct fsk_demod *d, const struct fsk_burst *burst,
                      const struct fsk_result *result, size_t k)
{
    const double chip_samples = d->config.sample_rate_sps / (double)result->chip_rate_cps;
    return (sample_at(d, (double)k + 0.5) - burst->first_chip) / chip_samples;
}
