/* SPDX-License-Identifier: MIT
 * The kernels that registers of 512 bits, or VNNI, make faster, see kernels.h; the others are not,
 * and slower where the compiler is told that there are such registers. */
#ifndef DSP_KERNELS_512_H
#define DSP_KERNELS_512_H

#include <stddef.h>
#include <stdint.h>

#include "dsp/kernels/tone_kernels.h"

void decimate_512(float *restrict out_i, float *restrict out_q, const int16_t *restrict iq,
                  const int16_t *restrict taps_re, const int16_t *restrict taps_im, size_t n_taps,
                  size_t decimation, size_t n_out);
void decimate_u8_512(float *restrict out_i, float *restrict out_q, const uint8_t *restrict iq,
                     const int8_t *restrict taps_re, const int8_t *restrict taps_im, size_t n_taps,
                     size_t decimation, size_t n_out, float scale, const float offset[2]);
void tone_block_512(const struct tone_rows *rows, const float *i, const float *q,
                    const size_t starts[TONE_HOPS], const struct tone_dft *dft);

#endif
