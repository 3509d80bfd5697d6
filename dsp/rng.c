/* SPDX-License-Identifier: MIT */
#include "dsp/rng.h"

#include <math.h>

/* xoshiro256** 1.0 and splitmix64 (Blackman, Vigna), both in the public domain. */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Ziggurat of 256 layers of equal area under exp(-x^2 / 2) (Marsaglia and Tsang, 2000): where the
 * tail begins, and the area of a layer. */
static const double tail_start = 3.6541528853610088;
static const double layer_area = 0.00492867323399;

static void build_ziggurat(struct rng *rng)
{
    double x = tail_start, y = exp(-0.5 * x * x);
    rng->layer_width[0] = (float)(layer_area / y); /* the lowest layer, tail included */
    rng->layer_density[0] = 0;
    for (int k = 1; k < RNG_ZIGGURAT_LAYERS; k++) {
        rng->layer_width[k] = (float)x;
        rng->layer_density[k] = (float)y;
        y += layer_area / x;
        x = y < 1 ? sqrt(-2 * log(y)) : 0;
    }
    rng->layer_width[RNG_ZIGGURAT_LAYERS] = 0;
    rng->layer_density[RNG_ZIGGURAT_LAYERS] = 1;
}

void rng_init(struct rng *rng, uint64_t seed)
{
    for (int k = 0; k < 4; k++)
        rng->state[k] = splitmix64(&seed);
    build_ziggurat(rng);
}

double rng_uniform(struct rng *rng, double low, double high)
{
    return low + (high - low) * (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

static float normal_tail(struct rng *rng)
{
    double x, y;
    do {
        x = -log(1 - rng_uniform(rng, 0, 1)) / tail_start;
        y = -log(1 - rng_uniform(rng, 0, 1));
    } while (2 * y < x * x);
    return (float)(tail_start + x);
}

/* One 64-bit draw gives the layer, the sign, the place in the layer and the height in it. */
float rng_normal(struct rng *rng)
{
    for (;;) {
        uint64_t bits = rng_u64(rng);
        unsigned layer = bits & (RNG_ZIGGURAT_LAYERS - 1);
        float sign = bits & 0x100 ? -1.0f : 1.0f;
        float x = (float)(bits >> 40) * 0x1p-24f * rng->layer_width[layer];
        if (x < rng->layer_width[layer + 1])
            return sign * x;
        if (layer == 0)
            return sign * normal_tail(rng);
        float low = rng->layer_density[layer], high = rng->layer_density[layer + 1];
        float y = low + (high - low) * (float)((bits >> 9) & 0x7FFFFFFF) * 0x1p-31f;
        if (y < expf(-0.5f * x * x))
            return sign * x;
    }
}

void rng_add_noise(struct rng *rng, float sigma, float *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        x[k] += sigma * rng_normal(rng);
}
