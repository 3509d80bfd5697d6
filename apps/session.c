/* SPDX-License-Identifier: MIT */
#include "apps/session.h"

#include <assert.h>
#include <math.h>

#include "apps/exit_codes.h"
#include "apps/plan.h"
#include "apps/service.h"
#include "apps/stop.h"

static bool publish_event(const struct session *session, const char *event, struct err *err)
{
    const struct source *source = &session->open->source;
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "v", json_object_new_int(1));
    json_object_object_add(o, "event", json_object_new_string(event));
    json_object_object_add(o, "source", json_from_bytes(source->name));
    json_object_object_add(o, "center_hz", json_object_new_int64(llround(source->center_hz)));
    json_object_object_add(o, "sample_rate_sps",
                           json_object_new_int64(llround(source->sample_rate_sps)));
    return publisher_event(session->publisher, o, err);
}

/* ---- a source ----------------------------------------------------------------------------- */

static bool start_source(struct session *session, const struct job *job, struct err *err)
{
    /* Without a date, the files of a replay follow each other: the decoder's time never goes back.
     */
    session->base_us = llround(session->publisher->summary->recorded_s * 1e6);
    session->radio = (struct receiver_stats){ .samples = 0 };
    session->next_stats_s = 0;
    session->open = job;
    session->tell(session->user, job, REPORT_START);
    progress_start(&session->progress, session->show_progress, job->source.total_samples,
                   job->source.sample_rate_sps);
    service_ready();
    return publish_event(session, "start", err);
}

/* Of this many samples from the source's start on. */
static int64_t time_us(const struct session *session, double samples)
{
    const struct source *source = &session->open->source;
    const int64_t start_us = source->has_start ? source->start_us : session->base_us;
    return start_us + llround(samples / source->sample_rate_sps * 1e6);
}

static struct telegram_origin origin_of(const struct session *session, const struct frame *frame)
{
    const struct source *source = &session->open->source;
    const double time_s = frame->rx.first_chip_sample / source->sample_rate_sps;
    return (struct telegram_origin){
        .format_known = true,
        .has_time = true,
        .time_s = time_s,
        .has_timestamp = source->has_start,
        .t_us = time_us(session, frame->rx.first_chip_sample),
        .file = session->name_files ? source->name : NULL,
        .records = session->records,
    };
}

static bool publish_frame(const struct session *session, const struct frame *frame, struct err *err)
{
    const struct telegram_origin origin = origin_of(session, frame);
    return publisher_frame(session->publisher, frame, &origin, err);
}

/* A subscriber of a source without end wants to hear now and then that all is well. A replay sends
 * statistics at its end only. */
static bool note_progress(struct session *session, const struct receiver_stats *part,
                          struct err *err)
{
    static const double interval_s = 60;
    const struct source *source = &session->open->source;
    struct receiver_stats radio = session->radio;
    receiver_stats_add(&radio, part);
    progress_step(&session->progress, radio.samples, radio.frames_ok);
    if (!publisher_tick(session->publisher, time_us(session, (double)radio.samples), err))
        return false;
    if (source->total_samples > 0 ||
        (double)radio.samples / source->sample_rate_sps < session->next_stats_s + interval_s)
        return true;
    session->next_stats_s += interval_s;
    struct summary now = *session->publisher->summary;
    summary_add_radio(&now, &radio, source->sample_rate_sps);
    return publisher_stats(session->publisher, &now, err);
}

static void add_source(struct session *session)
{
    progress_end(&session->progress);
    if (session->open)
        summary_add_radio(session->publisher->summary, &session->radio,
                          session->open->source.sample_rate_sps);
}

static bool stop_source(struct session *session, struct err *err)
{
    add_source(session);
    const bool ok =
        !session->open || (publisher_stats(session->publisher, session->publisher->summary, err) &&
                           publish_event(session, "stop", err));
    session->open = NULL;
    return ok;
}

static bool end_job(struct session *session, const struct job *job, struct err *err)
{
    receiver_stats_add(&session->radio, &job->stats);
    session->tell(session->user, job, REPORT_END);
    if (job->ok)
        return !job->is_last || stop_source(session, err);
    session->skip_source = true;
    session->exit_code = job->err.exit_code;
    add_source(session);
    session->open = NULL;
    if (session->exit_code != EXIT_FILE) /* it would be the same with all others */
        stop_ask();
    return true;
}

static bool take_report(struct session *session, const struct report *report, struct err *err)
{
    service_alive();
    if (report->job->is_first && !session->open)
        session->skip_source = false;
    if (session->skip_source)
        return true;
    assert(session->open || report->kind == REPORT_START || report->kind == REPORT_END);
    switch (report->kind) {
    case REPORT_START:
        if (report->job->is_first)
            return start_source(session, report->job, err);
        session->open = report->job;
        return true;
    case REPORT_FRAME:
        return publish_frame(session, &report->frame, err);
    case REPORT_PROGRESS:
        return note_progress(session, &report->stats, err);
    case REPORT_END:
        return end_job(session, report->job, err);
    }
    return true;
}

/* ---- all of them -------------------------------------------------------------------------- */

static bool take_reports(struct session *session, struct listeners *listeners, struct err *err)
{
    bool ok = true;
    for (size_t j = 0; ok && j < listeners->n_jobs; j++) {
        struct report report = { .kind = REPORT_START };
        while (ok && report.kind != REPORT_END && listeners_take(listeners, j, &report))
            ok = take_report(session, &report, err);
    }
    if (ok && session->open && stop_asked())
        return stop_source(session, err);
    return ok;
}

bool session_run(struct session *session, const struct source_config *sources, size_t n,
                 struct err *err)
{
    static struct listeners listeners;
    struct plan plan;
    if (!plan_open(&plan, sources, n, &session->listeners, session->threads))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    listeners =
        (struct listeners){ .config = session->listeners, .jobs = plan.jobs, .n_jobs = plan.n };
    const size_t threads = plan.n < session->threads ? plan.n : session->threads;
    bool ok = listeners_start(&listeners, threads, err);
    if (ok) {
        ok = take_reports(session, &listeners, err);
        if (!ok)
            stop_ask();
        service_stopping();
        listeners_end(&listeners);
    }
    plan_close(&plan);
    return ok;
}
