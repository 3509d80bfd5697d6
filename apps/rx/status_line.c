/* SPDX-License-Identifier: MIT */
#include "apps/rx/status_line.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void status_line_text(const struct status_line *status, char *text, size_t size)
{
    const struct condition *c = &status->condition;
    const struct receiver_stats *radio = &c->radio;
    const struct finding *finding = diagnosis_next(c, NULL);
    char way[40] = "";
    if (!isnan(c->vitals.samples_per_s))
        snprintf(way, sizeof way, "%.2f Msps, ", c->vitals.samples_per_s / 1e6);
    if (isfinite(c->vitals.noise_dbfs))
        snprintf(way + strlen(way), sizeof way - strlen(way), "noise %.0f dBFS, ",
                 c->vitals.noise_dbfs);
    if (finding)
        snprintf(text, size, "%s%" PRIu64 " telegram%s; %s", way, radio->frames_ok,
                 plural(radio->frames_ok), finding->brief);
    else
        snprintf(text, size,
                 "%s%" PRIu64 " burst%s, %" PRIu64 " telegram%s, %" PRIu64
                 " bad, %zu meter%s, CPU %.0f %%",
                 way, radio->bursts, plural(radio->bursts), radio->frames_ok,
                 plural(radio->frames_ok), radio->frames_bad_crc, status->n_meters,
                 plural(status->n_meters), 100 * status->cpu_share);
}
