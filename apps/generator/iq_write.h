/* SPDX-License-Identifier: MIT
 * Samples of full scale 1 as bytes of a recording. */
#ifndef APPS_GENERATOR_IQ_WRITE_H
#define APPS_GENERATOR_IQ_WRITE_H

#include "dsp/iq.h"

/* Full scale in steps of cu8 (midpoint 127.5) and of cs8; amplitudes are given in these. */
static const double full_scale_steps = 127.5;

/* Writes n complex samples to bytes[n * iq_sample_bytes(format)], little-endian, clipped at full
 * scale, which is 32767.5 steps of cs16 and 1 of cf32. */
void iq_write(enum iq_format format, const float *i, const float *q, size_t n, uint8_t *bytes);

#endif
