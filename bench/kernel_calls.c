/* SPDX-License-Identifier: MIT */
#include "bench/kernel_calls.h"

#include <math.h>
#include <string.h>

#include "base/array_len.h"
#include "dsp/cpfsk_trellis.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum {
    CHIPS = 512, /* of one call                                                   */
    TAPS = 32,   /* of all channels at 1.6 Msps                                   */
    BLOCK = 32,  /* samples that the burst gate sums at once: 8 chips at 400 ksps */
    TONE_CALLS = 64,
    TONE_BINS = 64,
    TONE_MAX_ROWS = 7,
};

/* ---- input -------------------------------------------------------------------------------- */

static struct input {
    uint8_t u8[2 * (KERNEL_SAMPLES + TAPS)];
    int16_t s16[2 * (KERNEL_SAMPLES + TAPS)];
    float f32[2 * (KERNEL_SAMPLES + TAPS)];
    int16_t taps_re[2 * TAPS], taps_im[2 * TAPS];
    int8_t byte_taps_re[2 * TAPS], byte_taps_im[2 * TAPS];
    float cosine[BLOCK], sine[BLOCK];
    float never[2 * TONE_BINS]; /* a threshold that nothing reaches */
    struct cpfsk_pulse pulse;
    struct cpfsk_turns turns;
    struct cpfsk_segment segments[CHIPS];
    float alpha[CHIPS + 1][2][CPFSK_LABELS];
    uint8_t path[CHIPS];
} in;

static struct cpfsk_forward forward;

static void fill_cpfsk(struct rng *rng)
{
    struct cpfsk_shape shape;
    cpfsk_shape_init(&shape, 0);
    cpfsk_pulse_init(&in.pulse, &shape, 0.9f);
    for (int label = 0; label < CPFSK_LABELS; label++) {
        const int ones = label - CPFSK_LABELS / 2;
        const double turn = PI * 0.9 * ones;
        in.turns.re[label] = (float)cos(turn);
        in.turns.im[label] = (float)sin(turn);
        in.turns.slip_cost[label] = (float)(40 * (1 - cos(turn)));
    }
    for (size_t k = 0; k < CHIPS; k++)
        for (int pair = 0; pair < 4; pair++) {
            in.segments[k].before_re[pair] = rng_normal(rng);
            in.segments[k].before_im[pair] = rng_normal(rng);
            in.segments[k].after_re[pair] = rng_normal(rng);
            in.segments[k].after_im[pair] = rng_normal(rng);
        }
    for (size_t k = 0; k < CHIPS; k++)
        in.path[k] = rng_u64(rng) & 1;
    for (size_t k = 0; k <= CHIPS; k++)
        for (int label = 0; label < CPFSK_LABELS; label++)
            in.alpha[k][0][label] = in.alpha[k][1][label] = -rng_normal(rng) - 4;
}

void kernel_calls_fill_input(void)
{
    struct rng rng;
    rng_init(&rng, 1);
    for (size_t k = 0; k < ARRAY_LEN(in.u8); k++) {
        in.u8[k] = (uint8_t)rng_uniform(&rng, 0, 256);
        in.s16[k] = (int16_t)rng_uniform(&rng, -16384, 16384);
        in.f32[k] = rng_normal(&rng);
    }
    for (size_t k = 0; k < ARRAY_LEN(in.taps_re); k++) {
        in.taps_re[k] = (int16_t)rng_uniform(&rng, -500, 500);
        in.taps_im[k] = (int16_t)rng_uniform(&rng, -500, 500);
        in.byte_taps_re[k] = (int8_t)rng_uniform(&rng, -63, 63);
        in.byte_taps_im[k] = (int8_t)rng_uniform(&rng, -63, 63);
    }
    for (size_t k = 0; k < ARRAY_LEN(in.never); k++)
        in.never[k] = 1e6f;
    for (size_t k = 0; k < BLOCK; k++) {
        in.cosine[k] = (float)cos(PI / 4 * (double)k);
        in.sine[k] = (float)sin(PI / 4 * (double)k);
    }
    fill_cpfsk(&rng);
}

/* ---- kernels ------------------------------------------------------------------------------ */

static void from_u8(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    kernels->from_u8(out->s16, in.u8, 2 * KERNEL_SAMPLES, 64, (const int16_t[]){ 8160, 8170 });
}

static void from_s16(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    kernels->from_s16(out->s16, in.s16, 2 * KERNEL_SAMPLES, (const int16_t[]){ 12, -30 });
}

static void from_f32(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    kernels->from_f32(out->s16, in.f32, 2 * KERNEL_SAMPLES, 8192, (const int16_t[]){ 12, -30 });
}

static void sum_u8(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    int32_t sums[2];
    (void)unused;
    kernels->sum_u8(sums, in.u8, 2 * KERNEL_SAMPLES);
    out->f32[0] = (float)sums[0];
    out->f32[1] = (float)sums[1];
}

static void sum_s16(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    int32_t sums[2];
    (void)unused;
    kernels->sum_s16(sums, in.s16, 2 * KERNEL_SAMPLES);
    out->f32[0] = (float)sums[0];
    out->f32[1] = (float)sums[1];
}

static void sum_f32(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    kernels->sum_f32(out->f32, in.f32, 2 * KERNEL_SAMPLES, 4);
}

static void decimate(const struct kernels *kernels, size_t decimation, struct kernel_output *out)
{
    kernels->decimate(out->f32, out->f32 + KERNEL_SAMPLES, in.s16, in.taps_re, in.taps_im, TAPS,
                      decimation, KERNEL_SAMPLES / decimation);
}

static void decimate_u8(const struct kernels *kernels, size_t decimation, struct kernel_output *out)
{
    kernels->decimate_u8(out->f32, out->f32 + KERNEL_SAMPLES, in.u8, in.byte_taps_re,
                         in.byte_taps_im, TAPS, decimation, KERNEL_SAMPLES / decimation, 2.5f,
                         (const float[]){ 1000, -2000 });
}

static void gate_sums(const struct kernels *kernels, size_t delay, struct kernel_output *out)
{
    const float *i = in.f32 + delay, *q = in.f32 + KERNEL_SAMPLES + delay;
    for (size_t k = 0; k + BLOCK <= KERNEL_SAMPLES - TAPS; k += BLOCK) {
        struct gate_sums sums;
        kernels->gate_sums(&sums, i + k, q + k, delay, in.cosine, in.sine, BLOCK);
        memcpy(out->f32 + k, &sums, sizeof sums);
    }
}

static void interpolate(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    enum { AT_ONCE = 8, N = AT_ONCE * CPFSK_SUB };
    for (size_t k = 0; k < CHIPS; k += AT_ONCE) {
        const float *i = in.f32 + CPFSK_SUB * k;
        float *to = out->f32 + 2 * CPFSK_SUB * k;
        kernels->cpfsk_interpolate(to, to + N, i, i + KERNEL_SAMPLES, 1.3f, 1.003f, N);
    }
}

static void correlate(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    for (size_t k = 0; k < CHIPS; k++) {
        struct cpfsk_segment segment;
        kernels->cpfsk_correlate(&segment, &in.pulse, in.f32 + CPFSK_SUB * k,
                                 in.f32 + KERNEL_SAMPLES + CPFSK_SUB * k);
        memcpy(out->f32 + 16 * k, &segment, sizeof segment);
    }
}

static void forward_push(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    (void)unused;
    cpfsk_forward_init(&forward, kernels, &in.pulse, 0.3f, 1, 8, false);
    for (size_t k = 0; k < CHIPS; k++)
        kernels->cpfsk_forward_push(&forward, &in.segments[k]);
    memcpy(out->f32, &forward.survivors, sizeof forward.survivors);
    for (size_t k = 0; k < CHIPS; k++)
        out->s16[k] = (int16_t)forward.from_one[k];
}

/* Carrier and path of a chip: any. */
static struct cpfsk_path any_path(void)
{
    return (struct cpfsk_path){ in.segments, in.f32, in.f32 + CHIPS, in.path, CHIPS };
}

static void alpha_pass(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    static float alpha[CHIPS + 1][2][CPFSK_LABELS];
    const struct cpfsk_path path = any_path();
    (void)unused;
    kernels->cpfsk_alpha_pass(alpha, &path, &in.turns);
    memcpy(out->f32, alpha[CHIPS], sizeof alpha[CHIPS]);
}

static void beta_pass(const struct kernels *kernels, size_t unused, struct kernel_output *out)
{
    float beta[2][CPFSK_LABELS] = { { 0 } };
    const struct cpfsk_path path = any_path();
    (void)unused;
    kernels->cpfsk_beta_pass(out->f32, beta, in.alpha, &path, &in.turns);
}

/* Blocks of eight windows, as mode S has them at 400 ksps: 12 samples, two a chip. */
static void tone_block(const struct kernels *kernels, size_t window, struct kernel_output *out)
{
    enum { STEP = 6, BLOCK_KERNEL_SAMPLES = STEP * TONE_HOPS };
    struct tone_dft dft = { .n = window };
    memcpy(dft.cosine, in.f32, sizeof dft.cosine);
    memcpy(dft.sine, in.f32 + 1000, sizeof dft.sine);
    for (size_t k = 0; k < TONE_CALLS; k++) {
        const float *i = in.f32 + TAPS + BLOCK_KERNEL_SAMPLES * k;
        float *to = out->f32 + 3 * TONE_DFT_BINS * k;
        const struct tone_rows rows = { to, to + TONE_DFT_BINS, to + 2 * TONE_DFT_BINS };
        const size_t starts[TONE_HOPS] = { 0,        STEP,     2 * STEP, 3 * STEP,
                                           4 * STEP, 5 * STEP, 6 * STEP, 7 * STEP };
        kernels->tone_block(&rows, i, i + KERNEL_SAMPLES, starts, &dft);
    }
}

static void tone_sum(const struct kernels *kernels, size_t n_rows, struct kernel_output *out)
{
    for (size_t k = 0; k < TONE_CALLS; k++) {
        const float *rows[TONE_MAX_ROWS];
        for (size_t row = 0; row < n_rows; row++)
            rows[row] = in.f32 + TONE_BINS * (k + row);
        kernels->tone_sum(out->f32 + TONE_BINS * k, rows, n_rows, TONE_BINS);
    }
}

static void tone_any_pair(const struct kernels *kernels, size_t gap_max, struct kernel_output *out)
{
    for (size_t k = 0; k < TONE_CALLS; k++)
        out->s16[k] = (int16_t)kernels->tone_any_pair(in.f32 + TONE_BINS * k,
                                                      in.f32 + KERNEL_SAMPLES + TONE_BINS * k,
                                                      in.never, gap_max / 2, gap_max, TONE_BINS);
}

const struct kernel_call kernel_calls[] = {
    { "from_u8", "sample", KERNEL_SAMPLES, from_u8, 0 },
    { "from_s16", "sample", KERNEL_SAMPLES, from_s16, 0 },
    { "from_f32", "sample", KERNEL_SAMPLES, from_f32, 0 },
    { "sum_u8", "sample", KERNEL_SAMPLES, sum_u8, 0 },
    { "sum_s16", "sample", KERNEL_SAMPLES, sum_s16, 0 },
    { "sum_f32", "sample", KERNEL_SAMPLES, sum_f32, 0 },
    { "decimate by 2", "sample", KERNEL_SAMPLES, decimate, 2 },
    { "decimate by 4", "sample", KERNEL_SAMPLES, decimate, 4 },
    { "decimate by 8", "sample", KERNEL_SAMPLES, decimate, 8 },
    { "decimate_u8 by 2", "sample", KERNEL_SAMPLES, decimate_u8, 2 },
    { "decimate_u8 by 4", "sample", KERNEL_SAMPLES, decimate_u8, 4 },
    { "decimate_u8 by 8", "sample", KERNEL_SAMPLES, decimate_u8, 8 },
    { "gate_sums", "sample", KERNEL_SAMPLES - TAPS, gate_sums, 2 },
    { "tone_block", "window", TONE_CALLS *TONE_HOPS, tone_block, 12 },
    { "tone_sum of 7", "bin", TONE_CALLS *TONE_BINS, tone_sum, TONE_MAX_ROWS },
    { "tone_any_pair", "bin", TONE_CALLS *TONE_BINS, tone_any_pair, 8 },
    { "cpfsk_interpolate", "chip", CHIPS, interpolate, 0 },
    { "cpfsk_correlate", "chip", CHIPS, correlate, 0 },
    { "cpfsk_forward_push", "chip", CHIPS, forward_push, 0 },
    { "cpfsk_alpha_pass", "chip", CHIPS, alpha_pass, 0 },
    { "cpfsk_beta_pass", "chip", CHIPS, beta_pass, 0 },
};
const size_t n_kernel_calls = ARRAY_LEN(kernel_calls);
