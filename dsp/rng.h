/* SPDX-License-Identifier: MIT
 * Reproducible random numbers for generated signals: xoshiro256** and Gaussian noise from it. */
#ifndef DSP_RNG_H
#define DSP_RNG_H

#include <stddef.h>
#include <stdint.h>

enum { RNG_ZIGGURAT_LAYERS = 256 };

struct rng {
    uint64_t state[4];
    float layer_width[RNG_ZIGGURAT_LAYERS + 1]; /* of the ziggurat, widest first */
    float layer_density[RNG_ZIGGURAT_LAYERS + 1];
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);
/* low <= x < high */
double rng_uniform(struct rng *rng, double low, double high);
/* Mean 0, variance 1. */
float rng_normal(struct rng *rng);
/* Adds noise of standard deviation sigma to each of x[n]. */
void rng_add_noise(struct rng *rng, float sigma, float *x, size_t n);

#endif
