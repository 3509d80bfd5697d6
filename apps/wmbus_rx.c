/* SPDX-License-Identifier: MIT
 * wmbus-rx: IQ recordings in, telegrams and readings of wireless M-Bus meters out. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/kept_file.h"
#include "apps/common/standard_streams.h"
#include "apps/common/stop.h"
#include "apps/rx/doctor.h"
#include "apps/rx/publisher.h"
#include "apps/rx/rtl_wmbus.h"
#include "apps/rx/rx_setup.h"
#include "apps/rx/session.h"

static const char *me = "wmbus-rx";
static volatile sig_atomic_t hangup;

static void on_hangup(int signal_number)
{
    (void)signal_number;
    hangup = 1;
}

/* SIGINT and SIGTERM end all; SIGHUP opens files anew. */
static bool catch_signals(struct err *err)
{
    struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* writing says EPIPE instead */
    return stop_catch_signals() || err_set(err, EXIT_INTERNAL, "no file descriptors left");
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

/* What is told of while it runs. */
struct watcher {
    const struct rx_settings *settings;
    struct examination found;
};

static void tell_of_job(void *user, const struct job *job, enum report_kind kind)
{
    struct watcher *watcher = user;
    const struct rx_settings *s = watcher->settings;
    const struct source *source = &job->source;
    if (kind == REPORT_START) {
        watcher->found.live = source->live;
        watcher->found.recorded = source->total_samples > 0;
        watcher->found.eight_bits = iq_sample_bytes(source->format) == 2;
        if (s->doctor || (source->live && !s->quiet))
            source_print(source, s->doctor ? stdout : stderr);
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

static void tell_note(void *user, const struct job *job, const struct source_note *note)
{
    (void)user;
    const bool is_back = strcmp(note->event, "source_back") == 0;
    fprintf(stderr, "wmbus-rx: %s: %s: %s\n", job->config.text,
            is_back ? "back" : "not there, and tried again", note->text);
}

static void tell_ppm(void *user, const struct job *job, const struct ppm_estimate *estimate)
{
    struct watcher *watcher = user;
    const struct rx_settings *s = watcher->settings;
    watcher->found.ppm = *estimate;
    if (ppm_is_known(estimate) && !s->quiet && s->files.n == 1)
        fprintf(stderr, "%s: its frequency is %+.0f ppm off, give or take %.0f (%zu meters)\n",
                job->source.name, round(estimate->ppm) + 0.0 /* not -0 */, ceil(estimate->sure_ppm),
                estimate->n_meters);
}

/* An error that nobody states is perhaps known from before. Returns NULL without memory. */
static struct source_config *list_sources(const struct rx_setup *setup, const struct ppm_file *kept)
{
    const struct rx_settings *s = setup->settings;
    struct source_config *sources = calloc(s->files.n, sizeof *sources);
    for (size_t i = 0; sources && i < s->files.n; i++) {
        double ppm;
        sources[i] = rx_setup_source(setup, i);
        if (isnan(sources[i].ppm))
            sources[i].ppm =
                s->general.auto_ppm && ppm_file_find(kept, sources[i].text, &ppm) ? round(ppm) : 0;
    }
    return sources;
}

static bool open_ppm_file(const struct rx_setup *setup, struct ppm_file *kept, struct err *err)
{
    const char *path = setup->settings->general.ppm_file;
    return !path || (ppm_file_load(kept, path, err) &&
                     (!rx_setup_is_live(setup) || kept_file_check(path, err)));
}

static int run_session(const struct rx_setup *setup, struct session *session)
{
    const struct rx_settings *s = setup->settings;
    struct err err = { .exit_code = EXIT_OK };
    static struct ppm_file kept;
    if (!open_ppm_file(setup, &kept, &err)) {
        print_error(&err);
        return err.exit_code;
    }
    session->ppm_file = kept.path ? &kept : NULL;
    struct source_config *sources = list_sources(setup, &kept);
    bool ok = sources != NULL || err_set(&err, EXIT_INTERNAL, "out of memory");
    ok = ok && session_run(session, sources, s->files.n, &err);
    free(sources);
    if (ok)
        return session->exit_code;
    print_error(&err);
    return err.exit_code;
}

/* Meters, keys, and what is told. */
static void reload(struct publisher *publisher, void *user)
{
    struct rx_setup *setup = user;
    struct err err;
    (void)publisher;
    if (!setup->settings->config)
        return;
    if (rx_setup_reload(setup, &err)) {
        say("the meters of the configuration were read anew");
    } else {
        print_error(&err);
        say("the meters stay as they were");
    }
}

static struct session session_of(const struct rx_settings *s, struct publisher *publisher,
                                 struct observers *observers, struct watcher *watcher)
{
    return (struct session){
        .publisher = publisher,
        .listeners = { .simd = s->simd,
                       .modes = s->modes,
                       .channels = &s->channels,
                       .iq_swap = s->general.iq_swap,
                       .realtime = s->realtime,
                       .observers = observers },
        .threads = s->threads,
        .records = s->general.records,
        .show_progress = (!s->quiet || s->doctor) && isatty(STDERR_FILENO) && !s->observe.explain,
        .tell = tell_of_job,
        .tell_note = tell_note,
        .tell_ppm = tell_ppm,
        .auto_ppm = s->general.auto_ppm,
        .user = watcher,
    };
}

/* What the doctor says; the exit code. */
static int tell_judgement(const struct examination *found)
{
    struct err err;
    const bool well = doctor_judge(found, stdout);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(&err))
        return well ? EXIT_OK : EXIT_UNWELL;
    print_error(&err);
    return err.exit_code;
}

/* At the end; the exit code. */
static int tell_outcome(struct watcher *watcher, const struct publisher *publisher, int exit_code)
{
    const struct rx_settings *s = watcher->settings;
    const struct summary *summary = publisher->summary;
    const double worked_s = monotonic_s() - publisher->start_s;
    if (s->doctor && exit_code == EXIT_OK) {
        watcher->found.summary = summary;
        watcher->found.n_meters = publisher->heard->n;
        watcher->found.worked_s = worked_s;
        exit_code = tell_judgement(&watcher->found);
    }
    if (!s->quiet && (summary->radio.samples > 0 || exit_code == EXIT_OK))
        summary_print(summary, watcher->found.live ? (double)NAN : worked_s,
                      watcher->found.recorded, stderr);
    return exit_code;
}

static int receive(struct rx_setup *setup, struct rx_settings *s, struct observers *observers)
{
    struct summary summary = { 0 };
    struct heard heard;
    if (!heard_init(&heard)) {
        say("out of memory");
        return EXIT_INTERNAL;
    }
    struct publisher publisher = { .decoder = setup->decoder,
                                   .outputs = &setup->outputs,
                                   .summary = &summary,
                                   .heard = &heard,
                                   .selection = &setup->selection,
                                   .say = say,
                                   .all = s->general.all,
                                   .live = rx_setup_is_live(setup),
                                   .hangup = &hangup,
                                   .reload = reload,
                                   .user = setup,
                                   .start_s = monotonic_s() };
    struct watcher watcher = { .settings = s };
    struct session session = session_of(s, &publisher, observers, &watcher);
    alarm(s->seconds); /* 0: none */
    const int exit_code = tell_outcome(&watcher, &publisher, run_session(setup, &session));
    heard_deinit(&heard);
    return exit_code;
}

/* A failure that comes after another is not the reason. */
static void note_failure(bool ok, const struct err *err, int *exit_code)
{
    if (ok || *exit_code != EXIT_OK)
        return;
    print_error(err);
    *exit_code = err->exit_code;
}

static int run(struct rx_settings *s)
{
    static struct rx_setup setup;
    struct err err;
    struct observers observers = { .n_folders = 0 };
    int exit_code = EXIT_OK;
    bool ok = rx_setup_load(&setup, s, me, &err);
    if (ok && s->check_config) {
        ok = rx_setup_tell(&setup, &err);
    } else {
        ok = ok && (!s->doctor || doctor_look_for_dongles(s->usb_root, &s->files, stdout, &err)) &&
             observers_open(&observers, &s->observe, stderr, &err) && rx_setup_open(&setup, &err);
        if (ok)
            exit_code = receive(&setup, s, &observers);
    }
    note_failure(ok, &err, &exit_code);
    ok = rx_setup_close(&setup, &err);
    note_failure(ok, &err, &exit_code);
    ok = observers_close(&observers, &err);
    note_failure(ok, &err, &exit_code);
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

/* wmbus-rx meters ... is wmbus-rx -o meters ... */
static bool take_command(int *argc, char ***argv, struct rx_settings *s, struct err *err)
{
    const char *command = *argc >= 2 ? (*argv)[1] : "";
    const bool meters = strcmp(command, "meters") == 0;
    s->doctor = strcmp(command, "doctor") == 0;
    if (!meters && !s->doctor)
        return true;
    (*argc)--;
    (*argv)++;
    s->quiet = true;
    s->seconds = s->doctor ? 60 : 0;
    return !meters || text_list_add(&s->outputs, "meters", err);
}

static int run_as_wmbus_rx(int argc, char **argv, struct rx_settings *s)
{
    struct err err;
    bool ok =
        take_command(&argc, &argv, s, &err) && options_parse(&rx_program, argc, argv, s, &err);
    if (ok && s->check_config && !s->config)
        ok = err_set(&err, EXIT_USAGE, "option --check-config needs --config");
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
    struct err err;
    if (!standard_streams_take_places(&err) || !catch_signals(&err))
        print_error(&err);
    else if (argc > 0 && rtl_wmbus_is(argv[0]))
        exit_code = run_as_rtl_wmbus(argc, argv, &settings);
    else
        exit_code = run_as_wmbus_rx(argc, argv, &settings);
    options_free(&rx_program, &settings);
    return exit_code;
}
