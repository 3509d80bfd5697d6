/* SPDX-License-Identifier: MIT */
#include "apps/receiver/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/receiver/channel_receiver.h"
#include "apps/receiver/preamble_search.h"

/* A channel whose longest burst takes longer than this is received from a narrow band, if that is
 * narrow enough. */
static const double most_full_rate_s = 0.5;
enum { LEAST_NARROWING = 4 };
/* Longest burst, 290 bytes of 16 chips and the longest preamble, and what the search lags behind at
 * the start of a stream; and some. The search of T, C and C2 lags behind by 4100 chips. */
static const double ring_chips = 6000, least_ring_seconds = 0.15;
/* Behind the end, so that the last hop of each search is whole. */
static const double silence_seconds = 0.01;

struct receiver {
    struct receiver_shared shared;
    struct signal_level level;
    struct iq_stream recording;
    struct activity *activity;
    uint64_t watched; /* samples of the recording whose activity is known */
    struct narrow_band *bands[CHANNEL_LIST_MAX];
    size_t n_bands;
    struct channel_list list; /* of channels */
    struct channel_receiver *channels[CHANNEL_LIST_MAX];
};

/* The counters one by one: there is nothing else in the struct. */
enum { N_COUNTERS = sizeof(struct receiver_stats) / sizeof(uint64_t) };

/* Modulo 2^64, as unsigned numbers are: -1 times is once less. */
static void add_times(struct receiver_stats *to, const struct receiver_stats *more, uint64_t times)
{
    uint64_t a[N_COUNTERS], b[N_COUNTERS];
    memcpy(a, to, sizeof a);
    memcpy(b, more, sizeof b);
    for (size_t k = 0; k < N_COUNTERS; k++)
        a[k] += times * b[k];
    memcpy(to, a, sizeof a);
}

void receiver_stats_add(struct receiver_stats *to, const struct receiver_stats *more)
{
    add_times(to, more, 1);
}

void receiver_stats_subtract(struct receiver_stats *from, const struct receiver_stats *less)
{
    add_times(from, less, UINT64_MAX);
}

/* All that is asked for. */
static void list_wanted(const struct receiver_config *config, struct channel_list *list)
{
    static const unsigned all = ~0u;
    *list = config->channels ? *config->channels : (struct channel_list){ .n = 0 };
    channel_list_add_modes(list, config->modes || list->n ? config->modes : all);
}

/* The same as far as the recording holds it. */
static void list_received(const struct receiver_config *config, struct channel_list *list)
{
    struct channel_list wanted;
    list_wanted(config, &wanted);
    channel_list_fitting(&wanted, config->center_hz, config->sample_rate_sps, list);
}

enum receiver_fit receiver_fit(const struct receiver_config *config, struct err *err)
{
    const double center_hz = config->center_hz, sample_rate_sps = config->sample_rate_sps;
    if (!(sample_rate_sps >= 0.8e6 && sample_rate_sps <= 3.2e6)) {
        err_set(err, EXIT_USAGE,
                "the sample rate is %.6g Msps; rates from 0.8 to 3.2 Msps can be received",
                sample_rate_sps / 1e6);
        return RECEIVER_BAD_RATE;
    }
    struct channel_list list;
    list_received(config, &list);
    if (list.n > 0)
        return RECEIVER_FITS;
    char known[160];
    list_wanted(config, &list);
    channel_list_text(&list, known, sizeof known);
    err_set(err, EXIT_USAGE,
            "the band received, %.3f to %.3f MHz, holds no channel with 100 kHz on each side of "
            "it (%s); are centre (-f) and rate (-s) right?",
            (center_hz - sample_rate_sps / 2) / 1e6, (center_hz + sample_rate_sps / 2) / 1e6,
            known);
    return RECEIVER_NO_CHANNEL;
}

static struct receiver *no_memory(struct receiver *r, struct err *err)
{
    err_set(err, EXIT_INTERNAL, "out of memory");
    receiver_close(r);
    return NULL;
}

static double channel_burst_s(const struct channel_choice *channel)
{
    return fmax(least_ring_seconds, ring_chips / channel->row->chip_rate_cps);
}

static bool is_narrow(const struct channel_choice *channel, double sample_rate_sps)
{
    return channel_burst_s(channel) > most_full_rate_s &&
           narrow_band_rate_sps(sample_rate_sps, channel->row->pass_hz) * LEAST_NARROWING <=
               sample_rate_sps;
}

/* The slowest channel's longest burst; of those only that are received at the full rate. */
static double longest_burst_s(const struct receiver_config *config, bool narrow_too)
{
    struct channel_list list;
    double most = least_ring_seconds;
    list_received(config, &list);
    for (size_t k = 0; k < list.n; k++)
        if (narrow_too || !is_narrow(&list.items[k], config->sample_rate_sps))
            most = fmax(most, channel_burst_s(&list.items[k]));
    return most;
}

/* The noise is learnt, then a burst is heard with it, inside of which another may be heard. */
double receiver_memory_s(const struct receiver_config *config)
{
    static const double search_s = 0.7; /* what it looks at when it wakes up, and remembers */
    return activity_memory_s(config->sample_rate_sps) + search_s +
           2 * longest_burst_s(config, true);
}

static bool open_recording(struct receiver *r)
{
    const struct receiver_config *config = &r->shared.config;
    const double seconds = longest_burst_s(config, false);
    struct sample_ring *ring =
        sample_ring_open(config->format, config->iq_swap,
                         (size_t)(seconds * config->sample_rate_sps), r->shared.kernels);
    r->shared.recording = ring;
    return iq_stream_open(&r->recording, ring, config->sample_rate_sps, config->center_hz);
}

/* Searches in narrow bands never sleep. */
static bool wants_fine_look(const struct receiver *r)
{
    for (size_t k = 0; k < r->list.n; k++)
        if (preamble_search_is_costly(r->list.items[k].row) &&
            !is_narrow(&r->list.items[k], r->shared.config.sample_rate_sps))
            return true;
    return false;
}

static bool open_activity(struct receiver *r)
{
    const struct activity_config config = { .sample_rate_sps = r->shared.config.sample_rate_sps,
                                            .hop_samples = SAMPLE_RING_HOP,
                                            .fine = wants_fine_look(r) };
    r->activity = activity_open(&config, r->shared.kernels);
    r->recording.activity = r->activity;
    return r->activity != NULL;
}

/* The narrow band of a channel, which it may share. NULL without memory. */
static const struct iq_stream *open_band(struct receiver *r, const struct channel_choice *channel)
{
    const struct narrow_band_config config = { .center_hz = channel->frequency_hz,
                                               .pass_hz = channel->row->pass_hz,
                                               .seconds = channel_burst_s(channel) };
    for (size_t k = 0; k < r->n_bands; k++)
        if (narrow_band_serves(r->bands[k], &config))
            return narrow_band_stream(r->bands[k]);
    struct narrow_band *band = narrow_band_open(&config, &r->recording, r->shared.kernels);
    if (!band)
        return NULL;
    r->bands[r->n_bands++] = band;
    return narrow_band_stream(band);
}

/* The slowest channels come first, so that a band that is shared holds enough. */
static bool open_channels(struct receiver *r)
{
    for (size_t k = 0; k < r->list.n; k++) {
        const struct channel_choice *channel = &r->list.items[k];
        const struct iq_stream *stream = is_narrow(channel, r->recording.sample_rate_sps)
                                             ? open_band(r, channel)
                                             : &r->recording;
        r->channels[k] = stream ? channel_receiver_open(&r->shared, stream, channel) : NULL;
        if (!r->channels[k])
            return false;
    }
    return true;
}

struct receiver *receiver_open(const struct receiver_config *config, receiver_sink *sink,
                               void *user, struct err *err)
{
    if (receiver_fit(config, err) != RECEIVER_FITS)
        return NULL;
    const struct kernels *kernels = kernels_find(config->simd);
    if (!kernels) {
        err_set(err, EXIT_USAGE, "this computer has no kernels named \"%s\"", config->simd);
        return NULL;
    }
    struct receiver *r = calloc(1, sizeof *r);
    if (!r)
        return no_memory(r, err);
    r->shared.config = *config;
    list_received(config, &r->list);
    r->shared.sink = sink;
    r->shared.user = user;
    r->shared.kernels = kernels;
    signal_level_reset(&r->level, config->format, 0);
    if (!open_recording(r) || !open_activity(r) || !open_channels(r))
        return no_memory(r, err);
    return r;
}

void receiver_watch(struct receiver *r, burst_report_sink *bursts)
{
    r->shared.bursts = bursts;
}

void receiver_watch_stages(struct receiver *r, const struct stage_watch *watch)
{
    r->shared.stages = *watch;
}

void receiver_reset(struct receiver *r, uint64_t first_sample)
{
    sample_ring_reset(r->recording.ring, first_sample);
    signal_level_reset(&r->level, r->shared.config.format, first_sample);
    r->recording.start = first_sample;
    r->watched = sample_ring_end(r->recording.ring);
    activity_reset(r->activity, r->watched);
    memset(&r->shared.transmissions, 0, sizeof r->shared.transmissions);
    for (size_t k = 0; k < r->n_bands; k++)
        narrow_band_reset(r->bands[k]);
    for (size_t k = 0; k < r->list.n; k++)
        channel_receiver_reset(r->channels[k]);
}

void receiver_close(struct receiver *r)
{
    if (!r)
        return;
    for (size_t k = 0; k < r->list.n; k++)
        channel_receiver_close(r->channels[k]);
    for (size_t k = 0; k < r->n_bands; k++)
        narrow_band_close(r->bands[k]);
    activity_close(r->activity);
    iq_stream_close(&r->recording);
    free(r);
}

const struct receiver_stats *receiver_stats(const struct receiver *r)
{
    return &r->shared.stats;
}

bool receiver_is_idle(const struct receiver *r)
{
    for (size_t k = 0; k < r->list.n; k++)
        if (!channel_receiver_is_idle(r->channels[k]))
            return false;
    return true;
}

static void run_channels(struct receiver *r, bool last)
{
    for (size_t k = 0; k < r->list.n; k++)
        channel_receiver_run(r->channels[k], last);
}

static void watch_activity(struct receiver *r)
{
    const struct sample_ring *ring = r->recording.ring;
    float dc[2], scale;
    stage_turn(&r->shared.stages, STAGE_ACTIVITY, NULL);
    for (; r->watched < sample_ring_end(ring); r->watched += SAMPLE_RING_HOP) {
        const void *iq = sample_ring_view(ring, (int64_t)r->watched, SAMPLE_RING_HOP, NULL);
        if (sample_ring_bytes(ring, dc, &scale))
            activity_push_u8(r->activity, iq, dc);
        else
            activity_push_s16(r->activity, iq);
    }
}

/* Works on what the recording's ring holds by now. */
static void run(struct receiver *r)
{
    watch_activity(r);
    for (size_t k = 0; k < r->n_bands; k++)
        while (narrow_band_run(r->bands[k])) {
        }
    run_channels(r, false);
}

void receiver_push(struct receiver *r, const void *iq, size_t n)
{
    const char *bytes = iq;
    r->shared.stats.samples += n;
    signal_level_push(&r->level, iq, n, &r->shared.stats.level);
    while (n > 0) {
        stage_turn(&r->shared.stages, STAGE_INPUT, NULL);
        const size_t taken = sample_ring_push(r->recording.ring, bytes, n);
        bytes += taken * iq_sample_bytes(r->shared.config.format);
        n -= taken;
        run(r);
    }
}

void receiver_tell(struct receiver *r, const struct told_burst *burst)
{
    for (size_t k = 0; k < r->list.n; k++)
        channel_receiver_tell(r->channels[k], burst);
}

void receiver_flush(struct receiver *r)
{
    /* What follows the end is silence; the last hop gets filled with it. */
    sample_ring_finish(r->recording.ring, (size_t)(silence_seconds * r->recording.sample_rate_sps));
    run(r);
    for (size_t k = 0; k < r->n_bands; k++)
        narrow_band_finish(r->bands[k]);
    run_channels(r, true);
}

void receiver_skip(struct receiver *r, uint64_t lost)
{
    receiver_flush(r);
    r->shared.stats.samples_lost += lost;
    receiver_reset(r, sample_ring_source_end(r->recording.ring) + lost);
}
