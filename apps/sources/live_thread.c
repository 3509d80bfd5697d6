/* SPDX-License-Identifier: MIT */
#include "apps/sources/live_thread.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"

/* Between attempts to open a device that went away. */
static const double first_wait_s = 0.5, longest_wait_s = 15;

int64_t live_now_ms(void)
{
    return (int64_t)(monotonic_s() * 1e3);
}

bool live_is_over(const struct live *l)
{
    return atomic_load(&l->over) || atomic_load(&l->stalled) || stop_asked();
}

/* A full queue is left to empty itself by half, so that a receiver that is too slow hears whole
 * telegrams between the gaps. */
static void put_block(struct live *l)
{
    struct live_item *item = &l->filled;
    l->dropping = l->dropping && queue_fill(&l->items) > LIVE_QUEUE_BLOCKS / 2;
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
    size_t left = (l->kept + n_bytes) / sample_bytes; /* samples */
    if (live_is_over(l))
        return false;
    l->lost += live_clock_push(&l->clock, left, monotonic_s());
    atomic_store(&l->awaited_ms, live_now_ms());
    atomic_store(&l->started, true);
    while (n_bytes > 0) {
        const size_t room = LIVE_BLOCK_BYTES - l->kept, n = n_bytes < room ? n_bytes : room;
        const size_t whole = (l->kept + n) / sample_bytes;
        memcpy(l->filled.iq + l->kept, at, n);
        l->filled.n = whole;
        l->filled.t_us = utc_of_us(l, (double)l->clock.position - (double)left);
        if (whole > 0)
            put_block(l);
        l->kept += n - whole * sample_bytes;
        memmove(l->filled.iq, l->filled.iq + whole * sample_bytes, l->kept);
        at += n;
        n_bytes -= n;
        left -= whole;
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
    l->kept = 0;
    atomic_store(&l->started, false);
    atomic_store(&l->stalled, false);
    atomic_store(&l->awaited_ms, live_now_ms());
    set_running(l, true);
    l->device->run(l->handle, l, &err);
    set_running(l, false);
    atomic_store(&l->awaited_ms, 0);
    l->device->close(l->handle);
    l->handle = NULL;
    const bool stalled = atomic_exchange(&l->stalled, false);
    live_clock_pause(&l->clock);
    if (atomic_load(&l->started))
        l->wait_s = first_wait_s;
    if (live_is_over(l))
        return;
    char text[sizeof l->filled.note.text];
    snprintf(text, sizeof text, "%.*s", (int)sizeof text - 1,
             stalled || err.exit_code == EXIT_OK ? "no samples came any more" : err.text);
    put_note(l, "source_lost", text);
}

/* In slices: the reader may want no more. */
static void wait_to_open(const struct live *l)
{
    static const double slice_s = 0.1;
    for (double left_s = l->wait_s; left_s > 0 && !live_is_over(l); left_s -= slice_s)
        stop_wait_readable(-1, (int)(slice_s * 1e3));
}

/* Opens the device again, as often as it takes. */
static void reopen(struct live *l)
{
    struct err err;
    while (!live_is_over(l)) {
        wait_to_open(l);
        l->wait_s = fmin(2 * l->wait_s, longest_wait_s);
        const int ppm = atomic_load(&l->ppm);
        if (ppm != LIVE_NO_PPM)
            l->settings.ppm = ppm;
        if (live_is_over(l) || !(l->handle = l->device->open(&l->settings, &err)))
            continue;
        const int gain = atomic_load(&l->gain_index);
        if (gain >= 0)
            l->device->set_gain(l->handle, (size_t)gain);
        put_note(l, "source_back", l->settings.name);
        return;
    }
}

/* The device's library is only ever called from here, but for gains and to cancel: whatever it
 * takes its time for, nobody else waits. */
void *live_thread(void *user)
{
    struct live *l = user;
    l->wait_s = first_wait_s;
    l->handle = l->device->open(&l->settings, &l->open_err);
    if (l->handle) {
        live_clock_init(&l->clock, l->settings.true_rate_sps);
        l->opened = l->settings;
        queue_put(&l->items, &l->filled, true);
        while (!live_is_over(l)) {
            if (l->handle)
                run_once(l);
            else
                reopen(l);
        }
    }
    if (l->handle)
        l->device->close(l->handle);
    queue_shut(&l->items);
    atomic_store(&l->ended, true);
    return NULL;
}
