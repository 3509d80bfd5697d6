/* SPDX-License-Identifier: MIT */
#include "apps/rx/vitals.h"

#include <math.h>
#include <time.h>

#include "apps/common/clock.h"
#include "apps/telegrams/telegram_json.h"

struct vitals vitals_of(const struct receiver_stats *stats)
{
    const double all = (double)stats->samples + (double)stats->samples_lost;
    return (struct vitals){
        .samples_per_s = (double)NAN,
        .clipped = level_clipped(&stats->level),
        .noise_dbfs = level_noise_dbfs(&stats->level),
        .lost = all > 0 ? (double)stats->samples_lost / all : 0,
    };
}

struct vitals vitals_since(const struct stretch *stretch, const struct receiver_stats *now,
                           double now_s)
{
    struct receiver_stats since = *now;
    receiver_stats_subtract(&since, &stretch->from);
    const double s = now_s - stretch->from_s;
    struct vitals vitals = vitals_of(&since);
    if (stretch->from_s > 0 && s > 0)
        vitals.samples_per_s = (double)since.samples / s;
    return vitals;
}

struct vitals vitals_take(struct stretch *stretch, const struct receiver_stats *now, double now_s)
{
    const struct vitals vitals = vitals_since(stretch, now, now_s);
    *stretch = (struct stretch){ .from = *now, .from_s = now_s };
    return vitals;
}

void vitals_add_json(const struct vitals *vitals, struct json_object *o)
{
    if (!isnan(vitals->samples_per_s))
        json_add_rounded(o, "samples_per_s", vitals->samples_per_s, 0);
    json_add_rounded(o, "clipped", vitals->clipped, 6);
    json_add_rounded(o, "band_noise_dbfs", vitals->noise_dbfs, 1);
}

double cpu_share_take(struct cpu_share *state)
{
    struct timespec t = { 0 };
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    const struct cpu_share now = { .wall_s = monotonic_s(),
                                   .cpu_s = (double)t.tv_sec + (double)t.tv_nsec * 1e-9 };
    const double s = now.wall_s - state->wall_s, cpu_s = now.cpu_s - state->cpu_s;
    *state = now;
    return s > 0 ? cpu_s / s : 0;
}
