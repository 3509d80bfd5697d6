/* SPDX-License-Identifier: MIT */
#ifndef APPS_CLOCK_H
#define APPS_CLOCK_H

/* Seconds of a clock that only moves forward. */
double monotonic_s(void);

#endif
