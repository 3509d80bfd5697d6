/* SPDX-License-Identifier: MIT
 * A burst as the demodulator saw it last, for people who want to look at it. */
#ifndef DSP_FSK_TRACE_H
#define DSP_FSK_TRACE_H

#include "dsp/fsk_demod.h"

/* Each to be called after fsk_demod_chips, with the burst that it was given. */

/* Chips of the training sequence that would be read wrong each by itself, by the stronger of its
 * tones. */
unsigned fsk_trace_training_errors(const struct fsk_demod *demod, const struct fsk_burst *burst);

/* Mean frequency between the extracted samples k and k + lag, relative to the carrier; 0 without
 * them. It must be less than demod->rate_sps / (2 * lag). */
float fsk_trace_frequency_hz(const struct fsk_demod *demod, size_t k, size_t lag);
/* Where extracted sample k lies, in chips from the first one behind the training sequence, by the
 * clock that was followed. */
double fsk_trace_chip(const struct fsk_demod *demod, const struct fsk_burst *burst, double k);
/* The inverse. */
double fsk_trace_sample(const struct fsk_demod *demod, const struct fsk_burst *burst, double chip);

#endif
