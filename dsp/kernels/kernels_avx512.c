/* SPDX-License-Identifier: MIT
 * AVX2 where kernels_512.c has nothing. */
#include "dsp/kernels/kernels_512.h"
#include "dsp/kernels/kernels_x86.h"

#define KERNELS_NAME "avx512"
#define KERNELS_SYMBOL kernels_avx512
#define KERNELS_SUM_U8 sum_u8_avx2
#define KERNELS_DECIMATE decimate_512
#define KERNELS_DECIMATE_U8 decimate_u8_512
#define KERNELS_TONE_BLOCK tone_block_512
#include "dsp/kernels/kernels_row.h"
