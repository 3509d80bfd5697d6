/* SPDX-License-Identifier: MIT */
#include "apps/sources/live.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"
#include "apps/common/thread.h"
#include "apps/sources/gain_choice.h"
#include "apps/sources/live_thread.h"

enum { POLL_MS = 250 };

/* For a device's library to return when the program is to end: that takes less than a second. */
static const double longest_end_s = 0.5;

/* The centre leaves the spike at 0 Hz outside every channel, and S, R, T and C in the band. */
static const double default_center_hz = 868.625e6, default_rate_sps = 1.6e6;

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
    if (awaited_ms == 0 || live_now_ms() - awaited_ms < limit_ms)
        return;
    atomic_store(&l->stalled, true);
    cancel(l);
}

/* Fills l->taken; false: asked to stop, or the device's thread ended. */
static bool take(struct live *l)
{
    enum queue_taken taken = QUEUE_TIMEOUT;
    while (!stop_asked() && (taken = queue_take(&l->items, &l->taken, POLL_MS)) == QUEUE_TIMEOUT)
        watch(l);
    return taken == QUEUE_ITEM;
}

/* ---- gain --------------------------------------------------------------------------------- */

/* What comes for a moment after a change belongs to the gain before. */
enum { TRIAL_BYTES = 8 * LIVE_BLOCK_BYTES };

/* n bytes of what comes now, NULL: which nobody wants; false with *err if it does not come. */
static bool gather(struct live *l, unsigned char *bytes, size_t n, struct err *err)
{
    for (size_t have = 0; have < n;) {
        if (!take(l))
            return err_set(err, EXIT_OK, "stopped");
        if (l->taken.note.event)
            return err_set(err, EXIT_DEVICE,
                           "%s; that was while the gains were tried, of which -g chooses one",
                           l->taken.note.text);
        const size_t got = l->taken.n * iq_sample_bytes(l->opened.format);
        if (bytes)
            memcpy(bytes + have, l->taken.iq, got < n - have ? got : n - have);
        have += got;
    }
    return true;
}

static bool set_gain(struct live *l, size_t index, struct err *err)
{
    pthread_mutex_lock(&l->run_mutex);
    const bool ok = l->running && l->device->set_gain(l->handle, index);
    pthread_mutex_unlock(&l->run_mutex);
    return ok || err_set(err, EXIT_DEVICE, "%.96s: cannot set its gain", l->opened.name);
}

static bool try_gain(struct live *l, size_t index, unsigned char *bytes, struct gain_trial *trial,
                     struct err *err)
{
    const enum iq_format format = l->opened.format;
    if (!set_gain(l, index, err))
        return false;
    const size_t stale = queue_fill(&l->items) * LIVE_BLOCK_BYTES + TRIAL_BYTES;
    if (!gather(l, NULL, stale, err) || !gather(l, bytes, TRIAL_BYTES, err))
        return false;
    *trial = gain_trial_of(bytes, TRIAL_BYTES / iq_sample_bytes(format), format);
    return true;
}

/* Tries all gains once, if none was asked for. */
static bool try_gains(struct live *l, struct err *err)
{
    struct gain_trial trials[LIVE_MAX_GAINS];
    const size_t n = l->opened.n_gains < LIVE_MAX_GAINS ? l->opened.n_gains : LIVE_MAX_GAINS;
    if (n == 0 || !isnan(l->opened.gain_db))
        return true;
    unsigned char *bytes = malloc(TRIAL_BYTES);
    if (!bytes)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    bool ok = gather(l, NULL, 1, err); /* it runs */
    for (size_t k = 0; ok && k < n; k++)
        ok = try_gain(l, k, bytes, &trials[k], err);
    free(bytes);
    if (!ok)
        return false;
    const size_t best = gain_choose(trials, n);
    atomic_store(&l->gain_index, (int)best);
    return set_gain(l, best, err);
}

/* ---- the row's functions ------------------------------------------------------------------ */

static double given_or(double value, double fallback)
{
    return value > 0 ? value : fallback;
}

static void fill_settings(struct live_settings *s, const struct source_config *config,
                          const char *address)
{
    *s = (struct live_settings){
        .center_hz = given_or(config->center_hz, default_center_hz),
        .sample_rate_sps = given_or(config->sample_rate_sps, default_rate_sps),
        .gain_db = config->gain_db,
        .ppm = config->ppm,
        .bias_tee = config->bias_tee,
    };
    s->true_rate_sps = s->sample_rate_sps;
    snprintf(s->address, sizeof s->address, "%s", address);
    snprintf(s->name, sizeof s->name, "%.90s", config->text);
}

static void tell_gain(struct source *source, const struct live *l)
{
    const struct live_settings *s = &l->opened;
    const int best = atomic_load(&l->gain_index);
    if (best < 0 && !isnan(s->gain_db))
        snprintf(source->gain, sizeof source->gain, "%.1f dB", s->gain_db);
    else if (best >= 0 && isnan(s->gains_db[best]))
        snprintf(source->gain, sizeof source->gain, "step %d of %zu, which was found best",
                 best + 1, s->n_gains);
    else if (best >= 0)
        snprintf(source->gain, sizeof source->gain, "%.1f dB, which was found best",
                 s->gains_db[best]);
}

static void fill_source(struct source *source, const struct live *l,
                        const struct source_config *config)
{
    source->name = config->text;
    if (strcmp(l->opened.name, config->text) != 0)
        snprintf(source->device, sizeof source->device, "%s", l->opened.name);
    source->format = l->opened.format;
    source->center_hz = l->opened.center_hz;
    source->sample_rate_sps = l->opened.true_rate_sps;
    source->center_told = source->rate_told = SOURCE_TOLD_BY_OPTION;
    source->live = true;
    tell_gain(source, l);
}

static void free_live(struct live *l)
{
    pthread_mutex_destroy(&l->run_mutex);
    queue_close(&l->items);
    free(l);
}

/* Returns NULL with *err. */
static struct live *start(const struct source_config *config, const struct live_device *device,
                          const char *address, struct err *err)
{
    struct live *l = calloc(1, sizeof *l);
    if (!l || !queue_open(&l->items, sizeof(struct live_item), LIVE_QUEUE_BLOCKS)) {
        free(l);
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    l->device = device;
    atomic_init(&l->gain_index, -1);
    atomic_init(&l->ppm, LIVE_NO_PPM);
    pthread_mutex_init(&l->run_mutex, NULL);
    fill_settings(&l->settings, config, address);
    if (thread_start(&l->thread, live_thread, l))
        return l;
    free_live(l);
    err_set(err, EXIT_INTERNAL, "cannot start a thread");
    return NULL;
}

/* Waits until the device is open. */
static bool await_open(struct live *l, struct err *err)
{
    if (take(l))
        return true;
    if (stop_asked())
        return err_set(err, EXIT_OK, "stopped");
    *err = l->open_err;
    return false;
}

bool live_open(struct source *source, const struct source_config *config,
               const struct live_device *device, const char *address, struct err *err)
{
    struct live *l = start(config, device, address, err);
    source->state = l;
    if (!l)
        return false;
    if (await_open(l, err) && try_gains(l, err)) {
        fill_source(source, l, config);
        return true;
    }
    live_close(source);
    return false;
}

bool live_read(struct source *source, struct iq_block *block, struct err *err)
{
    struct live *l = source->state;
    (void)err;
    *block = (struct iq_block){ .n = 0 };
    source->note = NULL;
    if (!take(l))
        return true;
    l->position += l->taken.lost;
    *block = (struct iq_block){ .iq = l->taken.iq,
                                .n = l->taken.n,
                                .first_sample = l->position,
                                .lost = l->taken.lost,
                                .t_us = l->taken.t_us };
    l->position += l->taken.n;
    source->queue_fill = (double)queue_fill(&l->items) / LIVE_QUEUE_BLOCKS;
    source->note = l->taken.note.event ? &l->taken.note : NULL;
    return true;
}

/* Cancels more than once: the device may not have been running yet. False: it hangs. */
static bool end_thread(struct live *l)
{
    static const struct timespec again = { .tv_nsec = 5000000 };
    const double end_s = monotonic_s() + longest_end_s;
    for (; !atomic_load(&l->ended) && monotonic_s() < end_s; nanosleep(&again, NULL))
        cancel(l);
    const bool ended = atomic_load(&l->ended);
    if (ended)
        pthread_join(l->thread, NULL);
    else
        pthread_detach(l->thread);
    return ended;
}

bool live_set_ppm(struct source *source, double ppm)
{
    struct live *l = source->state;
    pthread_mutex_lock(&l->run_mutex);
    const bool ok = l->running && l->device->set_ppm && l->device->set_ppm(l->handle, ppm);
    pthread_mutex_unlock(&l->run_mutex);
    if (ok)
        atomic_store(&l->ppm, (int)lrint(ppm));
    return ok;
}

void live_close(struct source *source)
{
    struct live *l = source->state;
    if (!l)
        return;
    atomic_store(&l->over, true);
    queue_shut(&l->items);
    if (end_thread(l)) /* else what it uses is left to it, for what is left of the program */
        free_live(l);
    source->state = NULL;
}

bool live_always(const char *text)
{
    (void)text;
    return true;
}

const char *live_address(const char *text, const char *kind)
{
    const size_t n = strlen(kind);
    if (strncmp(text, kind, n) != 0 || (text[n] != ':' && text[n] != '\0'))
        return NULL;
    return text + n + (text[n] == ':');
}
