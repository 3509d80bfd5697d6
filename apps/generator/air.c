/* SPDX-License-Identifier: MIT */
#include "apps/generator/air.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One transmission; its samples exist while it is on air. */
struct slot {
    struct transmission *transmission;
    float *i, *q;
};

struct air {
    struct air_config config;
    struct rng rng;
    struct slot *slots; /* in order of their first sample */
    size_t n, first_on_air, first_waiting;
    int64_t at;
    struct burst_signal signal; /* work space */
};

static bool prepare(struct air *air, const struct transmission *t)
{
    return burst_prepare(&t->burst, air->config.sample_rate_sps, air->config.center_hz,
                         &air->signal);
}

/* Moves the burst by less than a sample, so that its first sync chip comes at time_s. */
static bool place(struct air *air, struct transmission *t)
{
    t->burst.telegram = t->telegram;
    t->burst.delay_samples = 0;
    if (!prepare(air, t))
        return false;
    double start = t->time_s * air->config.sample_rate_sps - air->signal.first_sync_sample;
    t->first_sample = (int64_t)floor(start);
    t->burst.delay_samples = start - floor(start);
    prepare(air, t);
    t->n_samples = air->signal.n_samples;
    return true;
}

static int compare_slots(const void *a, const void *b)
{
    const struct transmission *x = ((const struct slot *)a)->transmission;
    const struct transmission *y = ((const struct slot *)b)->transmission;
    if (x->first_sample != y->first_sample)
        return x->first_sample < y->first_sample ? -1 : 1;
    return x < y ? -1 : x > y;
}

static bool place_all(struct air *air, struct transmission *transmissions, size_t n, size_t *bad)
{
    for (size_t k = 0; k < n; k++) {
        if (!place(air, &transmissions[k])) {
            *bad = k;
            return false;
        }
        air->slots[air->n++].transmission = &transmissions[k];
    }
    qsort(air->slots, n, sizeof *air->slots, compare_slots);
    return true;
}

struct air *air_open(const struct air_config *config, struct transmission *transmissions, size_t n,
                     size_t *bad)
{
    struct air *air = calloc(1, sizeof *air);
    *bad = n;
    if (!air)
        return NULL;
    air->config = *config;
    rng_init(&air->rng, config->noise_seed);
    air->slots = calloc(n + 1, sizeof *air->slots);
    if (air->slots && place_all(air, transmissions, n, bad))
        return air;
    air_close(air);
    return NULL;
}

static void free_samples(struct slot *slot)
{
    free(slot->i);
    free(slot->q);
    slot->i = slot->q = NULL;
}

void air_close(struct air *air)
{
    if (!air)
        return;
    for (size_t k = 0; air->slots && k < air->n; k++)
        free_samples(&air->slots[k]);
    free(air->slots);
    free(air);
}

uint64_t air_end_sample(const struct air *air)
{
    int64_t end = 0;
    for (size_t k = 0; k < air->n; k++) {
        const struct transmission *t = air->slots[k].transmission;
        int64_t its_end = t->first_sample + (int64_t)t->n_samples;
        end = its_end > end ? its_end : end;
    }
    return (uint64_t)end;
}

static bool begin(struct air *air, struct slot *slot)
{
    struct transmission *t = slot->transmission;
    slot->i = malloc(t->n_samples * sizeof *slot->i);
    slot->q = malloc(t->n_samples * sizeof *slot->q);
    if (!slot->i || !slot->q)
        return false;
    prepare(air, t);
    burst_write(&air->signal, slot->i, slot->q);
    return true;
}

/* Adds what of a slot falls into samples at ... at + n. */
static void add_slot(const struct slot *slot, int64_t at, float *i, float *q, size_t n)
{
    const struct transmission *t = slot->transmission;
    int64_t from = t->first_sample > at ? t->first_sample : at;
    int64_t end = t->first_sample + (int64_t)t->n_samples;
    int64_t to = end < at + (int64_t)n ? end : at + (int64_t)n;
    for (int64_t k = from; k < to; k++) {
        i[k - at] += slot->i[k - t->first_sample];
        q[k - at] += slot->q[k - t->first_sample];
    }
}

static bool add_transmissions(struct air *air, float *i, float *q, size_t n)
{
    int64_t end = air->at + (int64_t)n;
    for (; air->first_waiting < air->n; air->first_waiting++) {
        struct slot *slot = &air->slots[air->first_waiting];
        if (slot->transmission->first_sample >= end)
            break;
        if (!begin(air, slot))
            return false;
    }
    for (size_t k = air->first_on_air; k < air->first_waiting; k++) {
        struct slot *slot = &air->slots[k];
        const struct transmission *t = slot->transmission;
        if (slot->i)
            add_slot(slot, air->at, i, q, n);
        if (t->first_sample + (int64_t)t->n_samples <= end)
            free_samples(slot);
    }
    while (air->first_on_air < air->first_waiting && !air->slots[air->first_on_air].i)
        air->first_on_air++;
    return true;
}

/* I and Q take turns, so that the noise does not depend on the length of a block. */
static void add_noise(struct air *air, float *i, float *q, size_t n)
{
    float sigma = (float)air->config.noise_sigma;
    for (size_t k = 0; k < n && sigma > 0; k++) {
        i[k] += sigma * rng_normal(&air->rng);
        q[k] += sigma * rng_normal(&air->rng);
    }
}

bool air_read(struct air *air, float *i, float *q, size_t n)
{
    const struct air_config *c = &air->config;
    memset(i, 0, n * sizeof *i);
    memset(q, 0, n * sizeof *q);
    if (!add_transmissions(air, i, q, n))
        return false;
    add_noise(air, i, q, n);
    for (size_t k = 0; k < n; k++) {
        i[k] = i[k] * (float)c->gain + (float)c->dc_i;
        q[k] = q[k] * (float)c->gain + (float)c->dc_q;
    }
    air->at += (int64_t)n;
    return true;
}
