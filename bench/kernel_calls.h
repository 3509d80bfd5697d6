/* SPDX-License-Identifier: MIT
 * Calls of each kernel as the receiver makes them, for the bench of kernels. */
#ifndef BENCH_KERNEL_CALLS_H
#define BENCH_KERNEL_CALLS_H

#include "dsp/kernels/kernels.h"

/* Complex, of one call: the input stays in the second cache. */
enum { KERNEL_SAMPLES = 8192 };

/* Whatever a kernel writes; the rest stays as it is. */
struct kernel_output {
    float f32[2 * KERNEL_SAMPLES];
    int16_t s16[2 * KERNEL_SAMPLES];
};

/* Of n samples at the rate at which the kernel takes them, or of what unit says. */
struct kernel_call {
    const char *name, *unit;
    size_t n;
    void (*run)(const struct kernels *kernels, size_t parameter, struct kernel_output *out);
    size_t parameter;
};
extern const struct kernel_call kernel_calls[];
extern const size_t n_kernel_calls;

/* Before the first call. */
void kernel_calls_fill_input(void);

#endif
