/* SPDX-License-Identifier: MIT
 * Where in the recording's band is more power than usual? A cheap look at a share of the samples,
 * so that the search for preambles, which costs many times as much, may sleep while nothing goes on
 * in its channel. */
#ifndef DSP_ACTIVITY_H
#define DSP_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/kernels/kernels.h"

enum { ACTIVITY_MAX_BANDS = 32 };

/* A band in which bursts are looked for. */
struct activity_band {
    double low_hz, high_hz; /* of carriers and their tones, from the recording's centre */
    double chip_rate_cps, deviation_min_hz, deviation_max_hz;
    double least_ecn0;    /* of the weakest burst that is worth anything */
    unsigned burst_chips; /* of the shortest                             */
};

struct activity;

struct activity_config {
    double sample_rate_sps;
    size_t hop_samples; /* of a push, a multiple of 4096                                    */
    bool fine; /* for bursts of less than some 50 kHz, and fewer false alarms; costs more */
};

/* NULL without memory. */
struct activity *activity_open(const struct activity_config *config, const struct kernels *kernels);
/* Adds one of at most ACTIVITY_MAX_BANDS bands; returns its number. */
size_t activity_add_band(struct activity *activity, const struct activity_band *band);
void activity_close(struct activity *activity);

/* The stream starts, or goes on after a gap, with this sample, a multiple of hop_samples. */
void activity_reset(struct activity *activity, uint64_t first_sample);

/* The next hop of the stream, interleaved: bytes, of which dc[rail] is taken off, or integers. Does
 * nothing if there are no bands. */
void activity_push_u8(struct activity *activity, const uint8_t *iq, const float dc[2]);
void activity_push_s16(struct activity *activity, const int16_t *iq);

/* Sample behind the last window in which there was more power than usual in this band, lately or
 * still; that of the stream's end as long as little is known of what is usual. */
uint64_t activity_until(const struct activity *activity, size_t band);
/* Samples by which a burst may have begun before that, if there was nothing before. */
size_t activity_delay(const struct activity *activity, size_t band);
/* After so many seconds nothing depends on what was before. */
double activity_memory_s(double sample_rate_sps);

#endif
