/* SPDX-License-Identifier: MIT
 * Where does the training sequence end? Correlates phase differences over half a chip with the
 * known chips, so that neither the carrier offset nor its phase need be known. */
#ifndef DSP_SYNC_SEARCH_H
#define DSP_SYNC_SEARCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    TRAINING_MAX_CHIPS = 64,
    SYNC_CHIPS = 32,      /* last chips of the training sequence that are correlated   */
    SYNC_MAX_SPAN = 8192, /* samples that one search may span                          */
};

/* The chips before the data: preamble tail and what all frames of the channel start with. */
struct training {
    uint64_t chips; /* in time order, last chip in bit 0 */
    unsigned n;
};

/* +1 or -1: chip k of the sequence, 0 the first. */
static inline int training_chip(const struct training *training, unsigned k)
{
    return (training->chips >> (training->n - 1 - k)) & 1 ? 1 : -1;
}

struct sync_guess {
    float end;           /* of the training sequence, samples from the start of the span */
    float strength;      /* of the correlation, 0 ... 1 */
    float offset_cycles; /* carrier offset a sample, within +-0.5/delay */
};

/* i[], q[] of n samples, readable from -delay on, n <= SYNC_MAX_SPAN. Writes the n_max strongest
 * places, best first, and returns their number. */
size_t sync_search(const struct training *training, const float *i, const float *q, size_t n,
                   size_t delay, float samples_per_chip, struct sync_guess *guesses, size_t n_max);

#endif
