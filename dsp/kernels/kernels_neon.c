/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels_impl.h"

#define KERNELS_NAME "neon"
#define KERNELS_SYMBOL kernels_neon
#include "dsp/kernels/kernels_row.h"
