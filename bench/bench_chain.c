/* SPDX-License-Identifier: MIT
 * Speed of the whole receiver on a recording or on noise, decoding and JSON included, where the
 * time goes, and what it finds there. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "apps/generator/gen_scene.h"
#include "apps/receiver/receiver.h"
#include "apps/telegrams/telegram_json.h"
#include "base/array_len.h"
#include "bench/machine.h"
#include "bench/recording.h"
#include "bench/runs.h"
#include "bench/score.h"
#include "bench/stages.h"
#include "decode/decoder.h"
#include "dsp/kernels/kernels.h"

enum { BLOCK_SAMPLES = 65536, NOISE_SAMPLES = 1 << 20, MAX_RUNS = 99 };

struct settings {
    double center, rate;
    unsigned repeat, runs;
    const char *simd, *modes;
    bool noise, stages, list, json, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'f', "center", "HZ",    OPTION_NUMBER, FIELD(center), "centre frequency, if the file name does not say" },
    { 's', "rate",   "SPS",   OPTION_NUMBER, FIELD(rate),   "sample rate, if the file name does not say" },
    {  0,  "repeat", "N",     OPTION_COUNT,  FIELD(repeat), "how often a run goes through the file; default: 100" },
    {  0,  "runs",   "N",     OPTION_COUNT,  FIELD(runs),   "default: 5" },
    { 'm', "modes",  "LIST",  OPTION_TEXT,   FIELD(modes),  "as wmbus-rx has it" },
    {  0,  "simd",   "LEVEL", OPTION_TEXT,   FIELD(simd),   "as wmbus-rx has it" },
    {  0,  "noise",  NULL,    OPTION_FLAG,   FIELD(noise),  "noise instead of FILE; default: 1.6 Msps at 868.95 MHz" },
    {  0,  "stages", NULL,    OPTION_FLAG,   FIELD(stages), "where the time goes, for each instruction set" },
    {  0,  "list",   NULL,    OPTION_FLAG,   FIELD(list),   "print what was missed or wrong" },
    {  0,  "json",   NULL,    OPTION_FLAG,   FIELD(json),   "one JSON object a line" },
    { 'h', "help",   NULL,    OPTION_FLAG,   FIELD(help),   "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_chain",
    .usage = "[OPTION]... FILE [TRUTH] | --noise",
    .description = "Reads a recording into memory and gives it to the receiver again and again. "
                   "TRUTH is what\n"
                   "wmbus-gen wrote about the recording: then found, wrong and duplicate telegrams "
                   "are counted.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
    .exit_codes = EXIT_SET(EXIT_FILE),
};

/* What the receiver reports to. */
struct chain {
    struct decoder *decoder;
    struct score *score;   /* NULL: not now */
    struct stages *stages; /* NULL: not now */
    bool list;
    unsigned telegrams;
    uint64_t json_bytes;
    double sample_rate_sps;
};

static int compare_times(const void *a, const void *b)
{
    double x = ((const struct transmission *)a)->time_s,
           y = ((const struct transmission *)b)->time_s;
    return x < y ? -1 : x > y;
}

static bool read_truth(const char *name, double sample_rate_sps, struct score *score,
                       struct err *err)
{
    const struct gen_defaults defaults = { .sample_rate_sps = sample_rate_sps };
    struct gen_scene scene;
    FILE *from = fopen(name, "r");
    if (!from)
        return err_set(err, EXIT_FILE, "cannot read %.200s", name);
    gen_scene_init(&scene, &defaults, 0);
    bool ok = gen_scene_read(&scene, from, name, 0, err);
    fclose(from);
    qsort(scene.transmissions, scene.n, sizeof *scene.transmissions, compare_times);
    for (size_t k = 0; k < scene.n && ok; k++) {
        const struct transmission *t = &scene.transmissions[k];
        struct sent sent = {
            .first_sync_sample = t->time_s * sample_rate_sps,
            .mode = t->burst.mode,
            .n = t->burst.n,
            .optional = t->cut,
        };
        memcpy(sent.telegram, t->telegram, sent.n);
        ok = score_expect(score, &sent) || err_set(err, EXIT_INTERNAL, "out of memory");
    }
    gen_scene_free(&scene);
    return ok;
}

static void print_telegram(const char *what, double time_s, const char *mode, const uint8_t *bytes,
                           size_t n)
{
    printf("%s %.6f s %s ", what, time_s, mode);
    for (size_t k = 0; k < n; k++)
        printf("%02x", bytes[k]);
    printf("\n");
}

static void score_one(struct chain *chain, const struct frame *frame)
{
    unsigned wrong = chain->score->wrong;
    score_frame(chain->score, frame);
    if (chain->list && chain->score->wrong > wrong)
        print_telegram("wrong ", frame->rx.first_chip_sample / chain->sample_rate_sps,
                       frame->rx.mode, frame->bytes, frame->n);
}

static void list_missed(const struct score *score, double sample_rate_sps)
{
    for (size_t k = 0; k < score->n; k++) {
        const struct sent *sent = &score->sent[k];
        if (!sent->found && !sent->optional)
            print_telegram("missed", sent->first_sync_sample / sample_rate_sps, sent->mode->name,
                           sent->telegram, sent->n);
    }
}

static void turn(struct chain *chain, unsigned stage)
{
    if (chain->stages)
        stages_turn(chain->stages, (enum receiver_stage)stage, NULL);
}

static void take_frame(void *user, const struct frame *frame)
{
    static struct telegram telegram;
    struct chain *chain = user;
    if (chain->score)
        score_one(chain, frame);
    if (frame->status != DECODE_OK)
        return;
    const struct telegram_origin origin = {
        .has_time = true,
        .time_s = frame->rx.first_chip_sample / chain->sample_rate_sps,
    };
    turn(chain, STAGE_DECODE);
    decoder_decode(chain->decoder, frame, (int64_t)(origin.time_s * 1e6), &telegram);
    turn(chain, STAGE_OUTPUT);
    struct json_object *json = telegram_json(&telegram, &origin, true);
    if (json)
        chain->json_bytes += strlen(telegram_json_text(json));
    json_object_put(json);
    chain->telegrams++;
}

/* Gives the recording to a new receiver `repeat` times without a break. */
static bool receive(const struct settings *s, const struct recording *r, unsigned repeat,
                    struct chain *chain, double *seconds, struct err *err)
{
    const struct stage_watch watch = { chain->stages ? stages_turn : NULL, chain->stages };
    const struct receiver_config config = {
        .center_hz = r->center_hz,
        .sample_rate_sps = r->sample_rate_sps,
        .format = r->format,
        .simd = s->simd,
        .modes = s->modes ? radio_modes_parse(s->modes) : 0,
    };
    if (s->modes && !config.modes)
        return err_set(err, EXIT_USAGE, "option --modes: not as wmbus-rx has it: %.40s", s->modes);
    size_t size = iq_sample_bytes(r->format);
    struct receiver *receiver = receiver_open(&config, take_frame, chain, err);
    if (!receiver)
        return false;
    receiver_watch_stages(receiver, &watch);
    chain->telegrams = 0;
    double start = monotonic_s();
    for (unsigned k = 0; k < repeat; k++)
        for (size_t at = 0; at < r->n; at += BLOCK_SAMPLES) {
            size_t n = r->n - at < BLOCK_SAMPLES ? r->n - at : BLOCK_SAMPLES;
            receiver_push(receiver, r->bytes + at * size, n);
        }
    receiver_flush(receiver);
    *seconds = monotonic_s() - start;
    receiver_close(receiver);
    return true;
}

/* Once through, against the truth. */
static bool count(const struct settings *s, const struct recording *r, struct chain *chain,
                  struct score *score, struct err *err)
{
    double seconds;
    if (s->operands.n > 1 && !read_truth(s->operands.items[1], r->sample_rate_sps, score, err))
        return false;
    chain->score = score;
    chain->list = s->list && s->operands.n > 1;
    bool ok = receive(s, r, 1, chain, &seconds, err);
    chain->score = NULL;
    if (ok && s->list)
        list_missed(score, r->sample_rate_sps);
    return ok;
}

/* Samples a second of each run, the slowest first. */
static bool measure(const struct settings *s, const struct recording *r, struct chain *chain,
                    double *sps, struct err *err)
{
    for (unsigned run = 0; run < s->runs; run++) {
        double seconds;
        if (!receive(s, r, s->repeat, chain, &seconds, err))
            return false;
        sps[run] = (double)r->n * s->repeat / seconds;
    }
    runs_sort(sps, s->runs);
    return true;
}

static void print(const struct settings *s, const struct recording *r, unsigned telegrams,
                  const struct score *score, const double *sps)
{
    double median = sps[s->runs / 2], best = sps[s->runs - 1];
    if (s->json) {
        printf("{\"bench\":\"chain\",\"samples\":%zu,\"repeat\":%u,\"runs\":%u,\"median_sps\":%.0f,"
               "\"best_sps\":%.0f,\"telegrams\":%u",
               r->n, s->repeat, s->runs, median, best, telegrams);
        if (s->operands.n > 1)
            printf(",\"expected\":%u,\"found\":%u,\"wrong\":%u,\"duplicate\":%u,\"mended\":%u",
                   score->expected, score->right, score->wrong, score->duplicate, score->mended);
        printf("}\n");
        return;
    }
    printf("recording %zu samples at %.0f a second, %u times, %u runs\n", r->n, r->sample_rate_sps,
           s->repeat, s->runs);
    printf("speed     median %.1f, best %.1f million samples a second: %.0f times real time\n",
           median / 1e6, best / 1e6, median / r->sample_rate_sps);
    printf("telegrams %u in one pass\n", telegrams);
    if (s->operands.n > 1)
        printf("found     %u of %u, %u mended; wrong %u, duplicate %u\n", score->right,
               score->expected, score->mended, score->wrong, score->duplicate);
}

/* ---- where the time goes ------------------------------------------------------------------ */

static bool measure_stages(const struct settings *s, const struct recording *r, struct chain *chain,
                           struct stages *best, struct err *err)
{
    struct stages stages;
    bool ok = true;
    stages_open(&stages);
    chain->stages = &stages;
    for (unsigned run = 0; run < s->runs && ok; run++) {
        double seconds;
        stages_reset(&stages);
        ok = receive(s, r, s->repeat, chain, &seconds, err);
        stages_stop(&stages);
        if (run == 0 || stages_total(&stages) < stages_total(best))
            *best = stages;
    }
    chain->stages = NULL;
    stages_close(&stages);
    return ok;
}

static bool run_stages(const struct settings *s, const struct recording *r, struct chain *chain,
                       struct err *err)
{
    static struct stage_table table;
    for (size_t k = 0; kernels_row(k) && table.n < STAGES_MAX_SIMD; k++) {
        struct settings with = *s;
        with.simd = kernels_row(k)->name;
        if (kernels_find(with.simd) != kernels_row(k) ||
            (s->simd && strcmp(s->simd, with.simd) != 0))
            continue;
        table.simd[table.n] = with.simd;
        if (!measure_stages(&with, r, chain, &table.stages[table.n++], err))
            return false;
    }
    (s->json ? stage_table_print_json : stage_table_print)(
        stdout, &table, s->noise ? "noise" : "file", (double)r->n * s->repeat);
    return true;
}

static bool run_bench(const struct settings *s, struct recording *r, struct chain *chain,
                      struct score *score, struct err *err)
{
    double sps[MAX_RUNS];
    if (!(s->noise ? recording_make_noise(r, NOISE_SAMPLES, s->center, s->rate, err)
                   : recording_read(r, s->operands.items[0], s->center, s->rate, err)))
        return false;
    score_init(score, r->sample_rate_sps);
    chain->sample_rate_sps = r->sample_rate_sps;
    chain->decoder = decoder_open(NULL, 0);
    if (!chain->decoder)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    if (!count(s, r, chain, score, err))
        return false;
    unsigned telegrams = chain->telegrams;
    if (!measure(s, r, chain, sps, err))
        return false;
    print(s, r, telegrams, score, sps);
    return !s->stages || run_stages(s, r, chain, err);
}

static bool check(struct settings *s, struct err *err)
{
    const bool files = s->noise ? s->operands.n == 0 : s->operands.n >= 1 && s->operands.n <= 2;
    if (s->noise && s->center <= 0)
        s->center = 868.95e6;
    if (s->noise && s->rate <= 0)
        s->rate = 1.6e6;
    return (files && s->repeat > 0 && s->runs > 0 && s->runs <= MAX_RUNS) ||
           err_set(err, EXIT_USAGE,
                   "expected FILE [TRUTH] or --noise, --repeat from 1 on, --runs 1 to %d",
                   MAX_RUNS);
}

int main(int argc, char **argv)
{
    struct settings s = { .repeat = 100, .runs = 5 };
    struct err err = { .exit_code = EXIT_OK };
    struct recording recording = { .n = 0 };
    struct chain chain = { .decoder = NULL };
    struct score score = { .n = 0 };
    bool ok = options_parse(&program, argc, argv, &s, &err);
    if (ok && s.help) {
        options_print_help(&program, stdout);
    } else if (ok && check(&s, &err)) {
        machine_print(stdout, s.json);
        run_bench(&s, &recording, &chain, &score, &err);
    }
    if (err.exit_code != EXIT_OK)
        fprintf(stderr, "bench_chain: %s\n", err.text);
    decoder_close(chain.decoder);
    score_free(&score);
    recording_free(&recording);
    options_free(&program, &s);
    return err.exit_code;
}
