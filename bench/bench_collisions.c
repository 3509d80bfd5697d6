/* SPDX-License-Identifier: MIT
 * Telegrams that overlap: of two bursts the stronger, and a house full of meters. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "apps/generator/air.h"
#include "apps/generator/iq_write.h"
#include "apps/receiver/receiver.h"
#include "base/array_len.h"
#include "bench/machine.h"
#include "bench/score.h"
#include "decode/random_telegram.h"

enum { T1 = 0, C1_A = 1, C1_B = 2, S1 = 3 }; /* rows of radio_modes[] */

struct settings {
    const char *scene, *simd;
    double offset;
    unsigned n, seed;
    bool json, missed, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    {  0,  "scene",  "NAME",  OPTION_TEXT,  FIELD(scene),  "pair6, pair10 or house; default: all" },
    { 'n', "n",      "N",     OPTION_COUNT, FIELD(n),      "pairs, or meters in the house (200 a minute);\ndefault: 1000" },
    {  0,  "offset", "HZ",    OPTION_NUMBER, FIELD(offset), "largest carrier offset; default: 40k" },
    {  0,  "seed",   "N",     OPTION_COUNT, FIELD(seed),   "default: 1" },
    {  0,  "simd",   "LEVEL", OPTION_TEXT,  FIELD(simd),   "as wmbus-rx has it" },
    {  0,  "missed", NULL,    OPTION_FLAG,  FIELD(missed), "list the telegrams that count and were missed" },
    {  0,  "json",   NULL,    OPTION_FLAG,  FIELD(json),   "one JSON object a line" },
    { 'h', "help",   NULL,    OPTION_FLAG,  FIELD(help),   "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_collisions",
    .usage = "[OPTION]...",
    .description = "Generates telegrams that overlap, gives them to the receiver in this process,\n"
                   "and prints how many it got right of those that nothing as strong covers.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
};

/* ---- what is sent ------------------------------------------------------------------------- */

enum { TELEGRAM_BYTES = 47 };

struct scene {
    struct air_config air;
    double duration_s, offset_hz; /* largest carrier offset */
    struct transmission *sent;    /* in order of time */
    size_t n;
};

static void add(struct scene *scene, struct rng *rng, size_t row, double time_s, double ecn0_db)
{
    struct transmission *t = &scene->sent[scene->n++];
    memset(t, 0, sizeof *t);
    random_telegram(rng_u64(rng), t->telegram, TELEGRAM_BYTES);
    t->burst = (struct burst){
        .mode = &radio_modes[row],
        .n = TELEGRAM_BYTES,
        .offset_hz = rng_uniform(rng, -scene->offset_hz, scene->offset_hz),
        .clock_error = rng_uniform(rng, -0.005, 0.005),
        .bt = row == C1_A || row == C1_B ? 0.5 : 0,
        .phase_rad = rng_uniform(rng, 0, 6.28),
        .preamble_pairs = row == S1 && rng_u64(rng) >> 63 ? 15 : 0,
        .postamble_chips = 2,
    };
    t->burst.amplitude =
        burst_amplitude(&t->burst, ecn0_db, scene->air.noise_sigma, scene->air.sample_rate_sps);
    t->time_s = time_s;
}

/* Pairs of T1, the one 25 dB, the other so much weaker, that overlap anywhere. */
static void fill_pairs(struct scene *scene, struct rng *rng, size_t n, double difference_db)
{
    static const double strong_db = 25, air_s = 7.1e-3, pair_s = 25e-3;
    for (size_t k = 0; k < n; k++) {
        const double time_s = (double)(k + 1) * pair_s;
        add(scene, rng, T1, time_s, strong_db);
        add(scene, rng, T1, time_s + rng_uniform(rng, -air_s, air_s), strong_db - difference_db);
    }
    scene->duration_s = (double)(n + 2) * pair_s;
}

/* Meters of all kinds at random times, near and far. */
static void fill_house(struct scene *scene, struct rng *rng, size_t n, double seconds_a_meter)
{
    static const size_t rows[] = { T1, C1_A, C1_B, S1 };
    static const double least_db = 15, most_db = 55, margin_s = 0.1;
    const double duration_s = (double)n * seconds_a_meter;
    for (size_t k = 0; k < n; k++)
        add(scene, rng, rows[k % ARRAY_LEN(rows)], margin_s + rng_uniform(rng, 0, duration_s),
            rng_uniform(rng, least_db, most_db));
    scene->duration_s = duration_s + 2 * margin_s;
}

// clang-format off
static const struct scene_row {
    const char *name, *what;
    void (*fill)(struct scene *scene, struct rng *rng, size_t n, double parameter);
    double parameter;
    unsigned bursts_each;
    double center_hz, amplitude, ecn0_db; /* amplitude in steps of cu8; the Ec/N0 of T1 it has */
} scene_rows[] = {
    { "pair6",  "two of T1 that overlap, 25 dB and 19 dB",               fill_pairs, 6,   2, 868.95e6,  16, 25 },
    { "pair10", "two of T1 that overlap, 25 dB and 15 dB",               fill_pairs, 10,  2, 868.95e6,  16, 25 },
    { "house",  "200 of T1, C1 and S1 a minute, each of 15 to 55 dB",    fill_house, 0.3, 1, 868.625e6, 127, 55 },
};
// clang-format on

static int compare_times(const void *a, const void *b)
{
    const double x = ((const struct transmission *)a)->time_s;
    const double y = ((const struct transmission *)b)->time_s;
    return (x > y) - (x < y);
}

static bool fill(struct scene *scene, const struct scene_row *row, const struct settings *s)
{
    static const double rate_sps = 1.6e6;
    const struct burst reference = { .mode = &radio_modes[T1],
                                     .amplitude = row->amplitude / full_scale_steps };
    struct rng rng;
    *scene = (struct scene){
        .air = { .sample_rate_sps = rate_sps,
                 .center_hz = row->center_hz,
                 .noise_sigma = burst_noise_sigma(&reference, row->ecn0_db, rate_sps),
                 .gain = 1,
                 .noise_seed = s->seed },
        .offset_hz = s->offset,
        .sent = calloc((size_t)row->bursts_each * s->n, sizeof *scene->sent),
    };
    if (!scene->sent)
        return false;
    rng_init(&rng, s->seed);
    row->fill(scene, &rng, s->n, row->parameter);
    qsort(scene->sent, scene->n, sizeof *scene->sent, compare_times);
    return true;
}

/* ---- what counts -------------------------------------------------------------------------- */

/* One that is less than this weaker counts as strong as another. */
static const double least_difference_db = 5.9;

static bool overlap(const struct transmission *a, const struct transmission *b)
{
    return a->first_sample < b->first_sample + (int64_t)b->n_samples &&
           b->first_sample < a->first_sample + (int64_t)a->n_samples;
}

/* Does another on the same frequency, about as strong or stronger, cover a part of it? */
static bool is_covered(const struct scene *scene, const struct transmission *t)
{
    for (size_t k = 0; k < scene->n; k++) {
        const struct transmission *other = &scene->sent[k];
        const double weaker_db = 20 * log10(t->burst.amplitude / other->burst.amplitude);
        if (other != t && overlap(t, other) && weaker_db < least_difference_db &&
            t->burst.mode->frequency_hz == other->burst.mode->frequency_hz)
            return true;
    }
    return false;
}

/* Of two that overlap, was it there first? */
static bool is_interrupted(const struct scene *scene, const struct transmission *t)
{
    const size_t k = (size_t)(t - scene->sent);
    return k + 1 < scene->n && overlap(t, &scene->sent[k + 1]);
}

/* False without memory. */
static bool expect_all(const struct scene *scene, struct score *score)
{
    for (size_t k = 0; k < scene->n; k++) {
        const struct transmission *t = &scene->sent[k];
        struct sent sent = { .first_sync_sample = t->time_s * scene->air.sample_rate_sps,
                             .mode = t->burst.mode,
                             .n = t->burst.n,
                             .optional = is_covered(scene, t) };
        memcpy(sent.telegram, t->telegram, t->burst.n);
        if (!score_expect(score, &sent))
            return false;
    }
    return true;
}

/* ---- the receiver ------------------------------------------------------------------------- */

static void count_frame(void *score, const struct frame *frame)
{
    score_frame(score, frame);
}

static bool push_all(struct receiver *receiver, struct air *air, size_t n)
{
    enum { PIECE = 4096 };
    float i[PIECE], q[PIECE];
    uint8_t cu8[2 * PIECE];
    for (size_t at = 0; at < n; at += PIECE) {
        if (!air_read(air, i, q, PIECE))
            return false;
        iq_write(IQ_CU8, i, q, PIECE, cu8);
        receiver_push(receiver, cu8, PIECE);
    }
    receiver_flush(receiver);
    return true;
}

static bool receive(struct scene *scene, const char *simd, struct score *score, struct err *err)
{
    const struct receiver_config config = { .center_hz = scene->air.center_hz,
                                            .sample_rate_sps = scene->air.sample_rate_sps,
                                            .format = IQ_CU8,
                                            .simd = simd };
    size_t bad;
    struct air *air = air_open(&scene->air, scene->sent, scene->n, &bad);
    struct receiver *receiver = receiver_open(&config, count_frame, score, err);
    bool ok = receiver != NULL;
    if (ok && !(air && expect_all(scene, score) &&
                push_all(receiver, air, (size_t)(scene->duration_s * config.sample_rate_sps))))
        ok = err_set(err, EXIT_INTERNAL, "out of memory");
    receiver_close(receiver);
    air_close(air);
    return ok;
}

/* ---- results ------------------------------------------------------------------------------ */

struct counts {
    unsigned sent, right;
};

static struct counts count(const struct scene *scene, const struct score *score, bool interrupted)
{
    struct counts counts = { 0, 0 };
    for (size_t k = 0; k < scene->n; k++) {
        if (score->sent[k].optional || is_interrupted(scene, &scene->sent[k]) != interrupted)
            continue;
        counts.sent++;
        counts.right += score->sent[k].found;
    }
    return counts;
}

static void print_result(const struct scene_row *row, const struct scene *scene,
                         const struct score *score, bool json)
{
    const struct counts first = count(scene, score, true), others = count(scene, score, false);
    const unsigned right = first.right + others.right, sent = first.sent + others.sent;
    const double percent = sent ? 100.0 * right / sent : 0;
    if (json)
        printf("{\"bench\":\"collisions\",\"scene\":\"%s\",\"sent\":%zu,\"counted\":%u,"
               "\"right\":%u,\"interrupted\":%u,\"interrupted_right\":%u,\"wrong\":%u,"
               "\"duplicate\":%u}\n",
               row->name, scene->n, sent, right, first.sent, first.right, score->wrong,
               score->duplicate);
    else
        printf("%-7s %s\n        right: %u of %u that count (%.2f %%); of those that another "
               "interrupted %u of %u\n        wrong: %u, duplicate: %u\n",
               row->name, row->what, right, sent, percent, first.right, first.sent, score->wrong,
               score->duplicate);
    fflush(stdout);
}

static void print_missed(const struct scene *scene, const struct score *score)
{
    for (size_t k = 0; k < scene->n; k++) {
        const struct transmission *t = &scene->sent[k];
        if (score->sent[k].optional || score->sent[k].found)
            continue;
        printf("        missed: %.6f s, %s, amplitude %.2f, %+.0f Hz\n", t->time_s,
               t->burst.mode->name, full_scale_steps * t->burst.amplitude, t->burst.offset_hz);
    }
}

static bool run_scene(const struct scene_row *row, const struct settings *s, struct err *err)
{
    struct scene scene;
    struct score score;
    if (!fill(&scene, row, s))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    score_init(&score, scene.air.sample_rate_sps);
    const bool ok = receive(&scene, s->simd, &score, err);
    if (ok)
        print_result(row, &scene, &score, s->json);
    if (ok && s->missed)
        print_missed(&scene, &score);
    score_free(&score);
    free(scene.sent);
    return ok;
}

static bool run_all(const struct settings *s, struct err *err)
{
    unsigned done = 0;
    for (size_t k = 0; k < ARRAY_LEN(scene_rows); k++) {
        if (s->scene && strcmp(s->scene, scene_rows[k].name) != 0)
            continue;
        if (!run_scene(&scene_rows[k], s, err))
            return false;
        done++;
    }
    return done > 0 || err_set(err, EXIT_USAGE, "no such scene: %.40s; see --help", s->scene);
}

int main(int argc, char **argv)
{
    struct settings s = { .n = 1000, .seed = 1, .offset = 40e3 };
    struct err err = { .exit_code = EXIT_OK };
    bool ok = options_parse(&program, argc, argv, &s, &err);
    if (ok && (s.operands.n > 0 || s.n == 0))
        ok = err_set(&err, EXIT_USAGE, "expected options only, and at least one burst");
    if (ok && s.help) {
        options_print_help(&program, stdout);
    } else if (ok) {
        machine_print(stdout, s.json);
        ok = run_all(&s, &err);
    }
    if (!ok)
        fprintf(stderr, "bench_collisions: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
