/* SPDX-License-Identifier: MIT
 * Which gain of a tuner is best, from what came at each. A pure function. */
#ifndef APPS_SOURCES_GAIN_CHOICE_H
#define APPS_SOURCES_GAIN_CHOICE_H

#include <stddef.h>

#include "dsp/iq.h"

/* What came at one gain. */
struct gain_trial {
    double noise_rms; /* of I and of Q, where nobody sends; full scale is 1 */
    double clipped;   /* share of the samples at full scale                */
};

/* Measures n samples; bursts shorter than half of them do not count as noise. */
struct gain_trial gain_trial_of(const void *iq, size_t n, enum iq_format format);

/* The index of the best of n, which are in rising order: the highest that neither clips nor fills
 * the converter with noise; the lowest if all do. */
size_t gain_choose(const struct gain_trial *trials, size_t n);

#endif
