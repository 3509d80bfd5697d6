/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels_impl.h"

#define KERNELS_NAME "scalar"
#define KERNELS_SYMBOL kernels_scalar
#include "dsp/kernels/kernels_row.h"
