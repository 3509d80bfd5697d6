/* SPDX-License-Identifier: MIT
 * The highest message counter heard of each meter, in a store of fixed size: a step back means that
 * somebody sends an old message again. */
#ifndef DECODE_COUNTERS_H
#define DECODE_COUNTERS_H

#include "decode/telegram.h"

enum { COUNTERS_SETS = 512, COUNTERS_WAYS = 4 };

struct counter {
    bool in_use;
    struct address meter;
    uint32_t value;
    uint32_t heard; /* order of the last hearing */
};

struct counters {
    struct counter items[COUNTERS_SETS][COUNTERS_WAYS];
    uint32_t n_heard;
};

/* Takes note of a counter that a MAC or a tag proved to be the meter's own. Returns true if it is
 * lower than one before; the same once more is a repetition, and no step back. The meter that was
 * not heard for the longest time is forgotten when there is no room. */
bool counters_step_back(struct counters *counters, const struct address *meter, uint32_t value);

#endif
