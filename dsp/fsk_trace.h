/* SPDX-License-Identifier: MIT
 * A burst as the demodulator saw it last, for people who want to look at it. */
#ifndef DSP_FSK_TRACE_H
#define DSP_FSK_TRACE_H

#include "dsp/fsk_demod.h"

/* Each to be called after fsk_demod_chips, with the burst that it was given. */

/* Chips of the training sequence that would be read wrong each by itself, by the stronger of its
 * tones. */
unsigned fsk_trace_training_errors(const struct fsk_demod *demod, const struct fsk_burst *burst);

/* Frequency from the extracted samples k and k + 1, relative to the carrier; 0 without them. */
float fsk_trace_frequency_hz(const struct fsk_demod *demod, size_t k);
/* The middle between them, in chips from the first chip behind the training sequence. */
double fsk_trace_chip(const struct fsk_demod *demod, const struct fsk_burst *burst,
                      const struct fsk_result *result, size_t k);

#endif
