/* SPDX-License-Identifier: MIT */
#include "dsp/sync_search.h"

#include <math.h>

#include "dsp/math_const.h"

/* Noise alone reaches 0.12, a burst of 6 dB 0.4. */
static const float min_strength = 0.2f;

/* Keeps the n_max strongest guesses, best first; of two that are less than a chip apart, the
 * stronger. */
static size_t insert_guess(struct sync_guess *guesses, size_t n, size_t n_max,
                           const struct sync_guess *g, float samples_per_chip)
{
    for (size_t k = 0; k < n; k++) {
        if (fabsf(guesses[k].end - g->end) < 0.8f * samples_per_chip) {
            if (guesses[k].strength >= g->strength)
                return n;
            for (size_t m = k; m + 1 < n; m++)
                guesses[m] = guesses[m + 1];
            n--;
            break;
        }
    }
    if (n == n_max && guesses[n - 1].strength >= g->strength)
        return n;
    size_t k = n < n_max ? n++ : n - 1;
    for (; k > 0 && guesses[k - 1].strength < g->strength; k--)
        guesses[k] = guesses[k - 1];
    guesses[k] = *g;
    return n;
}

size_t sync_search(const struct training *training, const float *i, const float *q, size_t n,
                   size_t delay, float samples_per_chip, struct sync_guess *guesses, size_t n_max)
{
    float re[SYNC_MAX_SPAN + 1], im[SYNC_MAX_SPAN + 1], energy[SYNC_MAX_SPAN + 1];
    if (n > SYNC_MAX_SPAN)
        n = SYNC_MAX_SPAN;
    /* Running sums: a chip's second half, where both samples of a product lie in the chip, is then
     * a difference of two. */
    re[0] = im[0] = energy[0] = 0;
    const float *i0 = i - delay, *q0 = q - delay;
    for (size_t k = 0; k < n; k++) {
        re[k + 1] = re[k] + i[k] * i0[k] + q[k] * q0[k];
        im[k + 1] = im[k] + q[k] * i0[k] - i[k] * q0[k];
        energy[k + 1] = energy[k] + i[k] * i[k] + q[k] * q[k];
    }
    const unsigned n_chips = training->n < SYNC_CHIPS ? training->n : SYNC_CHIPS;
    const size_t width = (size_t)fmaxf(1.0f, samples_per_chip / 2);
    size_t start[SYNC_CHIPS]; /* of the summed part of each chip, from the start of the sequence */
    for (unsigned k = 0; k < n_chips; k++)
        start[k] = (size_t)lrintf((float)k * samples_per_chip) + (size_t)delay;
    const size_t length = start[n_chips - 1] + width;
    size_t n_guesses = 0;
    for (size_t t = 0; t + length <= n; t++) {
        float sum_re = 0, sum_im = 0;
        const float total = energy[t + length] - energy[t];
        for (unsigned k = 0; k < n_chips; k++) {
            const float r = re[t + start[k] + width] - re[t + start[k]];
            const float m = im[t + start[k] + width] - im[t + start[k]];
            const float b = (float)training_chip(training, training->n - n_chips + k);
            sum_re += b * r;
            sum_im += b * m;
        }
        /* A chip of +-90 degrees over the delay gives +-j times the rotation of the offset. */
        const struct sync_guess g = {
            .end = (float)t + (float)n_chips * samples_per_chip,
            .strength = sqrtf(sum_re * sum_re + sum_im * sum_im) /
                        (total * (float)(n_chips * width) / (float)length + 1e-20f),
            .offset_cycles = atan2f(-sum_re, sum_im) / (float)(TWO_PI * (double)delay),
        };
        if (g.strength > min_strength)
            n_guesses = insert_guess(guesses, n_guesses, n_max, &g, samples_per_chip);
    }
    return n_guesses;
}
