/* SPDX-License-Identifier: MIT
 * wmbus-rx: IQ recordings in, telegrams and readings of wireless M-Bus meters out. */
#include <signal.h>
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
#include "apps/publisher.h"
#include "apps/rtl_wmbus.h"
#include "apps/session.h"
#include "apps/source.h"
#include "apps/stop.h"

enum { WAIT_LIMIT_MS = 10000 };

static const char *me = "wmbus-rx";
static volatile sig_atomic_t hangup;

static void on_hangup(int signal_number)
{
    (void)signal_number;
    hangup = 1;
}

/* SIGINT and SIGTERM end all; SIGHUP opens files anew. */
static bool catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* writing says EPIPE instead */
    return stop_catch_signals();
}

/* Returns NULL with *err. */
static struct decoder *open_decoder(const struct rx_settings *s, const struct driver_table *drivers,
                                    struct err *err)
{
    struct config config = { 0 };
    if (s->config && !config_load(s->config, &config, err))
        return NULL;
    if (config.keys_exposed)
        fprintf(stderr, "%s: warning: %s holds keys and others can read it (chmod 600)\n", me,
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

static bool is_live(const struct rx_settings *s)
{
    bool live = false;
    for (size_t i = 0; i < s->files.n; i++)
        live |= source_may_be_live(s->files.items[i]);
    return live;
}

static bool open_formats(const struct rx_settings *s, struct format_list *formats,
                         struct decoder *decoder, struct err *err)
{
    decoder_set_obis(decoder, s->obis);
    if (s->formats && !format_file_load(s->formats, formats, err))
        return false;
    format_list_give(formats, decoder);
    return true;
}

/* The output of a replay must not depend on what was replayed before. */
static bool save_formats(const struct rx_settings *s, struct format_list *formats,
                         const struct decoder *decoder, struct err *err)
{
    if (!s->formats || !is_live(s))
        return true;
    format_list_gather(formats, decoder);
    return !formats->changed || format_file_save(s->formats, formats, err);
}

/* kind, or kind:argument. */
static bool add_output(struct outputs *outputs, const char *text, const struct output_run *run_as,
                       struct err *err)
{
    struct output_spec spec;
    bool ok = output_spec_parse(&spec, text, err) && outputs_add(outputs, &spec, run_as, err);
    output_spec_wipe(&spec);
    return ok;
}

static bool add_zmq(struct outputs *outputs, const char *address, const struct output_run *run_as,
                    struct err *err)
{
    struct output_spec spec;
    output_spec_init(&spec, "zmq");
    bool ok =
        output_spec_set(&spec, "address", address, err) && outputs_add(outputs, &spec, run_as, err);
    output_spec_wipe(&spec);
    return ok;
}

static bool open_outputs(const struct rx_settings *s, struct outputs *outputs, struct err *err)
{
    const struct output_run run_as = { .live = is_live(s), .stop = stop_flag() };
    bool ok = s->outputs.n > 0 || add_output(outputs, "json", &run_as, err);
    for (size_t i = 0; ok && i < s->outputs.n; i++)
        ok = add_output(outputs, s->outputs.items[i], &run_as, err);
    if (!ok || (s->zmq && !add_zmq(outputs, s->zmq, &run_as, err)))
        return false;
    unsigned there = outputs_wait(outputs, s->zmq_wait, WAIT_LIMIT_MS);
    if (there < s->zmq_wait && !stop_asked())
        fprintf(stderr, "%s: waited %d s for %u subscriber%s, %u came; going on\n", me,
                WAIT_LIMIT_MS / 1000, s->zmq_wait, s->zmq_wait == 1 ? "" : "s", there);
    return true;
}

static void warn_of_guesses(const struct source *source)
{
    if (source->center_told == SOURCE_ASSUMED)
        fprintf(stderr,
                "%s: warning: %s: nothing says the centre frequency, %.6g MHz is "
                "assumed (-f)\n",
                me, source->name, source->center_hz / 1e6);
    if (source->rate_told == SOURCE_ASSUMED)
        fprintf(stderr,
                "%s: warning: %s: nothing says the sample rate, %.6g Msps is "
                "assumed (-s)\n",
                me, source->name, source->sample_rate_sps / 1e6);
}

static void warn_of_channels(const struct channel_list *channels, const struct source *source)
{
    for (size_t k = 0; k < channels->n; k++)
        if (!channel_fits(&channels->items[k], source->center_hz, source->sample_rate_sps))
            fprintf(stderr,
                    "%s: warning: %s: the channel %s at %.10g MHz lies outside of it, or too "
                    "near to its edge, and is not received there (--channel)\n",
                    me, source->name, channels->items[k].row->name,
                    channels->items[k].frequency_hz / 1e6);
}

static void say(const char *text)
{
    fprintf(stderr, "%s: %s\n", me, text);
}

static void print_error(const struct err *err)
{
    if (err->exit_code != EXIT_OK)
        say(err->text);
}

static void tell_of_job(void *user, const struct job *job, enum report_kind kind)
{
    const struct rx_settings *s = user;
    const struct source *source = &job->source;
    if (kind == REPORT_START) {
        warn_of_guesses(source);
        warn_of_channels(&s->channels, source);
    } else {
        if (!job->ok)
            print_error(&job->err);
        if (source->odd_bytes > 0)
            fprintf(stderr, "%s: warning: %s: the last sample is cut: %zu of %zu bytes\n", me,
                    source->name, source->odd_bytes, iq_sample_bytes(source->format));
    }
}

/* Returns NULL without memory. */
static struct source_config *list_sources(const struct rx_settings *s)
{
    struct source_config *sources = calloc(s->files.n, sizeof *sources);
    for (size_t i = 0; sources && i < s->files.n; i++)
        sources[i] = (struct source_config){ .text = s->files.items[i],
                                             .center_hz = s->center_hz,
                                             .sample_rate_sps = s->sample_rate_sps,
                                             .block_samples = s->block_samples,
                                             .stall_s = s->stall_s,
                                             .has_start = s->start_time != NULL,
                                             .start_us = s->start_us };
    return sources;
}

static int run_session(const struct rx_settings *s, struct session *session)
{
    struct err err = { .exit_code = EXIT_OK };
    struct source_config *sources = list_sources(s);
    bool ok = sources != NULL || err_set(&err, EXIT_INTERNAL, "out of memory");
    ok = ok && session_run(session, sources, s->files.n, &err);
    free(sources);
    if (ok)
        return session->exit_code;
    print_error(&err);
    return err.exit_code;
}

static int receive(struct rx_settings *s, struct decoder *decoder, struct outputs *outputs,
                   struct observers *observers)
{
    struct summary summary = { 0 };
    struct heard heard;
    if (!heard_init(&heard)) {
        say("out of memory");
        return EXIT_INTERNAL;
    }
    struct publisher publisher = { .decoder = decoder,
                                   .outputs = outputs,
                                   .summary = &summary,
                                   .heard = &heard,
                                   .say = say,
                                   .all = s->all,
                                   .live = is_live(s),
                                   .hangup = &hangup,
                                   .start_s = monotonic_s() };
    struct session session = {
        .publisher = &publisher,
        .listeners = { .simd = s->simd,
                       .modes = s->modes,
                       .channels = &s->channels,
                       .iq_swap = s->iq_swap,
                       .realtime = s->realtime,
                       .observers = observers },
        .threads = s->threads,
        .name_files = s->files.n > 1,
        .records = s->records,
        .show_progress = !s->quiet && isatty(STDERR_FILENO) && !s->observe.explain,
        .tell = tell_of_job,
        .user = s,
    };
    double start_s = monotonic_s();
    int exit_code = run_session(s, &session);
    if (!s->quiet && (summary.radio.samples > 0 || exit_code == EXIT_OK))
        summary_print(&summary, monotonic_s() - start_s, stderr);
    heard_deinit(&heard);
    return exit_code;
}

static int run(struct rx_settings *s)
{
    struct err err;
    struct outputs outputs = { .n = 0 };
    int exit_code = EXIT_OK;
    if (!rx_settings_check(s, &err)) {
        print_error(&err);
        return err.exit_code;
    }
    struct driver_set drivers;
    driver_set_init(&drivers, shared_rules_builtin);
    bool ok = !s->drivers || (driver_set_load_dir(&drivers, s->drivers, &err) &&
                              driver_set_finish(&drivers, &err));
    struct decoder *decoder = ok ? open_decoder(s, s->drivers ? &drivers.table : NULL, &err) : NULL;
    static struct format_list formats;
    struct observers observers = { .n_folders = 0 };
    if (decoder && open_formats(s, &formats, decoder, &err) &&
        observers_open(&observers, &s->observe, stderr, &err) && open_outputs(s, &outputs, &err)) {
        exit_code = receive(s, decoder, &outputs, &observers);
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
    if (!observers_close(&observers, &err) && exit_code == EXIT_OK) {
        print_error(&err);
        exit_code = err.exit_code;
    }
    decoder_close(decoder);
    driver_set_free(&drivers);
    return exit_code;
}

/* In rtl_wmbus' place: who reads its lines there learns from one why they end. */
static int run_as_rtl_wmbus(int argc, char **argv, struct rx_settings *s)
{
    struct err err;
    bool done;
    me = "rtl_wmbus";
    if (!rtl_wmbus_settings(argc, argv, s, &done, &err)) {
        print_error(&err);
        return err.exit_code;
    }
    int exit_code = done ? EXIT_OK : run(s);
    if (exit_code == EXIT_DEVICE)
        printf("rtl_wmbus: exiting\n");
    return exit_code;
}

static int run_as_wmbus_rx(int argc, char **argv, struct rx_settings *s)
{
    struct err err;
    bool ok = options_parse(&rx_program, argc, argv, s, &err);
    if (ok && !s->help && !s->version)
        return run(s);
    if (ok && options_tell(&rx_program, s->help, &err))
        return EXIT_OK;
    print_error(&err);
    return err.exit_code;
}

int main(int argc, char **argv)
{
    struct rx_settings settings = rx_settings_default();
    int exit_code = EXIT_INTERNAL;
    if (!catch_signals())
        say("no file descriptors left");
    else if (argc > 0 && rtl_wmbus_is(argv[0]))
        exit_code = run_as_rtl_wmbus(argc, argv, &settings);
    else
        exit_code = run_as_wmbus_rx(argc, argv, &settings);
    options_free(&rx_program, &settings);
    return exit_code;
}
