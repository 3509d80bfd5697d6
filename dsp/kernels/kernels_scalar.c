/* SPDX-License-Identifier: MIT */
#define KERNELS_NAME "scalar"
#define KERNELS_SYMBOL kernels_scalar
#include "dsp/kernels/kernels_rows.h"
#include "dsp/kernels/kernels_impl.h"
