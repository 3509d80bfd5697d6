/* SPDX-License-Identifier: MIT
 * What the receiver makes of nothing: Gaussian noise, as long as one likes, in which any telegram
 * is one too many. */
#include <math.h>
#include <stddef.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "apps/receiver/receiver.h"
#include "base/array_len.h"
#include "bench/byte_noise.h"
#include "bench/machine.h"

struct settings {
    double n, center, rate, sigma;
    unsigned seed;
    const char *modes, *simd;
    bool json, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'n', "n",      "SAMPLES", OPTION_NUMBER, FIELD(n),      "default: 1G" },
    { 'f', "center", "HZ",      OPTION_NUMBER, FIELD(center), "default: 868.85M, which holds all modes but R2's lowest channel" },
    { 's', "rate",   "SPS",     OPTION_NUMBER, FIELD(rate),   "default: 1.6M" },
    { 'm', "modes",  "LIST",    OPTION_TEXT,   FIELD(modes),  "as wmbus-rx has it; default: all" },
    {  0,  "sigma",  "STEPS",   OPTION_NUMBER, FIELD(sigma),  "of I, and of Q, in steps of cu8; default: 10" },
    {  0,  "seed",   "N",       OPTION_COUNT,  FIELD(seed),   "default: 1" },
    {  0,  "simd",   "LEVEL",   OPTION_TEXT,   FIELD(simd),   "as wmbus-rx has it" },
    {  0,  "json",   NULL,      OPTION_FLAG,   FIELD(json),   "one JSON object a line" },
    { 'h', "help",   NULL,      OPTION_FLAG,   FIELD(help),   "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_noise",
    .usage = "[OPTION]...",
    .description =
        "Gives noise to the receiver in this process and prints what it took for a\n"
        "telegram, each time when the samples have doubled, and at the end. Exit code 1\n"
        "if there was one.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
};

static void print_frame(void *user, const struct frame *frame)
{
    (void)user;
    printf("# %s at sample %.0f, %d mended:", frame->status == DECODE_OK ? "accepted" : "bad CRC",
           frame->rx.first_chip_sample, frame->rx.mended);
    for (size_t k = 0; k < frame->n; k++)
        printf(" %02X", frame->bytes[k]);
    printf("\n");
}

static void print_stats(const struct receiver_stats *s, double elapsed_s, bool json)
{
    const double msps = (double)s->samples / elapsed_s / 1e6;
    printf(json ? "{\"bench\":\"noise\",\"samples\":%llu,\"bursts\":%llu,\"syncs\":%llu,"
                  "\"bad_crc\":%llu,\"accepted\":%llu,\"msps\":%.1f}\n"
                : "samples %llu  bursts %llu  syncs %llu  bad CRC %llu  accepted %llu  Msps %.1f\n",
           (unsigned long long)s->samples, (unsigned long long)s->bursts,
           (unsigned long long)s->syncs, (unsigned long long)s->frames_bad_crc,
           (unsigned long long)s->frames_ok, msps);
    fflush(stdout);
}

static void push_noise(const struct settings *s, struct receiver *receiver)
{
    enum { PIECE = 1 << 16 };
    static struct byte_noise noise;
    static uint8_t cu8[2 * PIECE];
    const uint64_t n = (uint64_t)s->n;
    const double start_s = monotonic_s();
    uint64_t told = 500000000;
    byte_noise_init(&noise, s->sigma, s->seed);
    for (uint64_t at = 0; at < n; at += PIECE) {
        const size_t piece = n - at < PIECE ? (size_t)(n - at) : PIECE;
        byte_noise_fill(&noise, cu8, piece);
        receiver_push(receiver, cu8, piece);
        if (at >= 2 * told) {
            told = at;
            print_stats(receiver_stats(receiver), monotonic_s() - start_s, s->json);
        }
    }
    receiver_flush(receiver);
    print_stats(receiver_stats(receiver), monotonic_s() - start_s, s->json);
}

static bool run(const struct settings *s, struct err *err)
{
    struct receiver_config config = {
        .center_hz = s->center, .sample_rate_sps = s->rate, .format = IQ_CU8, .simd = s->simd
    };
    if (s->modes && !(config.modes = radio_modes_parse(s->modes)))
        return err_set(err, EXIT_USAGE, "option --modes: no such mode: %.60s", s->modes);
    struct receiver *receiver = receiver_open(&config, print_frame, NULL, err);
    if (!receiver)
        return false;
    push_noise(s, receiver);
    const bool ok = receiver_stats(receiver)->frames_ok == 0;
    receiver_close(receiver);
    return ok || err_set(err, EXIT_INTERNAL, "noise was taken for a telegram");
}

int main(int argc, char **argv)
{
    struct settings s = { .n = 1e9, .center = 868.85e6, .rate = 1.6e6, .sigma = 10, .seed = 1 };
    struct err err = { .exit_code = EXIT_OK };
    bool ok = options_parse(&program, argc, argv, &s, &err);
    if (ok && !(s.operands.n == 0 && s.n >= 1 && s.n <= 1e15 && s.sigma > 0))
        ok = err_set(&err, EXIT_USAGE, "expected options only, 1 to 10^15 samples, noise above 0");
    if (ok && s.help) {
        options_print_help(&program, stdout);
    } else if (ok) {
        machine_print(stdout, s.json);
        ok = run(&s, &err);
    }
    if (!ok)
        fprintf(stderr, "bench_noise: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
