/* SPDX-License-Identifier: MIT
 * Samples that come by themselves, against the clock: what time it was when a sample was taken, and
 * how many were lost on the way without anybody having said so. A pure function of the times at
 * which they came. */
#ifndef APPS_SOURCES_LIVE_CLOCK_H
#define APPS_SOURCES_LIVE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct live_clock {
    double rate_sps;
    bool running;
    double start_s;        /* when sample 0 was taken                                       */
    uint64_t position;     /* samples that came, and that were lost                         */
    double lag_s;          /* how late samples come, at the least: the way and the dongle's clock */
    double window_least_s; /* the same in the window that runs                              */
    double window_end_s;
};

void live_clock_init(struct live_clock *clock, double rate_sps);
/* n samples came at now_s, of a clock that only moves forward. Returns how many were lost before
 * them: samples may come late for seconds, but when they stay late, those between are missing. */
uint64_t live_clock_push(struct live_clock *clock, uint64_t n, double now_s);
/* n samples are known to be lost. */
void live_clock_skip(struct live_clock *clock, uint64_t n);
/* The source stood still, and goes on: the next push tells how long. */
void live_clock_pause(struct live_clock *clock);
/* When a sample was taken, on the clock of live_clock_push. */
double live_clock_time_s(const struct live_clock *clock, double sample);

#endif
