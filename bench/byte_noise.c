/* SPDX-License-Identifier: MIT */
#include "bench/byte_noise.h"

#include <math.h>

enum { CODES = BYTE_NOISE_CODES };
static const double one = 1 << 24; /* as a threshold */
static const double midpoint = CODES / 2.0;

/* What lies between code and the next, in noise of deviation sigma; the outermost take the rest. */
static double share(int code, double sigma)
{
    const double root = sqrt(2) * sigma;
    const double low = code == 0 ? -1 : erf((code - midpoint) / root);
    const double high = code == CODES - 1 ? 1 : erf((code + 1 - midpoint) / root);
    return (high - low) / 2;
}

void byte_noise_init(struct byte_noise *noise, double sigma_steps, uint64_t seed)
{
    double filled[CODES]; /* of each cell, by its own code */
    int poor[CODES], rich[CODES], n_poor = 0, n_rich = 0;
    rng_init(&noise->rng, seed);
    for (int code = 0; code < CODES; code++) {
        filled[code] = CODES * share(code, sigma_steps);
        *(filled[code] < 1 ? &poor[n_poor++] : &rich[n_rich++]) = code;
    }
    while (n_poor > 0 &&
           n_rich > 0) { /* the rich fill up the poor, until they are poor themselves */
        const int to = poor[--n_poor], from = rich[n_rich - 1];
        noise->threshold[to] = (uint32_t)lrint(one * filled[to]);
        noise->other[to] = (uint8_t)from;
        filled[from] -= 1 - filled[to];
        if (filled[from] < 1)
            poor[n_poor++] = rich[--n_rich];
    }
    while (n_poor + n_rich > 0) { /* but for rounding these are full */
        const int code = n_rich > 0 ? rich[--n_rich] : poor[--n_poor];
        noise->threshold[code] = (uint32_t)one;
        noise->other[code] = (uint8_t)code;
    }
}

static uint8_t draw(const struct byte_noise *noise, uint32_t bits)
{
    const unsigned cell = bits & (CODES - 1);
    return bits >> 8 < noise->threshold[cell] ? (uint8_t)cell : noise->other[cell];
}

void byte_noise_fill(struct byte_noise *noise, uint8_t *cu8, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const uint64_t bits = rng_u64(&noise->rng);
        cu8[2 * k] = draw(noise, (uint32_t)bits);
        cu8[2 * k + 1] = draw(noise, (uint32_t)(bits >> 32));
    }
}
