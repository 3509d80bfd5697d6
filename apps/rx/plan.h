/* SPDX-License-Identifier: MIT
 * What is to be received, cut into jobs: a long recording into parts for several threads. The parts
 * overlap by as long as a receiver remembers, so that together they report what one would. */
#ifndef APPS_RX_PLAN_H
#define APPS_RX_PLAN_H

#include "apps/rx/listener.h"

struct plan {
    struct job *jobs; /* in order of the sources, and of time */
    size_t n;
};

/* Jobs for n sources, on so many threads. False without memory. */
bool plan_open(struct plan *plan, const struct source_config *sources, size_t n,
               const struct listeners_config *config, size_t threads);
void plan_close(struct plan *plan);

#endif
