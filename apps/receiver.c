/* SPDX-License-Identifier: MIT */
#include "apps/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/channel_receiver.h"
#include "apps/exit_codes.h"

enum { MAX_CHANNELS = 8 };

struct receiver {
    struct receiver_shared shared;
    struct channel_receiver *channels[MAX_CHANNELS];
    size_t n_channels;
};

static bool inside_band(const struct receiver_config *config, const struct radio_channel *row)
{
    return fabs(row->frequency_hz - config->center_hz) + 100e3 <= config->sample_rate_sps / 2;
}

static struct receiver *fail(struct receiver *r, struct err *err, int exit_code, const char *text)
{
    snprintf(err->text, sizeof err->text, "%s", text);
    err->exit_code = exit_code;
    receiver_close(r);
    return NULL;
}

struct receiver *receiver_open(const struct receiver_config *config, receiver_sink *sink,
                               void *user, struct err *err)
{
    char text[sizeof err->text];
    if (!(config->sample_rate_sps >= 0.8e6 && config->sample_rate_sps <= 3.2e6)) {
        snprintf(text, sizeof text,
                 "the sample rate is %.6g Msps; rates from 0.8 to 3.2 Msps can be received",
                 config->sample_rate_sps / 1e6);
        return fail(NULL, err, EXIT_USAGE, text);
    }
    struct receiver *r = calloc(1, sizeof *r);
    if (!r)
        return fail(r, err, EXIT_INTERNAL, "out of memory");
    r->shared.config = *config;
    r->shared.sink = sink;
    r->shared.user = user;
    r->shared.kernels = kernels_find(config->simd);
    if (!r->shared.kernels) {
        snprintf(text, sizeof text, "this computer has no kernels named \"%s\"", config->simd);
        return fail(r, err, EXIT_USAGE, text);
    }
    assert(n_radio_channels <= MAX_CHANNELS);
    for (size_t k = 0; k < n_radio_channels; k++) {
        if (!inside_band(config, &radio_channels[k]))
            continue;
        r->channels[r->n_channels] = channel_receiver_open(&r->shared, &radio_channels[k]);
        if (!r->channels[r->n_channels++])
            return fail(r, err, EXIT_INTERNAL, "out of memory");
    }
    if (r->n_channels == 0) {
        snprintf(
            text, sizeof text,
            "the recording holds %.3f to %.3f MHz, but no channel with 100 kHz on each side of "
            "it lies in there (T and C modes are sent at 868.95 MHz); are centre and rate right?",
            (config->center_hz - config->sample_rate_sps / 2) / 1e6,
            (config->center_hz + config->sample_rate_sps / 2) / 1e6);
        return fail(r, err, EXIT_USAGE, text);
    }
    r->shared.ring = sample_ring_open(config->format, config->iq_swap, config->sample_rate_sps,
                                      r->shared.kernels);
    r->shared.span_capacity = r->shared.ring ? sample_ring_capacity(r->shared.ring) : 0;
    r->shared.span_iq = calloc(2 * r->shared.span_capacity, sizeof *r->shared.span_iq);
    if (!r->shared.ring || !r->shared.span_iq)
        return fail(r, err, EXIT_INTERNAL, "out of memory");
    return r;
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
    sample_ring_finish(r->shared.ring);
    run_channels(r, true);
}
