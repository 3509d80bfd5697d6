/* SPDX-License-Identifier: MIT */
#include "bench/scene.h"

#include <stdlib.h>
#include <string.h>

#include "apps/generator/iq_write.h"

bool scene_open(struct scene *scene, double sample_rate_sps, double center_hz, uint64_t seed,
                size_t capacity)
{
    scene->sample_rate_sps = sample_rate_sps;
    scene->center_hz = center_hz;
    scene->capacity = capacity;
    scene->dc_steps = 0;
    rng_init(&scene->rng, seed);
    scene->i = malloc(capacity * sizeof *scene->i);
    scene->q = malloc(capacity * sizeof *scene->q);
    if (scene->i && scene->q)
        return true;
    scene_close(scene);
    return false;
}

void scene_close(struct scene *scene)
{
    free(scene->i);
    free(scene->q);
}

/* Adds noise and DC to the n samples, and writes them. */
static void write_cu8(struct scene *scene, double sigma, size_t n, uint8_t *cu8)
{
    rng_add_noise(&scene->rng, (float)sigma, scene->i, n);
    rng_add_noise(&scene->rng, (float)sigma, scene->q, n);
    for (size_t k = 0; k < n; k++) {
        scene->i[k] = (scene->i[k] + (float)scene->dc_steps) / (float)full_scale_steps;
        scene->q[k] = (scene->q[k] + (float)scene->dc_steps) / (float)full_scale_steps;
    }
    iq_write(IQ_CU8, scene->i, scene->q, n, cu8);
}

static void clear(struct scene *scene, size_t n)
{
    memset(scene->i, 0, n * sizeof *scene->i);
    memset(scene->q, 0, n * sizeof *scene->q);
}

size_t scene_burst(struct scene *scene, const struct burst *burst, double sigma,
                   size_t lead_in_samples, size_t tail_samples, uint8_t *cu8,
                   double *first_sync_sample)
{
    struct burst_signal signal;
    if (!burst_prepare(burst, scene->sample_rate_sps, scene->center_hz, &signal))
        return 0;
    size_t n = lead_in_samples + signal.n_samples + tail_samples;
    if (n > scene->capacity)
        return 0;
    clear(scene, n);
    burst_write(&signal, scene->i + lead_in_samples, scene->q + lead_in_samples);
    write_cu8(scene, sigma, n, cu8);
    *first_sync_sample = (double)lead_in_samples + signal.first_sync_sample;
    return n;
}

void scene_noise(struct scene *scene, double sigma, size_t n, uint8_t *cu8)
{
    clear(scene, n);
    write_cu8(scene, sigma, n, cu8);
}
