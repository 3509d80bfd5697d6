/* SPDX-License-Identifier: MIT
 * What checks of kernels share: every row that this CPU runs, data that WMBUS_SEED=N makes others,
 * all lengths up to 67 samples and some long ones, places of every alignment, and guards around
 * what is written. Inputs lie in memory of their exact size, so that a read beyond them shows under
 * ASan. */
#ifndef DSP_TESTS_KERNEL_CHECK_H
#define DSP_TESTS_KERNEL_CHECK_H

#include <stddef.h>

#include "dsp/kernels/kernels.h"
#include "dsp/rng.h"

enum { KERNEL_MAX_LENGTH = 67, KERNEL_MAX_SHIFT = 4 };

extern struct rng kernel_rng;
/* To be called first. */
void kernel_seed(void);
/* Runs a check with each row that works here. */
void kernel_each_row(void (*check)(const struct kernels *kernels));

/* Of k below kernel_n_lengths(). */
size_t kernel_length_at(size_t k);
size_t kernel_n_lengths(void);
int kernel_random_int(int low, int high);
void kernel_fill_normal(float *x, size_t n);

/* n bytes at an address that is shift bytes off what malloc gives; nothing behind them. */
struct kernel_input {
    void *block, *at;
};
struct kernel_input kernel_input_open(size_t n, size_t shift);

/* The same with guards on both sides, which closing looks at. */
struct kernel_output {
    unsigned char *block;
    void *at;
    size_t n, shift;
};
struct kernel_output kernel_output_open(size_t n, size_t shift);
void kernel_output_close(struct kernel_output *out);

#endif
