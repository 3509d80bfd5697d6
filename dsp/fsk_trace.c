/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_trace.h"

#include <math.h>

#include "dsp/math_const.h"

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

float fsk_trace_frequency_hz(const struct fsk_demod *d, size_t k, size_t lag)
{
    if (k + lag >= d->n_samples)
        return 0;
    const float re = d->i[k] * d->i[k + lag] + d->q[k] * d->q[k + lag];
    const float im = d->i[k] * d->q[k + lag] - d->q[k] * d->i[k + lag];
    return (float)((double)atan2f(im, re) / TWO_PI * d->rate_sps / (double)lag);
}

/* Samples of the stream from the first chip on at which chip k begins. */
static double chip_start(const struct fsk_demod *d, const struct fsk_burst *burst, double k)
{
    const double n = (double)d->n_chips;
    if (k <= 0 || n < 2)
        return k * burst->chip_samples;
    const size_t whole = (size_t)fmin(k, n - 2);
    const double here = (double)d->chip_at[whole], next = (double)d->chip_at[whole + 1];
    return here + (k - (double)whole) * (next - here);
}

double fsk_trace_sample(const struct fsk_demod *d, const struct fsk_burst *burst, double chip)
{
    return (burst->first_chip + chip_start(d, burst, chip) - d->extract_first) /
           (double)d->decimation;
}

double fsk_trace_chip(const struct fsk_demod *d, const struct fsk_burst *burst, double k)
{
    const double at = d->extract_first + k * (double)d->decimation - burst->first_chip;
    double low = at / burst->chip_samples, high = (double)d->n_chips;
    if (low <= 0 || d->n_chips < 2)
        return low;
    for (low = 0; high - low > 1;) { /* the chip that it lies in */
        const double middle = floor((low + high) / 2);
        if (chip_start(d, burst, middle) <= at)
            low = middle;
        else
            high = middle;
    }
    const double here = chip_start(d, burst, low), next = chip_start(d, burst, low + 1);
    return low + (at - here) / (next - here);
}
