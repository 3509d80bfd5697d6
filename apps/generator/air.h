/* SPDX-License-Identifier: MIT
 * What an antenna would hear: transmissions on a time line, noise, DC offset and gain, as samples
 * of full scale 1. */
#ifndef APPS_GENERATOR_AIR_H
#define APPS_GENERATOR_AIR_H

#include "apps/generator/burst.h"
#include "dsp/rng.h"

struct air_config {
    double sample_rate_sps, center_hz;
    double noise_sigma; /* of I, and of Q                                               */
    double gain;        /* on all of it; what goes beyond 1 clips when it is written    */
    double dc_i, dc_q;  /* added after the gain                                         */
    uint64_t noise_seed;
};

struct transmission {
    uint8_t telegram[FRAME_MAX_BYTES];
    struct burst burst;   /* burst.telegram and .delay_samples are set here            */
    double time_s;        /* of the first sync chip; the burst may begin before 0      */
    bool cut;             /* only a part of it is in the recording                */
    int64_t first_sample; /* set by air_open                                           */
    size_t n_samples;     /* set by air_open                                           */
};

struct air;

/* Places transmissions[n], which stay the caller's and must outlive the air. NULL without memory or
 * if a mode cannot carry a telegram: then *bad is its number, else n. The caller closes. */
struct air *air_open(const struct air_config *config, struct transmission *transmissions, size_t n,
                     size_t *bad);
/* The next n samples. False without memory. What is read does not depend on how it is cut. */
bool air_read(struct air *air, float *i, float *q, size_t n);
void air_close(struct air *air);

/* Sample after the last one of any transmission. */
uint64_t air_end_sample(const struct air *air);

#endif
