/* SPDX-License-Identifier: MIT */
#include "apps/rx/session.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"
#include "apps/rx/plan.h"
#include "apps/rx/service.h"
#include "apps/rx/session_stats.h"

/* How often it is looked whether a telegram was kept long enough, whether a key was pressed, and
 * whether the service manager wants to know that all is well. */
enum { MERGE_MS = 20, PIPE_MS = 100 };

static struct json_object *new_event(const char *source, const char *event)
{
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "v", json_object_new_int(1));
    json_object_object_add(o, "event", json_object_new_string(event));
    json_object_object_add(o, "source", json_from_bytes(source));
    return o;
}

static bool publish_event(const struct session *session, const struct job *job, const char *event,
                          struct err *err)
{
    struct json_object *o = new_event(job->source.name, event);
    json_object_object_add(o, "center_hz", json_object_new_int64(llround(job->source.center_hz)));
    json_object_object_add(o, "sample_rate_sps",
                           json_object_new_int64(llround(job->source.sample_rate_sps)));
    return publisher_event(session->publisher, o, err);
}

static const double stats_interval_s = 60;

static struct session_source *source_of(const struct session *session, const struct job *job)
{
    return &session->sources[job->source_no];
}

/* ---- a source ----------------------------------------------------------------------------- */

static bool start_source(struct session *session, const struct job *job, struct err *err)
{
    struct session_source *s = source_of(session, job);
    /* Without a date, the files of a replay follow each other: the decoder's time never goes back.
     */
    s->base_us = llround(session->publisher->summary->recorded_s * 1e6);
    if (session_in_real_time(session))
        s->stats_stretch.from_s = s->shown[0].from_s = s->shown[1].from_s = monotonic_s();
    if (!session->side_by_side)
        session->next_stats_s = stats_interval_s;
    session->tell(session->user, job, REPORT_START);
    progress_start(&session->progress, session->show_progress, job->source.total_samples,
                   job->source.sample_rate_sps);
    service_ready();
    return publish_event(session, job, "start", err);
}

/* Of this many samples from the source's start on. */
static int64_t time_us(const struct session_source *s, double samples)
{
    const struct source *source = &s->open->source;
    const int64_t start_us = source->has_start ? source->start_us : s->base_us;
    return start_us + llround(samples / source->sample_rate_sps * 1e6);
}

static struct telegram_origin origin_of(const struct session *session,
                                        const struct session_source *s, const struct frame *frame,
                                        int64_t t_us)
{
    const struct source *source = &s->open->source;
    const double time_s = frame->rx.first_chip_sample / source->sample_rate_sps;
    return (struct telegram_origin){
        .format_known = true,
        .has_time = true,
        .time_s = time_s,
        .has_timestamp = source->has_start || t_us,
        .t_us = t_us ? t_us : time_us(s, frame->rx.first_chip_sample),
        .file = session->n_sources > 1 ? source->name : NULL,
        .records = session->records,
    };
}

static bool take_frame(struct session *session, const struct report *report, struct err *err)
{
    struct session_source *s = source_of(session, report->job);
    frequency_error_add(&s->frequency, &report->frame, report->ppm);
    if (session->side_by_side && session->n_sources > 1) {
        merger_add(&session->merger, &report->frame, report->job->source_no, report->t_us,
                   monotonic_s());
        return true;
    }
    const struct telegram_origin origin = origin_of(session, s, &report->frame, report->t_us);
    return publisher_frame(session->publisher, &report->frame, &origin, err);
}

/* Telegrams that were kept long enough for all sources to hear them. */
static bool publish_merged(struct session *session, bool all, struct err *err)
{
    const struct merged *t;
    bool ok = true;
    while (ok && (t = merger_next(&session->merger, monotonic_s(), all))) {
        struct copy copies[MERGER_MAX_COPIES];
        struct telegram_origin origin =
            origin_of(session, &session->sources[t->source_no], &t->frame, t->t_us);
        for (size_t k = 0; k < t->n_heard; k++)
            copies[k] =
                (struct copy){ .source = session->sources[t->heard[k].source_no].open->source.name,
                               .rx = &t->heard[k].rx };
        origin.copies = copies;
        origin.n_copies = t->n_heard;
        ok = publisher_frame(session->publisher, &t->frame, &origin, err);
    }
    return ok;
}

/* ---- statistics --------------------------------------------------------------------------- */

/* Not more often than it is worth a moment in which nothing can be heard. */
static void correct_ppm(const struct session_source *s)
{
    static const double least_ppm = 2;
    const struct ppm_estimate ppm = frequency_error_estimate(&s->frequency);
    const int now = atomic_load(&s->open->set_ppm);
    if (ppm_is_known(&ppm) && fabs(ppm.ppm - now) > fmax(least_ppm, ppm.sure_ppm))
        atomic_store(&s->open->wanted_ppm, (int)lrint(ppm.ppm));
}

/* A subscriber of a source without end wants to hear now and then that all is well: now_s is of the
 * clock that counts. */
static bool publish_stats_if_due(struct session *session, double now_s, struct err *err)
{
    if (now_s < session->next_stats_s)
        return true;
    session->next_stats_s = now_s + stats_interval_s;
    return session_publish_stats(session, err);
}

/* A replay sends statistics at its end only; devices by the clock, see tick. */
static bool note_progress(struct session *session, struct session_source *s,
                          const struct report *report, struct err *err)
{
    const struct source *source = &s->open->source;
    s->part = report->stats;
    s->queue_fill = fmax(s->queue_fill, report->queue_fill);
    const uint64_t samples = s->radio.samples + s->part.samples;
    if (source->total_samples > 0)
        progress_step(&session->progress, samples, s->radio.frames_ok + s->part.frames_ok);
    if (source->live)
        return true;
    return publisher_tick(session->publisher, time_us(s, (double)samples), err) &&
           (source->total_samples > 0 ||
            publish_stats_if_due(session, (double)samples / source->sample_rate_sps, err));
}

/* To be called often: what is due about once a second while there are devices or pipes, also while
 * they stand still. */
static bool tick(struct session *session, struct err *err)
{
    static const double interval_s = 1;
    const double now_s = monotonic_s();
    service_alive();
    outputs_attend(session->publisher->outputs);
    if (now_s < session->next_tick_s)
        return true;
    session->next_tick_s = now_s + interval_s;
    const bool ok =
        !session->side_by_side || (publisher_tick(session->publisher, utc_now_us(), err) &&
                                   publish_stats_if_due(session, now_s, err));
    for (size_t k = 0; k < session->n_sources && session->auto_ppm; k++)
        if (session->sources[k].open && session->sources[k].open->source.live)
            correct_ppm(&session->sources[k]);
    if (session->show_progress)
        session_show_status(session);
    return ok;
}

/* ---- what else is reported ---------------------------------------------------------------- */

/* Perhaps of a source that is just being opened: what of the job is the listener's is not touched.
 */
static bool publish_note(struct session *session, const struct report *report, struct err *err)
{
    struct json_object *o = new_event(report->job->config.text, report->note.event);
    progress_end(&session->progress);
    session->tell_note(session->user, report->job, &report->note);
    json_object_object_add(o, "text", json_from_bytes(report->note.text));
    return publisher_event(session->publisher, o, err);
}

static bool publish_lost(const struct session *session, const struct report *report,
                         struct err *err)
{
    struct json_object *o = new_event(report->job->source.name, "samples_lost");
    json_object_object_add(o, "samples", json_object_new_uint64(report->lost));
    return publisher_event(session->publisher, o, err);
}

static void add_source(struct session *session, struct session_source *s)
{
    progress_end(&session->progress);
    if (s->open)
        summary_add_radio(session->publisher->summary, &s->radio, s->open->source.sample_rate_sps);
}

/* Telegrams that are kept name their sources, so they go first. */
static bool stop_source(struct session *session, struct session_source *s, struct err *err)
{
    const struct job *job = s->open;
    const struct ppm_estimate ppm = frequency_error_estimate(&s->frequency);
    session->tell_ppm(session->user, job, &ppm);
    const bool ok = publish_merged(session, true, err) && session_publish_stats(session, err);
    add_source(session, s);
    s->open = NULL;
    return ok && publish_event(session, job, "stop", err);
}

static bool end_job(struct session *session, const struct job *job, struct err *err)
{
    struct session_source *s = source_of(session, job);
    receiver_stats_add(&s->radio, &job->stats);
    s->part = (struct receiver_stats){ .samples = 0 };
    session->tell(session->user, job, REPORT_END);
    if (job->ok)
        return !job->is_last || !s->open || stop_source(session, s, err);
    const bool ok = publish_merged(session, true, err);
    s->failed = true;
    session->exit_code = job->err.exit_code;
    add_source(session, s);
    s->open = NULL;
    if (session->exit_code != EXIT_FILE && session->exit_code != EXIT_DEVICE)
        /* it would be the same with all others */
        stop_ask();
    return ok;
}

static bool take_report(struct session *session, const struct report *report, struct err *err)
{
    struct session_source *s = source_of(session, report->job);
    if (s->failed)
        return true;
    assert(s->open || report->kind == REPORT_START || report->kind == REPORT_NOTE ||
           report->kind == REPORT_END);
    switch (report->kind) {
    case REPORT_START:
        s->open = report->job;
        return !report->job->is_first || start_source(session, report->job, err);
    case REPORT_FRAME:
        return take_frame(session, report, err);
    case REPORT_PROGRESS:
        return note_progress(session, s, report, err);
    case REPORT_NOTE:
        return publish_note(session, report, err);
    case REPORT_LOST:
        return publish_lost(session, report, err);
    case REPORT_END:
        return end_job(session, report->job, err);
    }
    return true;
}

/* ---- all of them -------------------------------------------------------------------------- */

static bool take_in_order(struct session *session, struct listeners *listeners, struct err *err)
{
    bool ok = true;
    for (size_t j = 0; ok && j < listeners->n_jobs; j++) {
        struct report report = { .kind = REPORT_START };
        enum queue_taken taken = QUEUE_ITEM;
        while (ok && report.kind != REPORT_END && taken != QUEUE_END) {
            taken = listeners_take(listeners, j, PIPE_MS, &report);
            ok = (taken != QUEUE_ITEM || take_report(session, &report, err)) &&
                 tick(session, err); /* also while a pipe is awaited */
        }
    }
    for (size_t k = 0; ok && k < session->n_sources; k++)
        if (session->sources[k].open) /* stopped before its last part began */
            ok = stop_source(session, &session->sources[k], err);
    return ok;
}

static bool take_as_they_come(struct session *session, struct listeners *listeners, struct err *err)
{
    bool ok = true;
    for (size_t ended = 0; ok && ended < listeners->n_jobs;) {
        struct report report;
        const enum queue_taken taken = listeners_take(listeners, 0, MERGE_MS, &report);
        if (taken == QUEUE_ITEM) {
            ok = take_report(session, &report, err);
            ended += report.kind == REPORT_END;
        }
        ok = ok && publish_merged(session, false, err) && tick(session, err);
    }
    return ok;
}

/* Where all of it failed: what was heard until then is told, too. */
static void add_unfinished(struct session *session, const struct plan *plan)
{
    for (size_t k = 0; k < session->n_sources; k++)
        session->sources[k].radio = (struct receiver_stats){ .samples = 0 };
    for (size_t j = 0; j < plan->n; j++)
        receiver_stats_add(&source_of(session, &plan->jobs[j])->radio, &plan->jobs[j].stats);
    for (size_t k = 0; k < session->n_sources; k++)
        add_source(session, &session->sources[k]);
}

static bool run_jobs(struct session *session, const struct plan *plan, struct err *err)
{
    static struct listeners listeners;
    const size_t wanted = session->side_by_side ? plan->n : session->threads;
    listeners = (struct listeners){ .config = session->listeners,
                                    .side_by_side = session->side_by_side,
                                    .jobs = plan->jobs,
                                    .n_jobs = plan->n };
    if (!listeners_start(&listeners, plan->n < wanted ? plan->n : wanted, err))
        return false;
    const bool ok = session->side_by_side ? take_as_they_come(session, &listeners, err)
                                          : take_in_order(session, &listeners, err);
    if (!ok)
        stop_ask();
    service_stopping();
    listeners_end(&listeners);
    if (!ok)
        add_unfinished(session, plan);
    return ok;
}

bool session_run(struct session *session, const struct source_config *sources, size_t n,
                 struct err *err)
{
    struct plan plan = { .n = 0 };
    session->n_sources = n;
    session->side_by_side = source_is_device(sources[0].text); /* and so are the others */
    session->next_stats_s = monotonic_s() + stats_interval_s;
    cpu_share_take(&session->cpu);
    cpu_share_take(&session->shown_cpu);
    session->sources = calloc(n, sizeof *session->sources);
    bool ok =
        session->sources && plan_open(&plan, sources, n, &session->listeners, session->threads);
    ok = ok ? run_jobs(session, &plan, err) : err_set(err, EXIT_INTERNAL, "out of memory");
    plan_close(&plan);
    free(session->sources);
    return ok;
}
