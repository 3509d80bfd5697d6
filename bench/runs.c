/* SPDX-License-Identifier: MIT */
#include "bench/runs.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void runs_sort(double *figures, size_t n)
{
    qsort(figures, n, sizeof *figures, ascending);
}
