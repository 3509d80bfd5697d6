/* SPDX-License-Identifier: MIT
 * Samples of full scale 1 as bytes of a recording. */
#ifndef APPS_GENERATOR_IQ_WRITE_H
#define APPS_GENERATOR_IQ_WRITE_H

#include "dsp/iq.h"

/* Writes n complex samples to bytes[n * iq_sample_bytes(format)], little-endian, clipped at full
 * scale. Full scale is 127.5 steps of cu8 (midpoint 127.5) and cs8, 32767.5 of cs16, and 1 of
 * cf32. */
void iq_write(enum iq_format format, const float *i, const float *q, size_t n, uint8_t *bytes);

#endif
