/* SPDX-License-Identifier: MIT
 * How well a source does: figures of the last stretch of time, from counters that only grow. */
#ifndef APPS_RX_VITALS_H
#define APPS_RX_VITALS_H

#include <json-c/json.h>

#include "apps/receiver/receiver.h"

/* Where a stretch began. Zeroed: with the first sample. */
struct stretch {
    struct receiver_stats from;
    double from_s; /* monotonic; 0: not looked at yet                              */
};

struct vitals {
    double samples_per_s; /* that came, against the clock; NAN: not in real time   */
    double clipped;       /* share of the samples, 0 ... 1                         */
    double noise_dbfs;    /* of the whole band, see signal_level.h                 */
    double lost;          /* samples, as a share of those that there were          */
};

/* Of all that was counted, the clock not known. */
struct vitals vitals_of(const struct receiver_stats *stats);
/* Since it began; now_s NAN: not in real time. */
struct vitals vitals_since(const struct stretch *stretch, const struct receiver_stats *now,
                           double now_s);
/* The same, and it begins anew. */
struct vitals vitals_take(struct stretch *stretch, const struct receiver_stats *now, double now_s);
/* Adds them to an object of the message "stats". */
void vitals_add_json(const struct vitals *vitals, struct json_object *o);

/* Share of a core that the process took since the last call; the first one only starts. */
struct cpu_share {
    double wall_s, cpu_s;
};
double cpu_share_take(struct cpu_share *state);

#endif
