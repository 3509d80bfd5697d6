/* SPDX-License-Identifier: MIT
 * Speed of each kernel with each instruction set that this CPU runs. The result is compared with
 * that of the plain C before it is timed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "base/array_len.h"
#include "bench/cycles.h"
#include "bench/machine.h"
#include "bench/runs.h"
#include "dsp/cpfsk_trellis.h"
#include "dsp/kernels/kernels.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum {
    SAMPLES = 8192, /* complex, of one call: the input stays in the second cache              */
    CHIPS = 512,    /* of one call                                                            */
    TAPS = 32,      /* of all channels at 1.6 Msps                                            */
    BLOCK = 32,     /* samples that the burst gate sums at once: 8 chips at 400 ksps          */
    TONE_CALLS = 64,
    TONE_BINS = 64,
    TONE_MAX_ROWS = 7,
    MAX_RUNS = 999,
};
static const double run_s = 2e-3; /* least duration of a run */

/* ---- input and output --------------------------------------------------------------------- */

static struct input {
    uint8_t u8[2 * (SAMPLES + TAPS)];
    int16_t s16[2 * (SAMPLES + TAPS)];
    float f32[2 * (SAMPLES + TAPS)];
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

/* Whatever a kernel writes; the rest is zero. */
struct output {
    float f32[2 * SAMPLES];
    int16_t s16[2 * SAMPLES];
};

static struct output expected, out;
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

static void fill_input(void)
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

static void from_u8(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    kernels->from_u8(out.s16, in.u8, 2 * SAMPLES, 64, (const int16_t[]){ 8160, 8170 });
}

static void from_s16(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    kernels->from_s16(out.s16, in.s16, 2 * SAMPLES, (const int16_t[]){ 12, -30 });
}

static void from_f32(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    kernels->from_f32(out.s16, in.f32, 2 * SAMPLES, 8192, (const int16_t[]){ 12, -30 });
}

static void sum_u8(const struct kernels *kernels, size_t unused)
{
    int32_t sums[2];
    (void)unused;
    kernels->sum_u8(sums, in.u8, 2 * SAMPLES);
    out.f32[0] = (float)sums[0];
    out.f32[1] = (float)sums[1];
}

static void sum_s16(const struct kernels *kernels, size_t unused)
{
    int32_t sums[2];
    (void)unused;
    kernels->sum_s16(sums, in.s16, 2 * SAMPLES);
    out.f32[0] = (float)sums[0];
    out.f32[1] = (float)sums[1];
}

static void sum_f32(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    kernels->sum_f32(out.f32, in.f32, 2 * SAMPLES, 4);
}

static void decimate(const struct kernels *kernels, size_t decimation)
{
    kernels->decimate(out.f32, out.f32 + SAMPLES, in.s16, in.taps_re, in.taps_im, TAPS, decimation,
                      SAMPLES / decimation);
}

static void decimate_u8(const struct kernels *kernels, size_t decimation)
{
    kernels->decimate_u8(out.f32, out.f32 + SAMPLES, in.u8, in.byte_taps_re, in.byte_taps_im, TAPS,
                         decimation, SAMPLES / decimation, 2.5f, (const float[]){ 1000, -2000 });
}

static void gate_sums(const struct kernels *kernels, size_t delay)
{
    const float *i = in.f32 + delay, *q = in.f32 + SAMPLES + delay;
    for (size_t k = 0; k + BLOCK <= SAMPLES - TAPS; k += BLOCK) {
        struct gate_sums sums;
        kernels->gate_sums(&sums, i + k, q + k, delay, in.cosine, in.sine, BLOCK);
        memcpy(out.f32 + k, &sums, sizeof sums);
    }
}

static void interpolate(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    enum { AT_ONCE = 8, N = AT_ONCE * CPFSK_SUB };
    for (size_t k = 0; k < CHIPS; k += AT_ONCE) {
        const float *i = in.f32 + CPFSK_SUB * k;
        float *to = out.f32 + 2 * CPFSK_SUB * k;
        kernels->cpfsk_interpolate(to, to + N, i, i + SAMPLES, 1.3f, 1.003f, N);
    }
}

static void correlate(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    for (size_t k = 0; k < CHIPS; k++) {
        struct cpfsk_segment segment;
        kernels->cpfsk_correlate(&segment, &in.pulse, in.f32 + CPFSK_SUB * k,
                                 in.f32 + SAMPLES + CPFSK_SUB * k);
        memcpy(out.f32 + 16 * k, &segment, sizeof segment);
    }
}

static void forward_push(const struct kernels *kernels, size_t unused)
{
    (void)unused;
    cpfsk_forward_init(&forward, kernels, &in.pulse, 0.3f, 0, 1, 8);
    for (size_t k = 0; k < CHIPS; k++)
        kernels->cpfsk_forward_push(&forward, &in.segments[k]);
    memcpy(out.f32, &forward.survivors, sizeof forward.survivors);
    for (size_t k = 0; k < CHIPS; k++)
        out.s16[k] = (int16_t)forward.from_one[k];
}

/* Carrier and path of a chip: any. */
static struct cpfsk_path any_path(void)
{
    return (struct cpfsk_path){ in.segments, in.f32, in.f32 + CHIPS, in.path, CHIPS };
}

static void alpha_pass(const struct kernels *kernels, size_t unused)
{
    static float alpha[CHIPS + 1][2][CPFSK_LABELS];
    const struct cpfsk_path path = any_path();
    (void)unused;
    kernels->cpfsk_alpha_pass(alpha, &path, &in.turns);
    memcpy(out.f32, alpha[CHIPS], sizeof alpha[CHIPS]);
}

static void beta_pass(const struct kernels *kernels, size_t unused)
{
    float beta[2][CPFSK_LABELS] = { { 0 } };
    const struct cpfsk_path path = any_path();
    (void)unused;
    kernels->cpfsk_beta_pass(out.f32, beta, in.alpha, &path, &in.turns);
}

/* Blocks of eight windows, as mode S has them at 400 ksps: 12 samples, two a chip. */
static void tone_block(const struct kernels *kernels, size_t window)
{
    enum { STEP = 6, BLOCK_SAMPLES = STEP * TONE_HOPS };
    struct tone_dft dft = { .n = window };
    memcpy(dft.cosine, in.f32, sizeof dft.cosine);
    memcpy(dft.sine, in.f32 + 1000, sizeof dft.sine);
    for (size_t k = 0; k < TONE_CALLS; k++) {
        const float *i = in.f32 + TAPS + BLOCK_SAMPLES * k;
        float *to = out.f32 + 3 * TONE_DFT_BINS * k;
        const struct tone_rows rows = { to, to + TONE_DFT_BINS, to + 2 * TONE_DFT_BINS };
        const size_t starts[TONE_HOPS] = { 0,        STEP,     2 * STEP, 3 * STEP,
                                           4 * STEP, 5 * STEP, 6 * STEP, 7 * STEP };
        kernels->tone_block(&rows, i, i + SAMPLES, starts, &dft);
    }
}

static void tone_sum(const struct kernels *kernels, size_t n_rows)
{
    for (size_t k = 0; k < TONE_CALLS; k++) {
        const float *rows[TONE_MAX_ROWS];
        for (size_t row = 0; row < n_rows; row++)
            rows[row] = in.f32 + TONE_BINS * (k + row);
        kernels->tone_sum(out.f32 + TONE_BINS * k, rows, n_rows, TONE_BINS);
    }
}

static void tone_any_pair(const struct kernels *kernels, size_t gap_max)
{
    for (size_t k = 0; k < TONE_CALLS; k++)
        out.s16[k] = (int16_t)kernels->tone_any_pair(in.f32 + TONE_BINS * k,
                                                     in.f32 + SAMPLES + TONE_BINS * k, in.never,
                                                     gap_max / 2, gap_max, TONE_BINS);
}

/* Of samples at the rate at which the kernel takes them, or of what unit says. */
static const struct kernel {
    const char *name, *unit;
    size_t n;
    void (*run)(const struct kernels *kernels, size_t parameter);
    size_t parameter;
} list[] = {
    { "from_u8", "sample", SAMPLES, from_u8, 0 },
    { "from_s16", "sample", SAMPLES, from_s16, 0 },
    { "from_f32", "sample", SAMPLES, from_f32, 0 },
    { "sum_u8", "sample", SAMPLES, sum_u8, 0 },
    { "sum_s16", "sample", SAMPLES, sum_s16, 0 },
    { "sum_f32", "sample", SAMPLES, sum_f32, 0 },
    { "decimate by 2", "sample", SAMPLES, decimate, 2 },
    { "decimate by 4", "sample", SAMPLES, decimate, 4 },
    { "decimate by 8", "sample", SAMPLES, decimate, 8 },
    { "decimate_u8 by 2", "sample", SAMPLES, decimate_u8, 2 },
    { "decimate_u8 by 4", "sample", SAMPLES, decimate_u8, 4 },
    { "decimate_u8 by 8", "sample", SAMPLES, decimate_u8, 8 },
    { "gate_sums", "sample", SAMPLES - TAPS, gate_sums, 2 },
    { "tone_block", "window", TONE_CALLS *TONE_HOPS, tone_block, 12 },
    { "tone_sum of 7", "bin", TONE_CALLS *TONE_BINS, tone_sum, TONE_MAX_ROWS },
    { "tone_any_pair", "bin", TONE_CALLS *TONE_BINS, tone_any_pair, 8 },
    { "cpfsk_interpolate", "chip", CHIPS, interpolate, 0 },
    { "cpfsk_correlate", "chip", CHIPS, correlate, 0 },
    { "cpfsk_forward_push", "chip", CHIPS, forward_push, 0 },
    { "cpfsk_alpha_pass", "chip", CHIPS, alpha_pass, 0 },
    { "cpfsk_beta_pass", "chip", CHIPS, beta_pass, 0 },
};

/* ---- measurement -------------------------------------------------------------------------- */

struct settings {
    const char *kernel, *simd;
    unsigned runs;
    bool json, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'k', "kernel", "NAME",  OPTION_TEXT,  FIELD(kernel), "only kernels whose names begin so" },
    {  0,  "simd",   "LEVEL", OPTION_TEXT,  FIELD(simd),   "only this one, as wmbus-rx has it" },
    {  0,  "runs",   "N",     OPTION_COUNT, FIELD(runs),   "of each, of 2 ms or more; default: 31" },
    {  0,  "json",   NULL,    OPTION_FLAG,  FIELD(json),   "one JSON object a line" },
    { 'h', "help",   NULL,    OPTION_FLAG,  FIELD(help),   "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_kernels",
    .usage = "[OPTION]...",
    .description = "Measures each kernel with each instruction set of this CPU: cycles a sample, "
                   "and millions\nof samples a second, or the same of chips. Best and median.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
};

/* Sums in another order and FMA round differently. */
static bool same_output(void)
{
    static const float of_largest = 1e-5f;
    float largest = 0;
    for (size_t k = 0; k < ARRAY_LEN(out.f32); k++)
        largest = fmaxf(largest, fabsf(expected.f32[k]));
    for (size_t k = 0; k < ARRAY_LEN(out.f32); k++)
        if (!(fabsf(out.f32[k] - expected.f32[k]) <= of_largest * largest) ||
            abs(out.s16[k] - expected.s16[k]) > 1)
            return false;
    return true;
}

static bool is_right(const struct kernel *kernel, const struct kernels *kernels)
{
    memset(&out, 0, sizeof out);
    kernel->run(kernels_find("scalar"), kernel->parameter);
    expected = out;
    memset(&out, 0, sizeof out);
    kernel->run(kernels, kernel->parameter);
    return same_output();
}

/* Calls that take run_s; warms up at the same time. */
static unsigned calls_of_run(const struct kernel *kernel, const struct kernels *kernels)
{
    unsigned calls = 0;
    const double end = monotonic_s() + 2 * run_s;
    for (; monotonic_s() < end || calls < 2; calls++)
        kernel->run(kernels, kernel->parameter);
    return calls / 2;
}

/* Best and median of the runs. */
struct measured {
    double cycles[2], per_second[2];
};

static struct measured measure(const struct kernel *kernel, const struct kernels *kernels,
                               const struct cycles *counter, unsigned runs)
{
    double cycles[MAX_RUNS], seconds[MAX_RUNS];
    const unsigned calls = calls_of_run(kernel, kernels);
    const double n = (double)calls * (double)kernel->n;
    for (unsigned run = 0; run < runs; run++) {
        const double start_s = monotonic_s();
        const uint64_t start = cycles_now(counter);
        for (unsigned call = 0; call < calls; call++)
            kernel->run(kernels, kernel->parameter);
        cycles[run] = (double)(cycles_now(counter) - start) / n;
        seconds[run] = (monotonic_s() - start_s) / n;
    }
    runs_sort(cycles, runs);
    runs_sort(seconds, runs);
    return (struct measured){ { cycles[0], cycles[runs / 2] },
                              { 1 / seconds[0], 1 / seconds[runs / 2] } };
}

static void print(const struct settings *s, const struct kernel *kernel,
                  const struct kernels *kernels, const struct measured *m, const char *unit)
{
    if (s->json)
        printf(
            "{\"bench\":\"kernels\",\"kernel\":\"%s\",\"simd\":\"%s\",\"per\":\"%s\",\"counter\":"
            "\"%s\",\"best_cycles\":%.3f,\"median_cycles\":%.3f,\"best_per_s\":%.0f,"
            "\"median_per_s\":%.0f}\n",
            kernel->name, kernels->name, kernel->unit, unit, m->cycles[0], m->cycles[1],
            m->per_second[0], m->per_second[1]);
    else
        printf("%-18s  %-7s  %-6s  %8.2f  %8.2f  %8.1f  %8.1f\n", kernel->name, kernels->name,
               kernel->unit, m->cycles[0], m->cycles[1], m->per_second[0] / 1e6,
               m->per_second[1] / 1e6);
    fflush(stdout);
}

/* One kernel with each row of the table. */
static bool run_kernel(const struct settings *s, const struct kernel *kernel,
                       const struct cycles *counter, struct err *err)
{
    for (size_t k = 0; kernels_row(k); k++) {
        const struct kernels *kernels = kernels_row(k);
        if (kernels_find(kernels->name) != kernels ||
            (s->simd && strcmp(s->simd, kernels->name) != 0))
            continue;
        if (!is_right(kernel, kernels))
            return err_set(err, EXIT_INTERNAL, "%s of %s differs from the plain C", kernel->name,
                           kernels->name);
        const struct measured m = measure(kernel, kernels, counter, s->runs);
        print(s, kernel, kernels, &m, counter->unit);
    }
    return true;
}

static bool run_all(const struct settings *s, struct err *err)
{
    struct cycles counter;
    bool ok = true;
    cycles_open(&counter);
    fill_input();
    machine_print(stdout, s->json);
    if (!s->json)
        printf("counter   %s\n\n%-18s  %-7s  %-6s  %8s  %8s  %8s  %8s\n", counter.unit, "kernel",
               "simd", "per", "best", "median", "best M/s", "median");
    for (size_t k = 0; k < ARRAY_LEN(list) && ok; k++)
        if (!s->kernel || strncmp(list[k].name, s->kernel, strlen(s->kernel)) == 0)
            ok = run_kernel(s, &list[k], &counter, err);
    cycles_close(&counter);
    return ok;
}

static bool check(const struct settings *s, struct err *err)
{
    if (s->operands.n > 0 || s->runs < 1 || s->runs > MAX_RUNS)
        return err_set(err, EXIT_USAGE, "expected options only, --runs 1 to %d", MAX_RUNS);
    return !s->simd || kernels_find(s->simd) ||
           err_set(err, EXIT_USAGE, "this computer has no kernels named \"%s\"", s->simd);
}

int main(int argc, char **argv)
{
    struct settings s = { .runs = 31 };
    struct err err = { .exit_code = EXIT_OK };
    bool ok = options_parse(&program, argc, argv, &s, &err);
    if (ok && s.help)
        options_print_help(&program, stdout);
    else
        ok = ok && check(&s, &err) && run_all(&s, &err);
    if (!ok)
        fprintf(stderr, "bench_kernels: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
