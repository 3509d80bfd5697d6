/* SPDX-License-Identifier: MIT */
#include "apps/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/channel_receiver.h"
#include "apps/exit_codes.h"

enum { MAX_CHANNELS = 8 };

/* Longest burst, 290 bytes of 16 chips and the longest preamble, and what the search lags behind at
 * the start of a stream; and some. The search of T, C and C2 lags behind by 4100 chips. */
static const double ring_chips = 6000, least_ring_seconds = 0.15;
/* Behind the end, so that the last hop of each search is whole. */
static const double silence_seconds = 0.01;

struct receiver {
    struct receiver_shared shared;
    struct channel_receiver *channels[MAX_CHANNELS];
    size_t n_channels;
};

static bool inside_band(double center_hz, double sample_rate_sps, const struct radio_channel *row)
{
    return fabs(row->frequency_hz - center_hz) + 100e3 <= sample_rate_sps / 2;
}

static bool is_wanted(unsigned modes, const struct radio_channel *row)
{
    return modes == 0 || modes >> row->first_mode & ((1u << row->n_modes) - 1);
}

/* Is this row of radio_channels to be received? */
static bool is_received(const struct receiver_config *config, const struct radio_channel *row)
{
    return is_wanted(config->modes, row) &&
           inside_band(config->center_hz, config->sample_rate_sps, row);
}

/* "T/C at 868.95 MHz, S at ..." */
static void list_channels(unsigned modes, char *text, size_t size)
{
    size_t n = 0;
    for (size_t k = 0; k < n_radio_channels && n < size; k++)
        if (is_wanted(modes, &radio_channels[k]))
            n += (size_t)snprintf(text + n, size - n, "%s%s at %.6g MHz", n ? ", " : "",
                                  radio_channels[k].name, radio_channels[k].frequency_hz / 1e6);
}

enum receiver_fit receiver_fit(double center_hz, double sample_rate_sps, unsigned modes,
                               struct err *err)
{
    if (!(sample_rate_sps >= 0.8e6 && sample_rate_sps <= 3.2e6)) {
        err_set(err, EXIT_USAGE,
                "the sample rate is %.6g Msps; rates from 0.8 to 3.2 Msps can be received",
                sample_rate_sps / 1e6);
        return RECEIVER_BAD_RATE;
    }
    for (size_t k = 0; k < n_radio_channels; k++)
        if (is_wanted(modes, &radio_channels[k]) &&
            inside_band(center_hz, sample_rate_sps, &radio_channels[k]))
            return RECEIVER_FITS;
    char known[80];
    list_channels(modes, known, sizeof known);
    err_set(err, EXIT_USAGE,
            "the recording holds %.3f to %.3f MHz, but no channel with 100 kHz on each side of "
            "it lies in there (%s); are centre and rate right?",
            (center_hz - sample_rate_sps / 2) / 1e6, (center_hz + sample_rate_sps / 2) / 1e6,
            known);
    return RECEIVER_NO_CHANNEL;
}

unsigned receiver_default_modes(double center_hz, double sample_rate_sps)
{
    const unsigned modes = radio_modes_parse("T,C1");
    struct err ignored;
    const bool fit = receiver_fit(center_hz, sample_rate_sps, modes, &ignored) == RECEIVER_FITS;
    return fit ? modes : 0;
}

static struct receiver *no_memory(struct receiver *r, struct err *err)
{
    err_set(err, EXIT_INTERNAL, "out of memory");
    receiver_close(r);
    return NULL;
}

static bool open_channels(struct receiver *r)
{
    const struct receiver_config *config = &r->shared.config;
    assert(n_radio_channels <= MAX_CHANNELS);
    for (size_t k = 0; k < n_radio_channels; k++) {
        if (!is_received(config, &radio_channels[k]))
            continue;
        r->channels[r->n_channels] = channel_receiver_open(&r->shared, &radio_channels[k]);
        if (!r->channels[r->n_channels++])
            return false;
    }
    return true;
}

/* The slowest channel's longest burst. */
static double longest_burst_s(const struct receiver_config *config)
{
    double most = least_ring_seconds;
    for (size_t k = 0; k < n_radio_channels; k++)
        if (is_received(config, &radio_channels[k]))
            most = fmax(most, ring_chips / radio_channels[k].chip_rate_cps);
    return most;
}

/* The noise is learnt, then a burst is heard with it, inside of which another may be heard. */
double receiver_memory_s(const struct receiver_config *config)
{
    static const double learning_s = 1.0;
    return learning_s + 2 * longest_burst_s(config);
}

struct receiver *receiver_open(const struct receiver_config *config, receiver_sink *sink,
                               void *user, struct err *err)
{
    if (receiver_fit(config->center_hz, config->sample_rate_sps, config->modes, err) !=
        RECEIVER_FITS)
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
    r->shared.sink = sink;
    r->shared.user = user;
    r->shared.kernels = kernels;
    r->shared.ring =
        sample_ring_open(config->format, config->iq_swap,
                         (size_t)(longest_burst_s(config) * config->sample_rate_sps), kernels);
    r->shared.span_capacity = r->shared.ring ? sample_ring_capacity(r->shared.ring) : 0;
    r->shared.span_iq = calloc(2 * r->shared.span_capacity, sizeof *r->shared.span_iq);
    if (!open_channels(r) || !r->shared.ring || !r->shared.span_iq)
        return no_memory(r, err);
    return r;
}

void receiver_reset(struct receiver *r, uint64_t first_sample)
{
    sample_ring_reset(r->shared.ring, first_sample);
    memset(&r->shared.transmissions, 0, sizeof r->shared.transmissions);
    for (size_t k = 0; k < r->n_channels; k++)
        channel_receiver_reset(r->channels[k], first_sample);
}

void receiver_close(struct receiver *r)
{
    if (!r)
        return;
    for (size_t k = 0; k < r->n_channels; k++)
        channel_receiver_close(r->channels[k]);
    sample_ring_close(r->shared.ring);
    free(r->shared.span_iq);
    free(r);
}

const struct receiver_stats *receiver_stats(const struct receiver *r)
{
    return &r->shared.stats;
}

static void run_channels(struct receiver *r, bool last)
{
    for (size_t k = 0; k < r->n_channels; k++)
        channel_receiver_run(r->channels[k], last);
}

void receiver_push(struct receiver *r, const void *iq, size_t n)
{
    const char *bytes = iq;
    r->shared.stats.samples += n;
    while (n > 0) {
        const size_t taken = sample_ring_push(r->shared.ring, bytes, n);
        bytes += taken * iq_sample_bytes(r->shared.config.format);
        n -= taken;
        run_channels(r, false);
    }
}

void receiver_flush(struct receiver *r)
{
    /* What follows the end is silence; the last hop gets filled with it. */
    sample_ring_finish(r->shared.ring,
                       (size_t)(silence_seconds * r->shared.config.sample_rate_sps));
    run_channels(r, true);
}
