/* SPDX-License-Identifier: MIT
 * The samples that a channel is received from: those of the recording, or of a narrow band of it at
 * a lower rate. Slow modes need few samples a second, but many seconds, for their longest burst. */
#ifndef APPS_RECEIVER_IQ_STREAM_H
#define APPS_RECEIVER_IQ_STREAM_H

#include "apps/receiver/sample_ring.h"
#include "dsp/activity.h"

struct iq_stream {
    struct sample_ring *ring;
    double sample_rate_sps, center_hz;
    uint64_t start;            /* its first sample                                       */
    double first, step;        /* its sample n is the recording's sample first + n * step */
    struct activity *activity; /* in it, for its channels; NULL: not known */
    int16_t *span_iq;          /* room for a piece of it of span_capacity samples */
    size_t span_capacity;
};

/* For pieces of what the ring holds. False without memory, or without a ring. */
bool iq_stream_open(struct iq_stream *stream, struct sample_ring *ring, double sample_rate_sps,
                    double center_hz);
/* Closes the ring as well. */
void iq_stream_close(struct iq_stream *stream);

/* The recording's sample that the stream's sample n is. */
static inline double iq_stream_recorded(const struct iq_stream *stream, double n)
{
    return stream->first + n * stream->step;
}

/* The other way round. */
static inline double iq_stream_heard(const struct iq_stream *stream, double recorded)
{
    return (recorded - stream->first) / stream->step;
}

/* What is there of samples first ... last; valid until the next call. */
struct iq_span iq_stream_span(const struct iq_stream *stream, double first, double last);

/* A band of another stream. */
struct narrow_band;

struct narrow_band_config {
    double center_hz, pass_hz; /* what passes, on each side of it */
    double seconds;            /* that it holds                   */
};

/* The rate of a band so wide, in a stream of this rate: the latter divided by a power of two. */
double narrow_band_rate_sps(double sample_rate_sps, double pass_hz);

/* NULL without memory. from must outlive it. */
struct narrow_band *narrow_band_open(const struct narrow_band_config *config,
                                     const struct iq_stream *from, const struct kernels *kernels);
/* Is it what this would open? */
bool narrow_band_serves(const struct narrow_band *band, const struct narrow_band_config *config);
void narrow_band_close(struct narrow_band *band);
const struct iq_stream *narrow_band_stream(const struct narrow_band *band);
/* As from starts, or goes on after a gap. */
void narrow_band_reset(struct narrow_band *band);
/* Takes the next hop that from holds by now; false if it is not there yet. */
bool narrow_band_run(struct narrow_band *band);
/* Behind the end of from, a tenth of what it holds: silence. */
void narrow_band_finish(struct narrow_band *band);

#endif
