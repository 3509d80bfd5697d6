/* SPDX-License-Identifier: MIT */
#include "apps/rx/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "apps/common/clock.h"

static const double first_after_s = 1.0; /* short recordings are done before anybody asks */
static const double interval_s = 0.5;

void progress_start(struct progress *progress, bool on, uint64_t total, double sample_rate_sps)
{
    *progress = (struct progress){ .on = on, .total = total, .sample_rate_sps = sample_rate_sps };
    if (!on)
        return;
    progress->start_s = monotonic_s();
    progress->next_s = progress->start_s + first_after_s;
}

void progress_step(struct progress *progress, uint64_t n_samples, uint64_t n_telegrams)
{
    if (!progress->on)
        return;
    double now_s = monotonic_s(), done_s = (double)n_samples / progress->sample_rate_sps;
    if (now_s < progress->next_s)
        return;
    progress->next_s = now_s + interval_s;
    progress->shown = true;
    fprintf(stderr, "\r%.1f s", done_s);
    if (progress->total > 0)
        fprintf(stderr, " (%.0f %%)", 100 * (double)n_samples / (double)progress->total);
    fprintf(stderr, ", %.1f times real time, %" PRIu64 " telegram%s ",
            done_s / (now_s - progress->start_s), n_telegrams, n_telegrams == 1 ? "" : "s");
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r%70s\r", "");
}
