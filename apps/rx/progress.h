/* SPDX-License-Identifier: MIT
 * A line on standard error that is written anew: how far a long recording is, or how it goes; for
 * people at a terminal. */
#ifndef APPS_RX_PROGRESS_H
#define APPS_RX_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool on, shown;
    uint64_t total; /* samples; 0: not known */
    double sample_rate_sps;
    double start_s, next_s;
};

void progress_start(struct progress *progress, bool on, uint64_t total, double sample_rate_sps);
/* So many up to now. */
void progress_step(struct progress *progress, uint64_t n_samples, uint64_t n_telegrams);
/* Shows this text. */
void progress_show(struct progress *progress, const char *text);
/* Clears the line. */
void progress_end(struct progress *progress);

#endif
