/* SPDX-License-Identifier: MIT */
#include "bench/sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/generator/iq_write.h" /* full_scale_steps */
#include "bench/scene.h"
#include "bench/score.h"
#include "decode/random_telegram.h"

/* Noise before each burst, uniform between; the receiver measures the noise there. */
static const double gap_min_s = 0.005, gap_max_s = 0.007;
struct run {
    const struct sensitivity_setup *setup;
    struct sensitivity_counts *counts;
    struct score score;
    struct scene scene;
    uint8_t *cu8;
};

static void count_frame(void *user, const struct frame *frame)
{
    struct run *run = user;
    score_frame(&run->score, frame);
}

static void push(struct run *run, struct receiver *receiver, size_t n)
{
    double start = monotonic_s();
    receiver_push(receiver, run->cu8, n);
    run->counts->receiver_s += monotonic_s() - start;
    run->counts->samples += n;
}

/* Uniform between low and high, of either sign. */
static double either_sign(struct rng *rng, double low, double high)
{
    double x = rng_uniform(rng, low, high);
    return rng_u64(rng) >> 63 ? -x : x;
}

static void tell(const struct run *run, struct receiver *receiver, const struct burst *burst,
                 double first_sync_sample, double sigma_steps)
{
    const double sigma = sigma_steps / full_scale_steps;
    const struct told_burst told = {
        .mode = burst->mode,
        .first_sync_sample = first_sync_sample,
        .chip_rate_cps = burst->mode->chip_rate_cps * (1 + burst->clock_error),
        .offset_hz = burst->offset_hz,
        .noise_density = 2 * sigma * sigma / run->setup->sample_rate_sps,
    };
    receiver_tell(receiver, &told);
}

static void make_telegram(struct rng *rng, const struct sensitivity_setup *s, uint8_t *bytes)
{
    enum { BEHIND_CI = 11 };
    random_telegram(rng_u64(rng), bytes, s->telegram_bytes);
    for (size_t k = BEHIND_CI; s->zeros > 0 && k < s->telegram_bytes; k++)
        if (rng_uniform(rng, 0, 1) < s->zeros)
            bytes[k] = 0;
}

static bool push_burst(struct run *run, struct receiver *receiver, double ecn0_db, double sigma)
{
    const struct sensitivity_setup *s = run->setup;
    struct rng *rng = &run->scene.rng;
    struct sent sent = { .mode = s->mode, .n = s->telegram_bytes };
    make_telegram(rng, s, sent.telegram);
    struct burst burst = {
        .mode = s->mode,
        .telegram = sent.telegram,
        .n = s->telegram_bytes,
        .bt = s->bt,
        .deviation_hz = s->deviation_hz,
        .offset_hz = either_sign(rng, s->offset_min_hz, s->offset_max_hz),
        .clock_error = either_sign(rng, s->clock_min, s->clock_max),
        .phase_rad = rng_uniform(rng, 0, 6.28),
        .delay_samples = rng_uniform(rng, 0, 1),
        .preamble_pairs = s->preamble_pairs,
        .postamble_chips = 2,
    };
    burst.amplitude = burst_amplitude(&burst, ecn0_db, sigma, s->sample_rate_sps);
    size_t gap = (size_t)(rng_uniform(rng, gap_min_s, gap_max_s) * s->sample_rate_sps);
    size_t n = scene_burst(&run->scene, &burst, sigma, gap, 0, run->cu8, &sent.first_sync_sample);
    sent.first_sync_sample += (double)run->counts->samples;
    if (n == 0 || !score_expect(&run->score, &sent))
        return false;
    if (s->told)
        tell(run, receiver, &burst, sent.first_sync_sample, sigma);
    push(run, receiver, n);
    return true;
}

static bool push_stream(struct run *run, struct receiver *receiver, double ecn0_db)
{
    const struct sensitivity_setup *s = run->setup;
    const struct burst nominal = { .mode = s->mode, .amplitude = s->amplitude };
    double sigma = burst_noise_sigma(&nominal, ecn0_db, s->sample_rate_sps);
    size_t margin = (size_t)(0.02 * s->sample_rate_sps);
    bool ok = true;
    scene_noise(&run->scene, sigma, margin, run->cu8);
    push(run, receiver, margin);
    for (unsigned k = 0; k < s->n && ok; k++)
        ok = push_burst(run, receiver, ecn0_db, sigma);
    scene_noise(&run->scene, sigma, margin, run->cu8);
    push(run, receiver, margin);
    receiver_flush(receiver);
    return ok;
}

/* Samples of the longest burst of a mode: everything a frame can hold, at a slow clock. */
static size_t longest_piece(const struct sensitivity_setup *s)
{
    double chips = 64 + 16.0 * FRAME_MAX_AIR_BYTES, slow = 1 - s->clock_max;
    double seconds = chips / (s->mode->chip_rate_cps * slow) + gap_max_s + 0.02;
    return (size_t)(seconds * s->sample_rate_sps);
}

static bool run_receiver(struct run *run, double ecn0_db, struct err *err)
{
    const struct receiver_config config = {
        .center_hz = run->setup->center_hz,
        .sample_rate_sps = run->setup->sample_rate_sps,
        .format = IQ_CU8,
        .simd = run->setup->simd,
        .modes = run->setup->modes,
    };
    struct receiver *receiver = receiver_open(&config, count_frame, run, err);
    if (!receiver)
        return false;
    bool ok = push_stream(run, receiver, ecn0_db);
    run->counts->receiver = *receiver_stats(receiver);
    receiver_close(receiver);
    return ok || err_set(err, EXIT_USAGE, "%s cannot carry a telegram of %u bytes",
                         run->setup->mode->name, run->setup->telegram_bytes);
}

bool sensitivity_run(const struct sensitivity_setup *setup, double ecn0_db,
                     struct sensitivity_counts *counts, struct err *err)
{
    struct run run = { .setup = setup, .counts = counts };
    size_t capacity = longest_piece(setup);
    /* Every point of a curve gets its own noise. */
    uint64_t seed = setup->seed * 1000003 + (uint64_t)llround(ecn0_db * 1000);
    *counts = (struct sensitivity_counts){ 0 };
    bool ok = scene_open(&run.scene, setup->sample_rate_sps, setup->center_hz, seed, capacity);
    if (!ok)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    run.scene.dc_steps = setup->dc * setup->amplitude / sqrt(2);
    score_init(&run.score, setup->sample_rate_sps);
    run.cu8 = malloc(2 * capacity);
    ok = run.cu8 ? run_receiver(&run, ecn0_db, err) : err_set(err, EXIT_INTERNAL, "out of memory");
    counts->sent = (unsigned)run.score.n;
    counts->right = run.score.right;
    counts->wrong = run.score.wrong;
    counts->duplicate = run.score.duplicate;
    counts->mended = run.score.mended;
    free(run.cu8);
    score_free(&run.score);
    scene_close(&run.scene);
    return ok;
}
