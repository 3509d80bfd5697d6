/* SPDX-License-Identifier: MIT */
#include "apps/sources/gain_choice.h"

#include <math.h>
#include <stdlib.h>

#include "dsp/signal_level.h"

/* Noise of a twelfth of full scale leaves 20 dB to the strongest burst, and drowns the steps of 8
 * bits, of which it has ten. */
static const double most_noise = 1.0 / 12;
/* A burst that clips may be a neighbour's, who is heard all the same; what clips longer deafens. */
static const double most_clipped = 0.02;

enum { PIECES = 32 };

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

struct gain_trial gain_trial_of(const void *iq, size_t n, enum iq_format format)
{
    double pieces[PIECES];
    size_t clipped = 0;
    const size_t length = n / PIECES;
    if (length == 0)
        return (struct gain_trial){ .clipped = 1 };
    for (size_t k = 0; k < PIECES; k++) {
        const struct level_piece piece =
            level_of_piece((const char *)iq + k * length * iq_sample_bytes(format), length, format);
        pieces[k] = piece.mean_square;
        clipped += piece.clipped;
    }
    qsort(pieces, PIECES, sizeof pieces[0], compare);
    return (struct gain_trial){ .noise_rms = sqrt(pieces[PIECES / 4] / 2),
                                .clipped = (double)clipped / (double)(length * PIECES) };
}

size_t gain_choose(const struct gain_trial *trials, size_t n)
{
    size_t best = 0;
    for (size_t k = 0; k < n; k++)
        if (trials[k].noise_rms <= most_noise && trials[k].clipped <= most_clipped)
            best = k;
    return best;
}
