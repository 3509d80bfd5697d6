/* SPDX-License-Identifier: MIT */
#include "apps/receiver/transmissions.h"

static uint64_t hash_of(const struct frame *frame)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t k = 0; k < frame->n; k++)
        h = (h ^ frame->bytes[k]) * 1099511628211u;
    return h;
}

/* The same bytes cannot be sent again before the first time ended; and what fails inside a frame
 * that is right was data that looked like a preamble. */
static bool known(const struct transmissions *t, const struct transmission *now)
{
    const size_t n = t->n < TRANSMISSIONS_MAX ? t->n : TRANSMISSIONS_MAX;
    for (size_t k = 0; k < n; k++) {
        const struct transmission *old = &t->row[k];
        const bool overlap = now->first_chip < old->last_chip && old->first_chip < now->last_chip;
        if (overlap && (now->ok ? old->ok && old->hash == now->hash : old->channel == now->channel))
            return true;
    }
    return false;
}

bool transmissions_known(struct transmissions *t, const struct frame *frame,
                         const struct transmission *now)
{
    struct transmission hashed = *now;
    hashed.hash = hash_of(frame);
    hashed.ok = frame->status == DECODE_OK;
    if (known(t, &hashed))
        return true;
    t->row[t->n++ % TRANSMISSIONS_MAX] = hashed;
    return false;
}

const struct transmission *transmissions_cover(const struct transmissions *t, const void *channel,
                                               double first, double last)
{
    const size_t n = t->n < TRANSMISSIONS_MAX ? t->n : TRANSMISSIONS_MAX;
    for (size_t k = 0; k < n; k++) {
        const struct transmission *old = &t->row[k];
        if (old->ok && old->channel == channel && old->first_chip < first && last < old->last_chip)
            return old;
    }
    return NULL;
}

bool transmissions_hold(const struct transmissions *t, const void *channel, double sample)
{
    const size_t n = t->n < TRANSMISSIONS_MAX ? t->n : TRANSMISSIONS_MAX;
    for (size_t k = 0; k < n; k++) {
        const struct transmission *old = &t->row[k];
        if (old->channel == channel && old->first_chip < sample && sample < old->last_chip)
            return true;
    }
    return false;
}
