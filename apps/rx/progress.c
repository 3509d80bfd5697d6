/* SPDX-License-Identifier: MIT */
#include "apps/rx/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "apps/common/clock.h"

static const double first_after_s = 1.0; /* short recordings are done before anybody asks */
static const double interval_s = 0.5;
static const char erase[] = "\033[K"; /* to the end of the line */

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
    char text[160], share[20] = "";
    if (progress->total > 0)
        snprintf(share, sizeof share, " (%.0f %%)",
                 100 * (double)n_samples / (double)progress->total);
    snprintf(text, sizeof text, "%.1f s%s, %.1f times real time, %" PRIu64 " telegram%s", done_s,
             share, done_s / (now_s - progress->start_s), n_telegrams, n_telegrams == 1 ? "" : "s");
    progress_show(progress, text);
}

/* Of the terminal, in characters. */
static int width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* The cursor stands at the line's start, so that what is printed next writes over it. */
void progress_show(struct progress *progress, const char *text)
{
    if (!progress->on)
        return;
    progress->shown = true;
    fprintf(stderr, "\r%.*s%s\r", width() - 1, text, erase);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r%s", erase);
    progress->shown = false;
}
