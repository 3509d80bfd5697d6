/* SPDX-License-Identifier: MIT */
#define KERNELS_NAME "avx512"
#define KERNELS_SYMBOL kernels_avx512
#include "dsp/kernels/kernels_rows.h"
#include "dsp/kernels/kernels_impl.h"
