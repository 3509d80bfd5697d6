/* SPDX-License-Identifier: MIT */
#include "apps/sources/live.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/queue.h"
#include "apps/common/stop.h"
#include "apps/common/thread.h"
#include "apps/sources/gain_choice.h"
#include "apps/sources/live_clock.h"

/* Between receiver and device: half a second of 1.6 Msps. */
enum { QUEUE_BLOCKS = 100, POLL_MS = 250 };

/* Between attempts to open a device that went away. */
static const double first_wait_s = 0.5, longest_wait_s = 15;

/* The centre leaves the spike at 0 Hz outside every channel, and S, R, T and C in the band. */
static const double default_center_hz = 868.625e6, default_rate_sps = 1.6e6;

/* What passes from the device's thread to the receiver's. */
struct live_item {
    struct source_note note; /* note.event NULL: samples */
    size_t n;
    uint64_t lost; /* before them */
    int64_t t_us;
    unsigned char iq[LIVE_BLOCK_BYTES];
};

struct live {
    const struct live_device *device;
    struct live_settings settings;
    void *handle;
    pthread_mutex_t run_mutex; /* of running: while it is set, the handle may be cancelled */
    bool running;
    pthread_t thread;
    atomic_bool ended; /* the thread                                                       */
    struct queue items;
    atomic_bool over;               /* the reader wants no more */
    atomic_bool stalled;            /* the reader gave up waiting for this run */
    atomic_int_fast64_t awaited_ms; /* since when samples are waited for; 0: none are */
    atomic_bool started;            /* samples came in this run */
    /* the device's thread's */
    struct live_clock clock;
    uint64_t lost; /* not told yet */
    bool dropping;
    struct live_item filled;
    /* the reader's */
    struct live_item taken;
    uint64_t position;
};

static int64_t now_ms(void)
{
    return (int64_t)(monotonic_s() * 1e3);
}

bool live_is_over(const struct live *l)
{
    return atomic_load(&l->over) || atomic_load(&l->stalled) || stop_asked();
}

/* ---- the device's thread ------------------------------------------------------------------ */

/* A full queue is left to empty itself by half, so that a receiver that is too slow hears whole
 * telegrams between the gaps. */
static void put_block(struct live *l)
{
    struct live_item *item = &l->filled;
    l->dropping = l->dropping && queue_fill(&l->items) > QUEUE_BLOCKS / 2;
    item->lost = l->lost;
    if (!l->dropping && queue_put(&l->items, item, false)) {
        l->lost = 0;
        return;
    }
    l->dropping = true;
    l->lost += item->n;
}

static int64_t utc_of_us(const struct live *l, double sample)
{
    const double ago_s = monotonic_s() - live_clock_time_s(&l->clock, sample);
    return utc_now_us() - llround(ago_s * 1e6);
}

bool live_deliver(struct live *l, const void *bytes, size_t n_bytes)
{
    const size_t sample_bytes = iq_sample_bytes(l->settings.format);
    const unsigned char *at = bytes;
    if (live_is_over(l))
        return false;
    l->lost += live_clock_push(&l->clock, n_bytes / sample_bytes, monotonic_s());
    atomic_store(&l->awaited_ms, now_ms());
    atomic_store(&l->started, true);
    for (size_t left = n_bytes; left > 0;) {
        const size_t n = left < LIVE_BLOCK_BYTES ? left : LIVE_BLOCK_BYTES;
        l->filled.n = n / sample_bytes;
        l->filled.t_us =
            utc_of_us(l, (double)l->clock.position - (double)left / (double)sample_bytes);
        memcpy(l->filled.iq, at, n);
        put_block(l);
        at += n;
        left -= n;
    }
    return true;
}

static void put_note(struct live *l, const char *event, const char *text)
{
    struct live_item *item = &l->filled;
    item->note.event = event;
    snprintf(item->note.text, sizeof item->note.text, "%s", text);
    item->n = 0;
    item->lost = 0;
    queue_put(&l->items, item, true);
    item->note.event = NULL;
}

static void set_running(struct live *l, bool running)
{
    pthread_mutex_lock(&l->run_mutex);
    l->running = running;
    pthread_mutex_unlock(&l->run_mutex);
}

/* Runs the device until it fails or nobody wants it. */
static void run_once(struct live *l)
{
    struct err err = { .exit_code = EXIT_OK };
    atomic_store(&l->started, false);
    atomic_store(&l->stalled, false);
    atomic_store(&l->awaited_ms, now_ms());
    set_running(l, true);
    l->device->run(l->handle, l, &err);
    set_running(l, false);
    atomic_store(&l->awaited_ms, 0);
    l->device->close(l->handle);
    l->handle = NULL;
    const bool stalled = atomic_exchange(&l->stalled, false);
    live_clock_pause(&l->clock);
    if (live_is_over(l))
        return;
    char text[sizeof l->filled.note.text];
    snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1,
             stalled || err.exit_code == EXIT_OK ? "no samples came any more" : err.text);
    put_note(l, "source_lost", text);
}

/* Opens the device again, as often as it takes. */
static void reopen(struct live *l)
{
    struct err err;
    double wait_s = first_wait_s;
    while (!live_is_over(l)) {
        stop_wait_readable(-1, (int)(wait_s * 1e3));
        if (live_is_over(l))
            return;
        l->handle = l->device->open(&l->settings, &err);
        if (l->handle) {
            if (l->settings.gain_index >= 0 && l->device->set_gain)
                l->device->set_gain(l->handle, (size_t)l->settings.gain_index);
            put_note(l, "source_back", l->settings.name);
            return;
        }
        wait_s = fmin(2 * wait_s, longest_wait_s);
    }
}

static void *live_thread(void *user)
{
    struct live *l = user;
    while (!live_is_over(l)) {
        if (l->handle)
            run_once(l);
        if (!live_is_over(l))
            reopen(l);
    }
    if (l->handle)
        l->device->close(l->handle);
    queue_shut(&l->items);
    atomic_store(&l->ended, true);
    return NULL;
}

/* ---- gain --------------------------------------------------------------------------------- */

enum { TRIAL_BYTES = 8 * LIVE_BLOCK_BYTES, SETTLE_READS = 2 };

/* Tries all gains once. What the device sent for a moment after a change belongs to the gain
 * before. */
static bool try_gains(struct live *l, struct err *err)
{
    const struct live_device *d = l->device;
    struct gain_trial trials[LIVE_MAX_GAINS];
    size_t n = d->n_gains ? d->n_gains(l->handle) : 0;
    n = n < LIVE_MAX_GAINS ? n : LIVE_MAX_GAINS;
    if (n == 0 || !isnan(l->settings.gain_db) || !d->read)
        return true;
    unsigned char *bytes = malloc(TRIAL_BYTES);
    bool ok = bytes != NULL;
    for (size_t k = 0; ok && k < n && !stop_asked(); k++) {
        ok = d->set_gain(l->handle, k);
        for (int read = 0; ok && read < SETTLE_READS; read++)
            ok = d->read(l->handle, bytes, TRIAL_BYTES);
        trials[k] = gain_trial_of(bytes, ok ? TRIAL_BYTES / iq_sample_bytes(l->settings.format) : 0,
                                  l->settings.format);
    }
    free(bytes);
    if (!ok)
        return err_set(err, EXIT_DEVICE,
                       "%.96s: no samples came while its gains were tried; -g sets one",
                       l->settings.name);
    l->settings.gain_index = (int)gain_choose(trials, n);
    return d->set_gain(l->handle, (size_t)l->settings.gain_index);
}

/* ---- the reader --------------------------------------------------------------------------- */

static double given_or(double value, double fallback)
{
    return value > 0 ? value : fallback;
}

static void fill_source(struct source *source, const struct live *l,
                        const struct source_config *config)
{
    source->name = config->text;
    source->format = l->settings.format;
    source->center_hz = l->settings.center_hz;
    source->sample_rate_sps = l->settings.true_rate_sps;
    source->center_told = source->rate_told = SOURCE_TOLD_BY_OPTION;
    source->live = true;
}

static bool open_queue(struct live *l, struct err *err)
{
    return queue_open(&l->items, sizeof(struct live_item), QUEUE_BLOCKS) ||
           err_set(err, EXIT_INTERNAL, "out of memory");
}

static bool start_thread(struct live *l, struct err *err)
{
    if (thread_start(&l->thread, live_thread, l))
        return true;
    queue_close(&l->items);
    return err_set(err, EXIT_INTERNAL, "cannot start a thread");
}

bool live_open(struct source *source, const struct source_config *config,
               const struct live_device *device, const char *address, struct err *err)
{
    struct live *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    struct live_settings *s = &l->settings;
    l->device = device;
    pthread_mutex_init(&l->run_mutex, NULL);
    s->center_hz = given_or(config->center_hz, default_center_hz);
    s->sample_rate_sps = s->true_rate_sps = given_or(config->sample_rate_sps, default_rate_sps);
    s->gain_db = config->gain_given ? config->gain_db : (double)NAN;
    s->ppm = config->ppm;
    s->bias_tee = config->bias_tee;
    s->gain_index = -1;
    snprintf(s->address, sizeof s->address, "%s", address);
    snprintf(s->name, sizeof s->name, "%.90s", config->text);
    l->handle = device->open(s, err);
    live_clock_init(&l->clock, s->true_rate_sps);
    const bool ok = l->handle && try_gains(l, err);
    if (ok && open_queue(l, err) && start_thread(l, err)) {
        fill_source(source, l, config);
        source->state = l;
        return true;
    }
    if (l->handle)
        device->close(l->handle);
    free(l);
    return false;
}

static void cancel(struct live *l)
{
    pthread_mutex_lock(&l->run_mutex);
    if (l->running && l->device->cancel)
        l->device->cancel(l->handle);
    pthread_mutex_unlock(&l->run_mutex);
}

/* Has the device been silent for so long that it will not speak again? */
static void watch(struct live *l)
{
    const int64_t awaited_ms = atomic_load(&l->awaited_ms);
    const int64_t limit_ms = atomic_load(&l->started) ? LIVE_STALL_MS : LIVE_START_STALL_MS;
    if (awaited_ms == 0 || now_ms() - awaited_ms < limit_ms)
        return;
    atomic_store(&l->stalled, true);
    cancel(l);
}

bool live_read(struct source *source, struct iq_block *block, struct err *err)
{
    struct live *l = source->state;
    enum queue_taken taken = QUEUE_TIMEOUT;
    (void)err;
    while (!stop_asked() && (taken = queue_take(&l->items, &l->taken, POLL_MS)) == QUEUE_TIMEOUT)
        watch(l);
    *block = (struct iq_block){ .n = 0 };
    source->note = NULL;
    if (taken != QUEUE_ITEM)
        return true;
    l->position += l->taken.lost;
    *block = (struct iq_block){ .iq = l->taken.iq,
                                .n = l->taken.n,
                                .first_sample = l->position,
                                .lost = l->taken.lost,
                                .t_us = l->taken.t_us };
    l->position += l->taken.n;
    source->note = l->taken.note.event ? &l->taken.note : NULL;
    return true;
}

void live_close(struct source *source)
{
    static const struct timespec again = { .tv_nsec = 5000000 };
    struct live *l = source->state;
    if (!l)
        return;
    atomic_store(&l->over, true);
    queue_shut(&l->items);
    for (; !atomic_load(&l->ended); nanosleep(&again, NULL))
        cancel(l); /* more than once: it may not have been running yet */
    pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->run_mutex);
    queue_close(&l->items);
    free(l);
    source->state = NULL;
}

bool live_always(const char *text)
{
    (void)text;
    return true;
}
