/* SPDX-License-Identifier: MIT
 * Gaussian noise as a converter of 8 bits gives it, fast enough to make days of it: each byte is
 * drawn with its exact share, from a table (Walker's alias method). */
#ifndef BENCH_BYTE_NOISE_H
#define BENCH_BYTE_NOISE_H

#include "dsp/rng.h"

enum { BYTE_NOISE_CODES = 256 };

struct byte_noise {
    struct rng rng;
    /* A cell holds its own code below the threshold, of 2^24, and another one above it. */
    uint32_t threshold[BYTE_NOISE_CODES];
    uint8_t other[BYTE_NOISE_CODES];
};

/* sigma_steps: standard deviation of I, and of Q, in steps of the converter, whose midpoint lies
 * between 127 and 128. */
void byte_noise_init(struct byte_noise *noise, double sigma_steps, uint64_t seed);
/* The next n samples, cu8[2 * n]. */
void byte_noise_fill(struct byte_noise *noise, uint8_t *cu8, size_t n);

#endif
