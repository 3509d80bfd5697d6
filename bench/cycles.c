/* SPDX-License-Identifier: MIT */
#include "bench/cycles.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h> /* __rdtsc */
#endif

#include "apps/common/clock.h"

void cycles_open(struct cycles *cycles)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attributes,
        .config = PERF_COUNT_HW_CPU_CYCLES,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    cycles->perf = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
#if defined(__x86_64__)
    const char *other = "cycles of the time-stamp counter";
#else
    const char *other = "nanoseconds";
#endif
    cycles->unit = cycles->perf >= 0 ? "cycles of the core" : other;
}

void cycles_close(struct cycles *cycles)
{
    if (cycles->perf >= 0)
        close(cycles->perf);
}

uint64_t cycles_now(const struct cycles *cycles)
{
    uint64_t count;
    if (cycles->perf >= 0)
        return read(cycles->perf, &count, sizeof count) == sizeof count ? count : 0;
#if defined(__x86_64__)
    return __rdtsc();
#else
    return (uint64_t)(monotonic_s() * 1e9);
#endif
}
