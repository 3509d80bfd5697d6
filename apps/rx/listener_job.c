/* SPDX-License-Identifier: MIT */
#include "apps/rx/listener_job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"

/* FFTs are planned, and plans freed, one at a time. */
static pthread_mutex_t plan_mutex = PTHREAD_MUTEX_INITIALIZER;

/* A job at work. */
struct work {
    const struct listeners_config *config;
    struct job *job;
    struct queue *reports;
    struct receiver *receiver;
    struct observer *observer;    /* NULL: nobody looks on */
    struct receiver_stats before; /* what was counted where the reported part starts */
    bool reporting;
    bool gone; /* nobody takes reports */
    double start_s;
    uint64_t anchor_sample; /* of a device: taken at anchor_us */
    int64_t anchor_us;
    uint64_t lost; /* not reported yet */
    double lost_told_s;
    double queue_fill;     /* the most since it was reported */
    int asked_ppm;         /* of the source */
    double settled_sample; /* from here on it is what was asked for */
};

struct receiver_config listener_receiver(const struct listeners_config *config,
                                         const struct source *source)
{
    return (struct receiver_config){
        .center_hz = source->center_hz,
        .sample_rate_sps = source->sample_rate_sps,
        .format = source->format,
        .iq_swap = config->iq_swap,
        .simd = config->simd,
        .modes = config->modes,
        .channels = config->channels,
    };
}

static void put_report(struct work *w, const struct report *report)
{
    w->gone = w->gone || !queue_put(w->reports, report, true);
}

static void on_frame(void *user, const struct frame *frame)
{
    struct work *w = user;
    const double since_s =
        (frame->rx.first_chip_sample - (double)w->anchor_sample) / w->job->source.sample_rate_sps;
    const struct report report = {
        .kind = REPORT_FRAME,
        .job = w->job,
        .t_us = w->anchor_us ? w->anchor_us + llround(since_s * 1e6) : 0,
        .ppm = frame->rx.first_chip_sample < w->settled_sample ? (double)NAN
                                                               : atomic_load(&w->job->set_ppm),
        .frame = *frame,
    };
    if (w->reporting)
        put_report(w, &report);
}

static void on_burst(void *user, const struct burst_report *report)
{
    struct work *w = user;
    observer_burst(w->observer, report);
}

/* ---- samples ------------------------------------------------------------------------------ */

static struct receiver_stats stats_now(const struct work *w)
{
    struct receiver_stats now = *receiver_stats(w->receiver);
    receiver_stats_subtract(&now, &w->before);
    return now;
}

/* Not every gap is told: a receiver that is too slow has many. */
static void report_lost(struct work *w, uint64_t lost)
{
    static const double interval_s = 10;
    struct report report = { .kind = REPORT_LOST, .job = w->job };
    const double now_s = monotonic_s();
    w->lost += lost;
    if (w->lost == 0 || (w->lost_told_s > 0 && now_s < w->lost_told_s + interval_s))
        return;
    report.lost = w->lost;
    w->lost_told_s = now_s;
    w->lost = 0;
    put_report(w, &report);
}

/* Who looks on counts samples as well: what is lost is silence there. */
static void push_silence(struct work *w, uint64_t n)
{
    enum { PIECE = 8192 };
    static const float zeros[2 * PIECE];
    unsigned char middles[2 * PIECE];
    const bool unsigned_bytes = w->job->source.format == IQ_CU8;
    memset(middles, 128, sizeof middles);
    for (; n > 0; n -= n < PIECE ? n : PIECE)
        observer_push(w->observer, unsigned_bytes ? (const void *)middles : zeros,
                      n < PIECE ? (size_t)n : PIECE);
}

static void take_gap(struct work *w, const struct iq_block *block)
{
    struct report report = { .kind = REPORT_NOTE, .job = w->job };
    if (w->job->source.note) {
        report.note = *w->job->source.note;
        put_report(w, &report);
    }
    if (block->lost > 0)
        receiver_skip(w->receiver, block->lost);
    if (w->observer)
        push_silence(w, block->lost);
    report_lost(w, block->lost);
    w->anchor_sample = block->first_sample;
    w->anchor_us = block->t_us;
}

/* What is before the reported part is heard, but not reported. */
static void push_block(struct work *w, const struct iq_block *block)
{
    const uint64_t from = w->job->reported_from;
    const size_t before = w->reporting || from <= block->first_sample ? 0
                          : from - block->first_sample < block->n
                              ? (size_t)(from - block->first_sample)
                              : block->n;
    const char *iq = block->iq;
    if (w->observer)
        observer_push(w->observer, iq, block->n);
    receiver_push(w->receiver, iq, before);
    if (!w->reporting && before < block->n) {
        w->before = *receiver_stats(w->receiver);
        w->reporting = true;
    }
    receiver_push(w->receiver, iq + before * iq_sample_bytes(w->job->source.format),
                  block->n - before);
}

/* While nobody is on the air blocks are let come together for so long: to wake up for each takes as
 * much time as to look at it. A telegram that begins in them is not told later than 20 ms behind
 * its end. */
static const double idle_s = 0.0105; /* two blocks of the air at 1.6 Msps */

static double linger_s(const struct work *w)
{
    return receiver_is_idle(w->receiver) ? idle_s : 0;
}

/* A block is there when its last sample is. */
static void wait_for_air(const struct work *w, const struct iq_block *block)
{
    const double there_s =
        w->start_s + (double)(block->first_sample + block->n) / w->job->source.sample_rate_sps;
    const double left_s = there_s - monotonic_s();
    if (w->config->realtime && left_s > 0)
        stop_wait_readable(-1, (int)((left_s + linger_s(w)) * 1e3 + 0.5));
}

/* No other block of a device waits. */
static void linger(const struct work *w)
{
    const struct source *source = &w->job->source;
    const double s = source->live && source->queue_fill <= 0 ? linger_s(w) : 0;
    if (s > 0)
        stop_wait_readable(-1, (int)(s * 1e3));
}

static void report_progress(struct work *w, uint64_t *next_sample)
{
    const uint64_t samples = receiver_stats(w->receiver)->samples - w->before.samples;
    w->queue_fill = fmax(w->queue_fill, w->job->source.queue_fill);
    if (!w->reporting || samples < *next_sample)
        return;
    const struct report report = {
        .kind = REPORT_PROGRESS, .job = w->job, .queue_fill = w->queue_fill, .stats = stats_now(w)
    };
    w->queue_fill = 0;
    *next_sample += (uint64_t)w->job->source.sample_rate_sps;
    put_report(w, &report);
}

/* Samples that are on their way, through USB or a network, were taken before. */
static void correct(struct work *w, const struct iq_block *block)
{
    static const double on_the_way_s = 1;
    const int wanted = atomic_load(&w->job->wanted_ppm);
    if (wanted == w->asked_ppm)
        return;
    w->asked_ppm = wanted;
    if (!source_set_ppm(&w->job->source, wanted))
        return;
    atomic_store(&w->job->set_ppm, wanted);
    w->settled_sample =
        (double)(block->first_sample + block->n) + on_the_way_s * w->job->source.sample_rate_sps;
}

static bool pump(struct work *w, struct err *err)
{
    struct iq_block block = { .n = 0 };
    uint64_t next_progress = (uint64_t)w->job->source.sample_rate_sps;
    bool ok = true;
    while (!w->gone && (ok = source_read(&w->job->source, &block, err)) &&
           (block.n > 0 || w->job->source.note)) {
        take_gap(w, &block);
        wait_for_air(w, &block);
        push_block(w, &block);
        report_progress(w, &next_progress);
        correct(w, &block);
        linger(w);
    }
    return ok;
}

/* ---- jobs --------------------------------------------------------------------------------- */

/* A wrong name concerns its file only, a wrong option all of them. */
static bool check_fit(const struct receiver_config *config, const struct source *source,
                      struct err *err)
{
    struct err why;
    enum receiver_fit fit = receiver_fit(config, &why);
    if (fit == RECEIVER_FITS)
        return true;
    enum source_told told = fit == RECEIVER_BAD_RATE ? source->rate_told : source->center_told;
    return err_set(err, told == SOURCE_TOLD_BY_RECORDING ? EXIT_FILE : EXIT_USAGE, "%.200s: %s",
                   source->name, why.text);
}

static bool open_receiver(struct work *w, struct err *err)
{
    const struct receiver_config config = listener_receiver(w->config, &w->job->source);
    if (!check_fit(&config, &w->job->source, err))
        return false;
    pthread_mutex_lock(&plan_mutex);
    w->receiver = receiver_open(&config, on_frame, w, err);
    pthread_mutex_unlock(&plan_mutex);
    return w->receiver != NULL;
}

static void close_receiver(struct work *w)
{
    pthread_mutex_lock(&plan_mutex);
    receiver_close(w->receiver);
    pthread_mutex_unlock(&plan_mutex);
}

/* Lets somebody look on, if anybody wants to. */
static bool open_observer(struct work *w, struct err *err)
{
    const struct source *source = &w->job->source;
    if (!observers_wanted(w->config->observers))
        return true;
    const struct receiver_config config = listener_receiver(w->config, source);
    const size_t n = (size_t)(receiver_memory_s(&config) * source->sample_rate_sps);
    w->observer =
        observer_open(w->config->observers, source, n + w->job->config.block_samples, err);
    receiver_watch(w->receiver, on_burst);
    return w->observer != NULL;
}

static bool close_observer(const struct work *w, struct err *err)
{
    return !w->observer || observer_close(w->observer, err);
}

static void start_clock(struct work *w)
{
    struct source *source = &w->job->source;
    w->start_s = monotonic_s();
    if (!w->config->realtime || source->has_start)
        return;
    source->has_start = true; /* it is as if it were sent now */
    source->start_us = utc_now_us();
}

static bool receive(struct work *w, struct err *err)
{
    const struct report start = { .kind = REPORT_START, .job = w->job };
    w->asked_ppm = (int)lrint(w->job->config.ppm);
    atomic_store(&w->job->wanted_ppm, w->asked_ppm);
    atomic_store(&w->job->set_ppm, w->asked_ppm);
    start_clock(w);
    w->reporting = w->job->reported_from <= w->job->config.first_sample;
    receiver_reset(w->receiver, w->job->config.first_sample);
    put_report(w, &start);
    const bool ok = pump(w, err);
    if (!ok || w->job->is_last)
        receiver_flush(w->receiver); /* also after a failure to read: what came before counts */
    w->job->stats = stats_now(w);
    return ok;
}

/* Of several devices, one that is not there now is tried again, and the others go on meanwhile; but
 * not if none is there. */
static bool is_tried_again(struct listeners *all, const struct job *job)
{
    return all->side_by_side && atomic_load(&all->n_missing) < all->n_jobs &&
           job->err.exit_code == EXIT_DEVICE && !stop_asked();
}

static void report_missing(struct work *w)
{
    struct report report = { .kind = REPORT_NOTE, .job = w->job, .note.event = "source_lost" };
    snprintf(report.note.text, sizeof report.note.text, "%s", w->job->err.text);
    put_report(w, &report);
}

static void wait_to_open(struct listeners *all, const struct job *job)
{
    enum { INTERVAL_MS = 5000, SLICE_MS = 100 };
    for (int ms = 0; ms < INTERVAL_MS && is_tried_again(all, job); ms += SLICE_MS)
        stop_wait_readable(-1, SLICE_MS);
}

static bool open_source(struct listeners *all, struct work *w)
{
    struct job *job = w->job;
    if (source_open(&job->source, &job->config, &job->err))
        return true;
    atomic_fetch_add(&all->n_missing, 1);
    if (!is_tried_again(all, job))
        return false;
    report_missing(w);
    while (is_tried_again(all, job)) {
        wait_to_open(all, job);
        if (is_tried_again(all, job) && source_open(&job->source, &job->config, &job->err)) {
            atomic_fetch_sub(&all->n_missing, 1);
            return true;
        }
    }
    if (stop_asked())
        err_set(&job->err, EXIT_OK, "stopped");
    else if (job->err.exit_code == EXIT_DEVICE)
        err_set(&job->err, EXIT_DEVICE,
                "%.200s: it is not tried again, because none of the %zu devices can be opened",
                job->config.text, all->n_jobs);
    return false;
}

void listener_run_job(struct listeners *all, struct job *job, struct queue *reports)
{
    struct work w = { .config = &all->config, .job = job, .reports = reports };
    const struct report end = { .kind = REPORT_END, .job = job };
    job->ok = open_source(all, &w);
    if (job->ok) {
        job->ok =
            open_receiver(&w, &job->err) && open_observer(&w, &job->err) && receive(&w, &job->err);
        job->ok = close_observer(&w, &job->err) && job->ok;
        close_receiver(&w);
        source_close(&job->source);
    }
    put_report(&w, &end);
}
