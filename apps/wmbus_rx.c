/* SPDX-License-Identifier: MIT
 * wmbus-rx: IQ recordings in, telegrams and readings of wireless M-Bus meters out. */
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/clock.h"
#include "apps/config.h"
#include "apps/decoders.h"
#include "apps/driver_file.h"
#include "apps/exit_codes.h"
#include "apps/format_file.h"
#include "apps/options.h"
#include "apps/output.h"
#include "apps/progress.h"
#include "apps/session.h"
#include "apps/source.h"
#include "apps/summary.h"
#include "apps/utc.h"
#include "decode/radio_mode.h"

enum {
    DEFAULT_BLOCK_SAMPLES = 65536,
    MAX_BLOCK_SAMPLES = 1 << 24,
    WAIT_LIMIT_MS = 10000,
};

struct settings {
    double center_hz, sample_rate_sps; /* NAN: not given */
    struct text_list files;
    const char *config, *drivers, *formats, *zmq, *start_time, *simd, *mode_list;
    unsigned modes;
    unsigned zmq_wait, block_samples;
    bool all, iq_swap, obis, records, help, version;
    int64_t start_us;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'f', "frequency",  "HZ",   OPTION_NUMBER, FIELD(center_hz),       "centre of the recording, e.g. 868.95M; default: what the\n"
                                                                        "prefix or the name of the file says, else 868.95M" },
    { 's', "rate",       "SPS",  OPTION_NUMBER, FIELD(sample_rate_sps), "sample rate, 0.8M to 3.2M, e.g. 1600k or 1.6e6; default:\n"
                                                                        "what the prefix or the name of the file says, else 1.6M" },
    { 'r', "read",       "FILE", OPTION_LIST,   FIELD(files),           "the same as FILE alone" },
    { 'c', "config",     "FILE", OPTION_TEXT,   FIELD(config),          "YAML file with names and keys of meters" },
    {  0,  "drivers",    "DIR",  OPTION_TEXT,   FIELD(drivers),         "more drivers: its files NAME.yaml come before the built-in ones" },
    {  0,  "formats",    "FILE", OPTION_TEXT,   FIELD(formats),         "formats of compact frames that were learnt before; those\n"
                                                                        "learnt now are added to it, but not in a replay" },
    {  0,  "records",    NULL,   OPTION_FLAG,   FIELD(records),         "every record as it was sent, in the list records" },
    {  0,  "obis",       NULL,   OPTION_FLAG,   FIELD(obis),            "OBIS codes of the readings, in the object codes" },
    {  0,  "zmq",        "ADDR", OPTION_TEXT,   FIELD(zmq),             "publish on a ZeroMQ socket bound to ADDR, e.g.\n"
                                                                        "tcp://127.0.0.1:5555; connect:ADDR connects" },
    {  0,  "zmq-wait",   "N",    OPTION_COUNT,  FIELD(zmq_wait),        "wait for N subscribers first, 10 s at most" },
    {  0,  "all",        NULL,   OPTION_FLAG,   FIELD(all),             "show frames with wrong CRCs as well, reason bad_crc" },
    {  0,  "iq-swap",    NULL,   OPTION_FLAG,   FIELD(iq_swap),         "the spectrum is mirrored: exchange I and Q" },
    {  0,  "start-time", "TIME", OPTION_TEXT,   FIELD(start_time),      "of the first sample, e.g. 2024-01-31T12:34:56Z; default: a\n"
                                                                        "date in the name of the file, such as 20240131_123456 (UTC)" },
    { 'm', "modes",      "LIST", OPTION_TEXT,   FIELD(mode_list),       "receive these: T1, C1, C2, S1, R2 or T, C, S, R, with\n"
                                                                        "commas between, or all; default: T1,C1 (all, if their\n"
                                                                        "channel lies outside the band)" },
    {  0,  "simd",       "NAME", OPTION_TEXT,   FIELD(simd),            "vector instructions: scalar, avx2 ...; default: the best" },
    {  0,  "block-size", "N",    OPTION_COUNT,  FIELD(block_samples),   "samples read at once, for tests; default: 65536" },
    { 'h', "help",       NULL,   OPTION_FLAG,   FIELD(help),            "this text" },
    {  0,  "version",    NULL,   OPTION_FLAG,   FIELD(version),         "the version" },
};
// clang-format on

static const struct program program = {
    .name = "wmbus-rx",
    .usage = "[OPTION]... FILE...",
    .description =
        "Receives wireless M-Bus (modes T, C, S, R2) from IQ recordings and prints a JSON object "
        "a\n"
        "line for each telegram. FILE is a recording, or - for standard input. The format is told\n"
        "by the suffix, .cu8 .cs8 .cs16 .cf32, or by a prefix: cu8:868.95M:1600k:FILE, cs16:-;\n"
        "standard input is cu8 without one.",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .operands = FIELD(files),
};

static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

/* SIGINT and SIGTERM end a read that waits; a second one ends the program at once. */
static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* writing says EPIPE instead */
}

static bool check(struct settings *s, struct err *err)
{
    if (s->files.n == 0)
        return err_set(err, EXIT_USAGE, "no FILE given; wmbus-rx --help says more");
    if (s->center_hz <= 0 || s->sample_rate_sps <= 0)
        return err_set(err, EXIT_USAGE, "option --%s: expected a number above 0",
                       s->center_hz <= 0 ? "frequency" : "rate");
    if (s->block_samples < 1 || s->block_samples > MAX_BLOCK_SAMPLES)
        return err_set(err, EXIT_USAGE, "option --block-size: expected 1 to %d", MAX_BLOCK_SAMPLES);
    s->modes = s->mode_list ? radio_modes_parse(s->mode_list) : 0;
    if (s->mode_list && !s->modes)
        return err_set(err, EXIT_USAGE,
                       "option --modes: expected T1, C1, C2, S1, R2 or T, C, S, R with commas "
                       "between, or all, not %.40s",
                       s->mode_list);
    if (s->zmq_wait > 0 && !s->zmq)
        return err_set(err, EXIT_USAGE, "option --zmq-wait needs --zmq");
    if (s->start_time && !utc_parse(s->start_time, &s->start_us))
        return err_set(err, EXIT_USAGE,
                       "option --start-time: expected a time such as 2024-01-31T12:34:56Z");
    if (s->start_time && s->files.n > 1)
        return err_set(err, EXIT_USAGE,
                       "option --start-time: expected only one file; the others would start at "
                       "other times");
    return true;
}

/* Returns NULL with *err. */
static struct decoder *open_decoder(const struct settings *s, const struct driver_table *drivers,
                                    struct err *err)
{
    struct config config = { 0 };
    if (s->config && !config_load(s->config, &config, err))
        return NULL;
    if (config.keys_exposed)
        fprintf(stderr, "wmbus-rx: warning: %s holds keys and others can read it (chmod 600)\n",
                s->config);
    struct decoder *decoder = NULL;
    if (decoders_check_drivers(config.meters, config.n_meters, drivers, err)) {
        decoder = decoder_open(config.meters, config.n_meters);
        if (!decoder)
            err_set(err, EXIT_INTERNAL, "out of memory");
    }
    config_wipe(&config);
    if (decoder)
        decoder_use_drivers(decoder, drivers);
    return decoder;
}

static bool is_live(const struct settings *s)
{
    bool live = false;
    for (size_t i = 0; i < s->files.n; i++)
        live |= source_may_be_live(s->files.items[i]);
    return live;
}

static bool open_formats(const struct settings *s, struct format_list *formats,
                         struct decoder *decoder, struct err *err)
{
    decoder_set_obis(decoder, s->obis);
    if (s->formats && !format_file_load(s->formats, formats, err))
        return false;
    format_list_give(formats, decoder);
    return true;
}

/* The output of a replay must not depend on what was replayed before. */
static bool save_formats(const struct settings *s, struct format_list *formats,
                         const struct decoder *decoder, struct err *err)
{
    if (!s->formats || !is_live(s))
        return true;
    format_list_gather(formats, decoder);
    return !formats->changed || format_file_save(s->formats, formats, err);
}

static bool open_outputs(const struct settings *s, struct outputs *outputs, struct err *err)
{
    struct output_config config = { .address = s->zmq, .live = is_live(s) };
    if (!outputs_add(outputs, "json", &config, err) ||
        (s->zmq && !outputs_add(outputs, "zmq", &config, err)))
        return false;
    unsigned there = outputs_wait(outputs, s->zmq_wait, WAIT_LIMIT_MS);
    if (there < s->zmq_wait && !stop)
        fprintf(stderr, "wmbus-rx: waited %d s for %u subscriber%s, %u came; going on\n",
                WAIT_LIMIT_MS / 1000, s->zmq_wait, s->zmq_wait == 1 ? "" : "s", there);
    return true;
}

static void warn_of_guesses(const struct source *source)
{
    if (source->center_told == SOURCE_ASSUMED)
        fprintf(stderr,
                "wmbus-rx: warning: %s: nothing says the centre frequency, %.6g MHz is "
                "assumed (-f)\n",
                source->name, source->center_hz / 1e6);
    if (source->rate_told == SOURCE_ASSUMED)
        fprintf(stderr,
                "wmbus-rx: warning: %s: nothing says the sample rate, %.6g Msps is "
                "assumed (-s)\n",
                source->name, source->sample_rate_sps / 1e6);
}

static bool receive_file(const struct settings *s, const char *file, struct session *session,
                         struct err *err)
{
    struct source source;
    const struct source_config config = {
        .text = file,
        .center_hz = s->center_hz,
        .sample_rate_sps = s->sample_rate_sps,
        .block_samples = s->block_samples,
        .stop = &stop,
    };
    if (!source_open(&source, &config, err))
        return false;
    warn_of_guesses(&source);
    if (s->start_time) {
        source.has_start = true;
        source.start_us = s->start_us;
    }
    session->source = &source;
    bool ok = session_run(session, err);
    if (source.odd_bytes > 0)
        fprintf(stderr, "wmbus-rx: warning: %s: the last sample is cut: %zu of %zu bytes\n",
                source.name, source.odd_bytes, iq_sample_bytes(source.format));
    source_close(&source);
    return ok;
}

static void print_error(const struct err *err)
{
    if (err->exit_code != EXIT_OK)
        fprintf(stderr, "wmbus-rx: %s\n", err->text);
}

/* Goes on after a file that cannot be read, not after an output that cannot be written. */
static int receive_files(const struct settings *s, struct session *session)
{
    int exit_code = EXIT_OK;
    for (size_t i = 0; i < s->files.n && !stop; i++) {
        struct err err;
        if (receive_file(s, s->files.items[i], session, &err))
            continue;
        print_error(&err);
        exit_code = err.exit_code;
        if (exit_code != EXIT_FILE)
            break;
    }
    return exit_code;
}

static int receive(const struct settings *s, struct decoder *decoder, struct outputs *outputs)
{
    struct summary summary = { 0 };
    struct session session = {
        .decoder = decoder,
        .outputs = outputs,
        .summary = &summary,
        .simd = s->simd,
        .modes = s->modes,
        .iq_swap = s->iq_swap,
        .all = s->all,
        .name_files = s->files.n > 1,
        .records = s->records,
        .progress = isatty(STDERR_FILENO),
    };
    double start_s = monotonic_s();
    int exit_code = receive_files(s, &session);
    if (summary.radio.samples > 0 || exit_code == EXIT_OK)
        summary_print(&summary, monotonic_s() - start_s, stderr);
    return exit_code;
}

static int run(struct settings *s)
{
    struct err err;
    struct outputs outputs = { .n = 0 };
    int exit_code = EXIT_OK;
    if (!check(s, &err)) {
        print_error(&err);
        return err.exit_code;
    }
    struct driver_set drivers;
    driver_set_init(&drivers, shared_rules_builtin);
    bool ok = !s->drivers || (driver_set_load_dir(&drivers, s->drivers, &err) &&
                              driver_set_finish(&drivers, &err));
    struct decoder *decoder = ok ? open_decoder(s, s->drivers ? &drivers.table : NULL, &err) : NULL;
    static struct format_list formats;
    if (decoder && open_formats(s, &formats, decoder, &err) && open_outputs(s, &outputs, &err)) {
        exit_code = receive(s, decoder, &outputs);
        if (!save_formats(s, &formats, decoder, &err)) {
            print_error(&err);
            exit_code = exit_code == EXIT_OK ? err.exit_code : exit_code;
        }
    } else {
        print_error(&err);
        exit_code = err.exit_code;
    }
    if (!outputs_close(&outputs, &err) && exit_code == EXIT_OK) {
        print_error(&err);
        exit_code = err.exit_code;
    }
    decoder_close(decoder);
    driver_set_free(&drivers);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct settings settings = { .center_hz = (double)NAN,
                                 .sample_rate_sps = (double)NAN,
                                 .block_samples = DEFAULT_BLOCK_SAMPLES };
    struct err err;
    int exit_code = EXIT_OK;
    catch_signals();
    bool ok = options_parse(&program, argc, argv, &settings, &err);
    if (ok && (settings.help || settings.version))
        ok = options_tell(&program, settings.help, &err);
    else if (ok)
        exit_code = run(&settings);
    if (!ok) {
        print_error(&err);
        exit_code = err.exit_code;
    }
    options_free(&program, &settings);
    return exit_code;
}
