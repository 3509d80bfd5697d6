/* SPDX-License-Identifier: MIT
 * A counter of CPU cycles for measurements: that of the core where the kernel allows it (perf
 * events), else the time-stamp counter of x86, which counts at the nominal frequency whatever the
 * core runs at, else nanoseconds. */
#ifndef BENCH_CYCLES_H
#define BENCH_CYCLES_H

#include <stdint.h>

struct cycles {
    const char *unit; /* "cycles of the core", "cycles of the time-stamp counter", "nanoseconds" */
    int perf;         /* file descriptor, -1 without */
};

void cycles_open(struct cycles *cycles);
void cycles_close(struct cycles *cycles);
/* Only differences count. */
uint64_t cycles_now(const struct cycles *cycles);

#endif
