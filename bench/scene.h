/* SPDX-License-Identifier: MIT
 * A burst in noise as cu8 samples, for benches and tests that run in one process. Pieces written
 * one after the other make one stream: with the same noise there is no seam. */
#ifndef BENCH_SCENE_H
#define BENCH_SCENE_H

#include "apps/generator/burst.h"
#include "dsp/rng.h"

struct scene {
    double sample_rate_sps, center_hz;
    double dc_steps; /* of I, and of Q; 0 at first */
    struct rng rng;
    float *i, *q; /* work space, [capacity] */
    size_t capacity;
};

/* Returns false without memory. capacity: complex samples of the longest piece. The caller closes.
 */
bool scene_open(struct scene *scene, double sample_rate_sps, double center_hz, uint64_t seed,
                size_t capacity);
void scene_close(struct scene *scene);

/* Writes lead_in_samples of noise, the burst in noise, and tail_samples of noise to cu8[2 * ...],
 * midpoint 127.5, clipped at 0 and 255. burst->amplitude is in steps (127.5 = full scale); sigma is
 * that of the noise of each rail, see burst_noise_sigma(). *first_sync_sample counts from the first
 * sample written. Returns the number of complex samples; 0 if the burst cannot be sent or does not
 * fit the capacity. */
size_t scene_burst(struct scene *scene, const struct burst *burst, double sigma,
                   size_t lead_in_samples, size_t tail_samples, uint8_t *cu8,
                   double *first_sync_sample);
/* n samples of noise, n up to the capacity. */
void scene_noise(struct scene *scene, double sigma, size_t n, uint8_t *cu8);

#endif
