/* SPDX-License-Identifier: MIT */
#define KERNELS_NAME "avx2"
#define KERNELS_SYMBOL kernels_avx2
#include "dsp/kernels/kernels_rows.h"
#include "dsp/kernels/kernels_impl.h"
