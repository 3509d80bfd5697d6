/* SPDX-License-Identifier: MIT */
#include "decode/counters.h"

#include "decode/address.h"

static size_t set_of(const struct address *meter)
{
    uint32_t id = meter->id[0] | (uint32_t)meter->id[1] << 8 | (uint32_t)meter->id[2] << 16 |
                  (uint32_t)meter->id[3] << 24;
    return ((id ^ meter->manufacturer) * 0x9E3779B1u) >> 23; /* 2^32 by the golden ratio */
}
_Static_assert(COUNTERS_SETS == 1 << (32 - 23), "bits of set_of");

static struct counter *find(struct counter set[COUNTERS_WAYS], const struct address *meter)
{
    struct counter *place = &set[0];
    for (size_t i = 0; i < COUNTERS_WAYS; i++) {
        if (set[i].in_use && address_equal(&set[i].meter, meter))
            return &set[i];
        if (place->in_use && (!set[i].in_use || set[i].heard < place->heard))
            place = &set[i];
    }
    *place = (struct counter){ .in_use = true, .meter = *meter };
    return place;
}

bool counters_step_back(struct counters *counters, const struct address *meter, uint32_t value)
{
    struct counter *c = find(counters->items[set_of(meter)], meter);
    bool back = value < c->value;
    c->heard = ++counters->n_heard;
    if (!back)
        c->value = value;
    return back;
}
