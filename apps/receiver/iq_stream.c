/* SPDX-License-Identifier: MIT */
#include "apps/receiver/iq_stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/channel.h"
#include "dsp/math_const.h"

enum { HOP = 1024 /* samples of the band that are made at once */ };

/* Neighbours of the band fold onto it: they may be strong. */
static const double stop_db = 60;

bool iq_stream_open(struct iq_stream *s, struct sample_ring *ring, double sample_rate_sps,
                    double center_hz)
{
    *s = (struct iq_stream){
        .ring = ring, .sample_rate_sps = sample_rate_sps, .center_hz = center_hz, .step = 1
    };
    if (!ring)
        return false;
    s->span_capacity = sample_ring_capacity(ring);
    s->span_iq = calloc(2 * s->span_capacity, sizeof *s->span_iq);
    return s->span_iq != NULL;
}

void iq_stream_close(struct iq_stream *s)
{
    sample_ring_close(s->ring);
    free(s->span_iq);
}

struct iq_span iq_stream_span(const struct iq_stream *s, double first, double last)
{
    return sample_ring_span(s->ring, first, last, s->span_iq, s->span_capacity);
}

struct narrow_band {
    struct narrow_band_config config;
    const struct iq_stream *from;
    struct iq_stream stream;
    struct channel channel;
    uint64_t next_sample; /* of from: start of the next hop */
    int16_t *iq;          /* a hop, with the filter's history in front */
    float i[HOP], q[HOP], interleaved[2 * HOP];
};

static struct channel_config filter_of(double sample_rate_sps, double center_hz, double pass_hz)
{
    return (struct channel_config){ .sample_rate_sps = sample_rate_sps,
                                    .center_hz = center_hz,
                                    .pass_hz = pass_hz,
                                    .stop_db = stop_db };
}

double narrow_band_rate_sps(double sample_rate_sps, double pass_hz)
{
    return sample_rate_sps / (double)channel_decimation(&(struct channel_config){
                                 .sample_rate_sps = sample_rate_sps, .pass_hz = pass_hz });
}

static size_t hop_in(const struct narrow_band *b)
{
    return HOP * b->channel.decimation;
}

static size_t n_in(const struct narrow_band *b)
{
    return channel_history(&b->channel) + hop_in(b);
}

struct narrow_band *narrow_band_open(const struct narrow_band_config *config,
                                     const struct iq_stream *from, const struct kernels *kernels)
{
    struct narrow_band *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    const struct channel_config filter =
        filter_of(from->sample_rate_sps, config->center_hz - from->center_hz, config->pass_hz);
    b->config = *config;
    b->from = from;
    channel_init(&b->channel, &filter, kernels);
    b->iq = calloc(2 * n_in(b), sizeof *b->iq);
    struct sample_ring *ring =
        sample_ring_open(IQ_CF32, false, (size_t)(config->seconds * b->channel.rate_sps), kernels);
    if (iq_stream_open(&b->stream, ring, b->channel.rate_sps, config->center_hz) && b->iq) {
        sample_ring_keep_mean(ring);
        b->stream.step = (double)b->channel.decimation;
        b->stream.first = (double)b->channel.decimation - (double)b->channel.fir.n_taps +
                          (double)(b->channel.fir.n_taps - 1) / 2;
        return b;
    }
    narrow_band_close(b);
    return NULL;
}

bool narrow_band_serves(const struct narrow_band *b, const struct narrow_band_config *config)
{
    return fabs(b->config.center_hz - config->center_hz) < 1 &&
           b->config.pass_hz >= config->pass_hz && b->config.seconds >= config->seconds;
}

void narrow_band_close(struct narrow_band *b)
{
    if (!b)
        return;
    iq_stream_close(&b->stream);
    free(b->iq);
    free(b);
}

const struct iq_stream *narrow_band_stream(const struct narrow_band *b)
{
    return &b->stream;
}

/* Hops lie where they do in a stream without a gap. */
void narrow_band_reset(struct narrow_band *b)
{
    const uint64_t first_hop = (b->from->start + hop_in(b) - 1) / hop_in(b);
    b->next_sample = first_hop * hop_in(b);
    b->stream.start = first_hop * HOP;
    sample_ring_reset(b->stream.ring, b->stream.start);
}

/* A hop's samples; silence for what is before the start. */
static void copy_hop(struct narrow_band *b)
{
    const double first = (double)b->next_sample - (double)channel_history(&b->channel);
    const struct iq_span span =
        iq_stream_span(b->from, first, (double)(b->next_sample + hop_in(b)));
    const size_t missing = n_in(b) - span.n;
    memset(b->iq, 0, 2 * missing * sizeof *b->iq);
    memcpy(b->iq + 2 * missing, span.iq, 2 * span.n * sizeof *b->iq);
}

/* Takes the centre to 0 Hz and full scale to 1. */
static void rotate(struct narrow_band *b)
{
    const double cycles = b->channel.rotation_cycles;
    const uint64_t first = b->next_sample / b->channel.decimation; /* of the band */
    const double start = fmod(cycles * (double)first, 1.0);
    const double unit = 1 / ((double)sample_ring_full_scale(b->from->ring) * FIR_UNITY);
    for (size_t k = 0; k < HOP; k++) {
        const double phase = -TWO_PI * fmod(start + cycles * (double)k, 1.0);
        const float c = (float)(unit * cos(phase)), s = (float)(unit * sin(phase));
        b->interleaved[2 * k] = b->i[k] * c - b->q[k] * s;
        b->interleaved[2 * k + 1] = b->q[k] * c + b->i[k] * s;
    }
}

bool narrow_band_run(struct narrow_band *b)
{
    if (b->next_sample + hop_in(b) > sample_ring_end(b->from->ring))
        return false;
    copy_hop(b);
    channel_push(&b->channel, b->iq, HOP, b->i, b->q);
    rotate(b);
    for (size_t taken = 0; taken < HOP;)
        taken += sample_ring_push(b->stream.ring, b->interleaved + 2 * taken, HOP - taken);
    b->next_sample += hop_in(b);
    return true;
}

void narrow_band_finish(struct narrow_band *b)
{
    sample_ring_finish(b->stream.ring, sample_ring_capacity(b->stream.ring) / 10);
}
