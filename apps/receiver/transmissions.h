/* SPDX-License-Identifier: MIT
 * The transmissions that were reported last, so that one that is found again is known. */
#ifndef APPS_RECEIVER_TRANSMISSIONS_H
#define APPS_RECEIVER_TRANSMISSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/frame.h"

enum { TRANSMISSIONS_MAX = 32 };

struct transmission {
    const void *channel;          /* where it was heard */
    double first_chip, last_chip; /* samples of the stream */
    double offset_hz, power;      /* carrier; what it and the noise have together, there */
    uint64_t hash;
    bool ok;
};

struct transmissions {
    struct transmission row[TRANSMISSIONS_MAX];
    size_t n; /* seen so far; the last TRANSMISSIONS_MAX are kept */
};

/* Is it the same transmission, found once more? If not, it is remembered. Of *now all is filled but
 * hash and ok, which *frame tells. */
bool transmissions_known(struct transmissions *t, const struct frame *frame,
                         const struct transmission *now);

/* The transmission of this channel that was right and that samples first ... last lie inside of;
 * NULL if there is none. */
const struct transmission *transmissions_cover(const struct transmissions *t, const void *channel,
                                               double first, double last);
/* Does the sample lie inside of a transmission of this channel, right or not? */
bool transmissions_hold(const struct transmissions *t, const void *channel, double sample);

#endif
