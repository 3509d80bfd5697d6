/* SPDX-License-Identifier: MIT */
#define KERNELS_NAME "neon"
#define KERNELS_SYMBOL kernels_neon
#include "dsp/kernels/kernels_rows.h"
#include "dsp/kernels/kernels_impl.h"
