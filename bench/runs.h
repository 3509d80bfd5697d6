/* SPDX-License-Identifier: MIT
 * A figure measured several times. */
#ifndef BENCH_RUNS_H
#define BENCH_RUNS_H

#include <stddef.h>

/* Puts the smallest first: figures[n / 2] is the median, the ends are worst and best. */
void runs_sort(double *figures, size_t n);

#endif
