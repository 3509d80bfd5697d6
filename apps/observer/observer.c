/* SPDX-License-Identifier: MIT */
#include "apps/observer/observer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utc.h"
#include "apps/observer/burst_json.h"
#include "apps/observer/burst_text.h"
#include "apps/observer/recorder.h"
#include "apps/observer/sigmf_write.h"

/* Of a recording, before and behind its burst: so that the receiver can tell the noise. */
static const double before_s = 0.020, behind_s = 0.010;

enum { MAX_PENDING = 64, NAME_SIZE = 96 };

/* A burst until the samples behind it are there. */
struct pending {
    char name[NAME_SIZE];
    uint64_t first, end; /* samples of the stream */
    struct json_object *meta;
    bool wanted[OBSERVER_MAX_FOLDERS];
};

struct observer {
    struct observers *all;
    const struct source *source;
    struct iq_history *history; /* NULL: no folder needs it */
    struct pending pending[MAX_PENDING];
    size_t n_pending;
    struct recorder *recorder;
    struct err err; /* of the recorder; exit code EXIT_OK: all is well */
};

static bool add_folder(struct observers *all, const char *path, bool failed_only, struct err *err)
{
    if (!path)
        return true;
    if (!burst_folder_open(&all->folders[all->n_folders], path, failed_only,
                           all->request.burst_limit, all->words, err))
        return false;
    all->n_folders++;
    return true;
}

bool observers_open(struct observers *all, const struct observer_request *request, FILE *words,
                    struct err *err)
{
    struct err ignored;
    *all = (struct observers){ .request = *request, .words = words };
    bool ok = add_folder(all, request->all_bursts, false, err) &&
              add_folder(all, request->failed_bursts, true, err);
    if (ok && request->plot)
        ok = (all->plot = burst_plot_open(request->plot, request->plot_from_s, err)) != NULL;
    if (!ok)
        (void)observers_close(all, &ignored);
    return ok;
}

bool observers_close(struct observers *all, struct err *err)
{
    bool ok = true;
    for (size_t f = 0; f < all->n_folders; f++)
        ok &= burst_folder_close(&all->folders[f], err);
    all->n_folders = 0;
    if (all->plot)
        ok &= burst_plot_close(all->plot, err);
    all->plot = NULL;
    return ok;
}

bool observers_wanted(const struct observers *all)
{
    return all->request.explain || all->n_folders > 0 || all->request.record || all->plot;
}

/* ---- bursts ------------------------------------------------------------------------------- */

/* Takes pending burst k off the list. */
static void write_pending(struct observer *o, size_t k)
{
    struct pending *p = &o->pending[k];
    for (size_t f = 0; f < o->all->n_folders; f++)
        if (p->wanted[f])
            burst_folder_write(&o->all->folders[f], p->name, o->history, p->first, p->end, p->meta);
    json_object_put(p->meta);
    o->n_pending--;
    memmove(p, p + 1, (o->n_pending - k) * sizeof *p);
}

static void write_due(struct observer *o, uint64_t end)
{
    for (size_t k = 0; k < o->n_pending;) {
        if (o->pending[k].end <= end)
            write_pending(o, k);
        else
            k++;
    }
}

/* Time, mode, meter and result. */
static void name_burst(const struct observer *o, const struct burst_report *r, char name[NAME_SIZE])
{
    const double time_s = r->rx.first_chip_sample / o->source->sample_rate_sps;
    char time[UTC_TEXT_SIZE], sender[BURST_NAME_SIZE];
    if (o->source->has_start)
        utc_format(o->source->start_us + llround(time_s * 1e6), time);
    else
        snprintf(time, sizeof time, "%013.6fs", time_s);
    burst_text_sender(r, sender);
    snprintf(name, NAME_SIZE, "%.27s_%.8s%s%s_%s", time, r->rx.mode ? r->rx.mode : r->channel->name,
             sender[0] ? "_" : "", sender, burst_result_name(r->result));
    for (char *c = name; *c; c++) /* "T/C", "SEN 12345678", 12:34:56, unknown letters */
        *c = *c == '/' || *c == ' ' || *c == '?' ? '-' : *c == ':' ? '.' : *c;
}

static uint64_t sample_index(double sample)
{
    return sample > 0 ? (uint64_t)sample : 0;
}

static void keep_burst(struct observer *o, const struct burst_report *r)
{
    struct pending p = { .meta = NULL };
    const double rate_sps = o->source->sample_rate_sps;
    bool wanted = false;
    for (size_t f = 0; f < o->all->n_folders; f++)
        wanted |= p.wanted[f] = burst_folder_wants(&o->all->folders[f], r);
    if (!wanted)
        return;
    if (o->n_pending == MAX_PENDING)
        write_pending(o, 0); /* without all that is behind it */
    const uint64_t oldest = iq_history_first(o->history);
    p.first = sample_index(r->first_sample - before_s * rate_sps);
    p.first = p.first > oldest ? p.first : oldest;
    p.end = sample_index(r->last_sample + behind_s * rate_sps);
    p.meta = sigmf_meta_json(o->source, p.first, burst_json(r, p.first));
    name_burst(o, r, p.name);
    o->pending[o->n_pending++] = p;
    write_due(o, iq_history_end(o->history));
}

void observer_burst(struct observer *o, const struct burst_report *report)
{
    if (o->all->request.explain)
        burst_text_print(report, o->source->sample_rate_sps,
                         o->all->request.name_sources ? o->source->name : NULL, o->all->words);
    if (o->all->plot)
        burst_plot_write(o->all->plot, report);
    if (o->history)
        keep_burst(o, report);
}

/* ---- samples ------------------------------------------------------------------------------ */

struct observer *observer_open(struct observers *all, const struct source *source, size_t n_samples,
                               struct err *err)
{
    struct observer *o = calloc(1, sizeof *o);
    bool ok = o != NULL;
    if (ok && all->n_folders > 0) {
        const size_t margin = (size_t)((before_s + behind_s) * source->sample_rate_sps);
        o->history = iq_history_open(source->format, n_samples + margin);
        ok = o->history != NULL;
    }
    if (!ok)
        err_set(err, EXIT_INTERNAL, "out of memory");
    if (ok && all->request.record)
        ok = (o->recorder = recorder_open(all->request.record, source, err)) != NULL;
    if (!ok) {
        iq_history_close(o ? o->history : NULL);
        free(o);
        return NULL;
    }
    o->all = all;
    o->source = source;
    if (all->request.explain)
        burst_text_header(all->words);
    return o;
}

void observer_push(struct observer *o, const void *iq, size_t n)
{
    if (o->recorder && !recorder_push(o->recorder, iq, n, &o->err))
        fprintf(o->all->words, "wmbus-rx: %s\n", o->err.text);
    if (!o->history)
        return;
    iq_history_push(o->history, iq, n);
    write_due(o, iq_history_end(o->history));
}

bool observer_close(struct observer *o, struct err *err)
{
    while (o->n_pending > 0)
        write_pending(o, 0);
    if (o->recorder)
        (void)recorder_close(o->recorder, &o->err);
    iq_history_close(o->history);
    const bool ok = o->err.exit_code == EXIT_OK;
    if (!ok)
        *err = o->err;
    free(o);
    return ok;
}
