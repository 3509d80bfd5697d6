/* SPDX-License-Identifier: MIT */
#include "apps/session.h"

#include <math.h>

#include "apps/exit_codes.h"
#include "apps/progress.h"

bool session_event(struct session *session, const char *event, struct err *err)
{
    const struct source *source = session->source;
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "v", json_object_new_int(1));
    json_object_object_add(o, "event", json_object_new_string(event));
    json_object_object_add(o, "source", json_from_bytes(source->name));
    json_object_object_add(o, "center_hz", json_object_new_int64(llround(source->center_hz)));
    json_object_object_add(o, "sample_rate_sps",
                           json_object_new_int64(llround(source->sample_rate_sps)));
    return publisher_event(session->publisher, o, err);
}

static struct telegram_origin origin_of(const struct session *session, const struct frame *frame)
{
    const struct source *source = session->source;
    double time_s = frame->rx.first_chip_sample / source->sample_rate_sps;
    /* Without a date, the files of a replay follow each other: the decoder's time never goes back.
     */
    int64_t start_us = source->has_start ? source->start_us
                                         : llround(session->publisher->summary->recorded_s * 1e6);
    return (struct telegram_origin){
        .format_known = true,
        .has_time = true,
        .time_s = time_s,
        .has_timestamp = source->has_start,
        .t_us = start_us + llround(time_s * 1e6),
        .file = session->name_files ? source->name : NULL,
        .records = session->records,
    };
}

static void on_frame(void *user, const struct frame *frame)
{
    struct session *session = user;
    struct telegram_origin origin = origin_of(session, frame);
    if (!session->failed)
        session->failed = !publisher_frame(session->publisher, frame, &origin, session->err);
}

/* What was counted up to now, the receiver that still runs included. */
static bool publish_stats(struct session *session, const struct receiver *receiver, struct err *err)
{
    struct summary now = *session->publisher->summary;
    summary_add_radio(&now, receiver_stats(receiver), session->source->sample_rate_sps);
    return publisher_stats(session->publisher, &now, err);
}

/* A subscriber of a source without end wants to hear now and then that all is well. A replay sends
 * them at its end only, so that its messages do not depend on the size of the blocks. */
static bool stats_are_due(const struct session *session, const struct receiver *receiver,
                          double *last_s)
{
    static const double interval_s = 60;
    double done_s = (double)receiver_stats(receiver)->samples / session->source->sample_rate_sps;
    if (session->source->total_samples > 0 || done_s < *last_s + interval_s)
        return false;
    *last_s += interval_s;
    return true;
}

static bool pump(struct session *session, struct receiver *receiver, struct err *err)
{
    struct source *source = session->source;
    struct progress progress;
    double stats_s = 0;
    bool ok = true;
    progress_start(&progress, session->progress, source->total_samples, source->sample_rate_sps);
    for (const void *iq; ok;) {
        size_t n;
        ok = source_read(source, &iq, &n, err);
        if (!ok || n == 0)
            break;
        receiver_push(receiver, iq, n);
        ok = !session->failed;
        if (ok && stats_are_due(session, receiver, &stats_s))
            ok = publish_stats(session, receiver, err);
        progress_step(&progress, n, receiver_stats(receiver)->frames_ok);
    }
    progress_end(&progress);
    receiver_flush(receiver); /* also after a failure to read: what came before counts */
    return ok && !session->failed;
}

/* A wrong name concerns its file only, a wrong option all of them. */
static bool check_fit(const struct session *session, const struct receiver_config *config,
                      struct err *err)
{
    const struct source *source = session->source;
    struct err why;
    enum receiver_fit fit = receiver_fit(config, &why);
    if (fit == RECEIVER_FITS)
        return true;
    enum source_told told = fit == RECEIVER_BAD_RATE ? source->rate_told : source->center_told;
    return err_set(err, told == SOURCE_TOLD_BY_RECORDING ? EXIT_FILE : EXIT_USAGE, "%.200s: %s",
                   source->name, why.text);
}

bool session_run(struct session *session, struct err *err)
{
    const struct source *source = session->source;
    const struct receiver_config config = {
        .center_hz = source->center_hz,
        .sample_rate_sps = source->sample_rate_sps,
        .format = source->format,
        .iq_swap = session->iq_swap,
        .simd = session->simd,
        .modes = session->modes || session->channels->n
                     ? session->modes
                     : receiver_default_modes(source->center_hz, source->sample_rate_sps),
        .channels = session->channels,
    };
    session->err = err;
    session->failed = false;
    struct receiver *receiver =
        check_fit(session, &config, err) ? receiver_open(&config, on_frame, session, err) : NULL;
    if (!receiver)
        return false;
    bool ok = session_event(session, "start", err) && pump(session, receiver, err);
    ok = ok && publish_stats(session, receiver, err) && session_event(session, "stop", err);
    summary_add_radio(session->publisher->summary, receiver_stats(receiver),
                      source->sample_rate_sps);
    receiver_close(receiver);
    return ok;
}
