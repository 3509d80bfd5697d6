/* SPDX-License-Identifier: MIT */
#include "apps/rx/session_stats.h"

#include <math.h>

#include "apps/common/clock.h"
#include "apps/rx/status_line.h"

bool session_in_real_time(const struct session *session)
{
    return session->publisher->live || session->listeners.realtime;
}

static struct receiver_stats stats_of(const struct session_source *s)
{
    struct receiver_stats radio = s->radio;
    receiver_stats_add(&radio, &s->part);
    return radio;
}

/* What all sources counted up to now. */
static struct summary summary_now(const struct session *session)
{
    struct summary now = *session->publisher->summary;
    for (size_t k = 0; k < session->n_sources; k++) {
        const struct session_source *s = &session->sources[k];
        const struct receiver_stats radio = stats_of(s);
        if (s->open)
            summary_add_radio(&now, &radio, s->open->source.sample_rate_sps);
    }
    return now;
}

static struct json_object *source_json(const struct session *session, struct session_source *s)
{
    struct json_object *o = json_object_new_object();
    const struct receiver_stats radio = stats_of(s);
    const struct vitals vitals = vitals_take(
        &s->stats_stretch, &radio, session_in_real_time(session) ? monotonic_s() : (double)NAN);
    json_object_object_add(o, "source", json_from_bytes(s->open->source.name));
    json_object_object_add(o, "samples", json_object_new_uint64(radio.samples));
    json_object_object_add(o, "samples_lost", json_object_new_uint64(radio.samples_lost));
    const struct ppm_estimate ppm = frequency_error_estimate(&s->frequency);
    vitals_add_json(&vitals, o);
    ppm_add_json(&ppm, o);
    if (s->open->source.live)
        json_add_rounded(o, "queue_fill", s->queue_fill, 2);
    s->queue_fill = 0;
    return o;
}

/* Keeps what is known of a device's oscillator; what cannot be kept is told, and nothing else. */
static void keep_ppm(struct session *session, const struct session_source *s)
{
    const struct ppm_estimate ppm = frequency_error_estimate(&s->frequency);
    struct err err;
    if (session->ppm_file && s->open->source.live && ppm_is_known(&ppm) &&
        !ppm_file_keep(session->ppm_file, s->open->config.text, ppm.ppm, &err))
        session->publisher->say(err.text);
}

/* How each source does, since this was told last. What differs from run to run is told only where
 * the runs differ anyway. */
bool session_publish_stats(struct session *session, struct err *err)
{
    const struct summary now = summary_now(session);
    struct json_object *stats = summary_json(&now), *list = json_object_new_array();
    for (size_t k = 0; k < session->n_sources; k++)
        if (session->sources[k].open) {
            json_object_array_add(list, source_json(session, &session->sources[k]));
            keep_ppm(session, &session->sources[k]);
        }
    json_object_object_add(stats, "sources", list);
    if (session_in_real_time(session))
        json_add_rounded(stats, "cpu_share", cpu_share_take(&session->cpu), 4);
    return publisher_stats(session->publisher, stats, err);
}

/* A single strong burst is not shown. */
static struct vitals vitals_shown(struct session_source *s, const struct receiver_stats *radio)
{
    static const double interval_s = 8;
    const double now_s = monotonic_s();
    if (now_s > s->shown[1].from_s + interval_s) {
        s->shown[0] = s->shown[1];
        vitals_take(&s->shown[1], radio, now_s);
    }
    return vitals_since(&s->shown[0], radio, now_s);
}

/* How all sources do that have no end; of several, the worst. */
void session_show_status(struct session *session)
{
    const struct summary now = summary_now(session);
    struct status_line status = {
        .condition = { .radio = now.radio, .seconds = now.recorded_s, .eight_bits = true },
        .n_meters = session->publisher->heard->n,
        .cpu_share = cpu_share_take(&session->shown_cpu),
    };
    struct vitals *all = &status.condition.vitals;
    size_t n_open = 0;
    *all = (struct vitals){ .noise_dbfs = -(double)INFINITY };
    for (size_t k = 0; k < session->n_sources; k++) {
        struct session_source *s = &session->sources[k];
        if (!s->open || s->open->source.total_samples > 0)
            continue;
        const struct receiver_stats radio = stats_of(s);
        const struct vitals one = vitals_shown(s, &radio);
        all->samples_per_s += one.samples_per_s;
        all->clipped = fmax(all->clipped, one.clipped);
        all->noise_dbfs = fmax(all->noise_dbfs, one.noise_dbfs);
        all->lost = fmax(all->lost, one.lost);
        status.condition.eight_bits &= iq_sample_bytes(s->open->source.format) == 2;
        n_open++;
    }
    char text[200];
    status_line_text(&status, text, sizeof text);
    if (n_open > 0)
        progress_show(&session->progress, text);
}
