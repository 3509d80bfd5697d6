/* SPDX-License-Identifier: MIT */
#include "apps/sources/live_clock.h"

#include <math.h>

/* A network may hold samples up for seconds; a dongle's clock is wrong by less than 300 ppm. */
static const double window_s = 5, most_drift = 300e-6;
/* Less is not told from a computer that was busy. */
static const double least_loss_s = 0.02;

void live_clock_init(struct live_clock *c, double rate_sps)
{
    *c = (struct live_clock){ .rate_sps = rate_sps };
}

/* The window ended: samples that came later than ever before, all of them, follow others that did
 * not come. */
static uint64_t end_window(struct live_clock *c, double now_s)
{
    const double late_s = c->window_least_s - c->lag_s;
    uint64_t lost = 0;
    if (late_s > least_loss_s + most_drift * window_s)
        lost = (uint64_t)(late_s * c->rate_sps);
    else
        c->lag_s = c->window_least_s;
    c->window_least_s = HUGE_VAL;
    c->window_end_s = now_s + window_s;
    return lost;
}

static double lateness_s(const struct live_clock *c, double now_s)
{
    return now_s - c->start_s - (double)c->position / c->rate_sps;
}

static void start(struct live_clock *c, uint64_t n, double now_s)
{
    const double first_s = now_s - (double)n / c->rate_sps;
    if (c->position == 0)
        c->start_s = first_s;
    c->lag_s = c->window_least_s = HUGE_VAL;
    c->window_end_s = now_s + window_s;
    c->running = true;
}

uint64_t live_clock_push(struct live_clock *c, uint64_t n, double now_s)
{
    uint64_t lost = 0;
    if (!c->running) {
        start(c, n, now_s);
        const double late_s = lateness_s(c, now_s) - (double)n / c->rate_sps;
        lost = late_s > 0 ? (uint64_t)(late_s * c->rate_sps) : 0;
        c->position += lost;
    }
    c->position += n;
    const double late_s = lateness_s(c, now_s);
    c->window_least_s = fmin(c->window_least_s, late_s);
    if (isinf(c->lag_s) || late_s < c->lag_s)
        c->lag_s = late_s;
    if (now_s >= c->window_end_s) {
        const uint64_t missing = end_window(c, now_s);
        c->position += missing;
        lost += missing;
    }
    return lost;
}

void live_clock_skip(struct live_clock *c, uint64_t n)
{
    c->position += n;
}

void live_clock_pause(struct live_clock *c)
{
    c->running = false;
}

double live_clock_time_s(const struct live_clock *c, double sample)
{
    return c->start_s + sample / c->rate_sps + (isinf(c->lag_s) ? 0 : c->lag_s);
}
