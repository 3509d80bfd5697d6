/* SPDX-License-Identifier: MIT */
#include "apps/sources/gain_choice.h"

#include <math.h>
#include <stdlib.h>

/* Noise of a twelfth of full scale leaves 20 dB to the strongest burst, and drowns the steps of 8
 * bits, of which it has ten. */
static const double most_noise = 1.0 / 12;
/* A burst that clips may be a neighbour's, who is heard all the same; what clips longer deafens. */
static const double most_clipped = 0.02;

enum { PIECES = 32 };

static double value_at(const void *iq, size_t k, enum iq_format format)
{
    switch (format) {
    case IQ_CU8:
        return (((const uint8_t *)iq)[k] - 127.5) / 127.5;
    case IQ_CS8:
        return ((const int8_t *)iq)[k] / 128.0;
    case IQ_CS16:
        return ((const int16_t *)iq)[k] / 32768.0;
    case IQ_CF32:
        break;
    }
    return (double)((const float *)iq)[k];
}

/* Variance of I and Q, the mean taken off. */
static double variance(const void *iq, size_t first, size_t n, enum iq_format format)
{
    double sum[2] = { 0, 0 }, squares = 0;
    for (size_t k = 2 * first; k < 2 * (first + n); k++) {
        const double v = value_at(iq, k, format);
        sum[k % 2] += v;
        squares += v * v;
    }
    const double count = (double)n;
    return fmax(0, (squares - (sum[0] * sum[0] + sum[1] * sum[1]) / count) / (2 * count));
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

struct gain_trial gain_trial_of(const void *iq, size_t n, enum iq_format format)
{
    double pieces[PIECES];
    size_t clipped = 0;
    const size_t piece = n / PIECES;
    if (piece == 0)
        return (struct gain_trial){ .clipped = 1 };
    for (size_t k = 0; k < PIECES; k++)
        pieces[k] = variance(iq, k * piece, piece, format);
    qsort(pieces, PIECES, sizeof pieces[0], compare);
    for (size_t k = 0; k < n; k++)
        clipped += fabs(value_at(iq, 2 * k, format)) > 0.99 ||
                   fabs(value_at(iq, 2 * k + 1, format)) > 0.99;
    return (struct gain_trial){ .noise_rms = sqrt(pieces[PIECES / 4]),
                                .clipped = (double)clipped / (double)n };
}

size_t gain_choose(const struct gain_trial *trials, size_t n)
{
    size_t best = 0;
    for (size_t k = 0; k < n; k++)
        if (trials[k].noise_rms <= most_noise && trials[k].clipped <= most_clipped)
            best = k;
    return best;
}
