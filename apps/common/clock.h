/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_CLOCK_H
#define APPS_COMMON_CLOCK_H

#include <stdint.h>

/* Seconds of a clock that only moves forward. */
double monotonic_s(void);
/* Microseconds since 1970 UTC. */
int64_t utc_now_us(void);

#endif
