/* SPDX-License-Identifier: MIT
 * The rows of the kernel table that this build has. */
#ifndef DSP_KERNELS_ROWS_H
#define DSP_KERNELS_ROWS_H

#include "dsp/kernels/kernels.h"

extern const struct kernels kernels_scalar;
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
extern const struct kernels kernels_neon;

#endif
