/* SPDX-License-Identifier: MIT
 * Is anybody talking? The gate for short preambles and slow chips: of 16 chips 0101 there is no
 * line to be seen, but preamble and sync word together are known. Seen through a window of one
 * chip, the power of the upper tone less that of the lower one follows them. The gate adds that up
 * over all of them, a quarter of a chip and a quarter of a chip rate at a time, at each frequency
 * and deviation that is possible. Each chip counts by its power alone, so that the carrier need not
 * be known. */
#ifndef DSP_SYNC_GATE_H
#define DSP_SYNC_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/sorted_window.h"
#include "dsp/spectrum.h"
#include "dsp/training.h"

enum {
    SYNC_HOPS_A_CHIP = 4,
    SYNC_GROUP_CHIPS = 16, /* pushed at once, and share one noise figure                      */
    SYNC_GROUP_HOPS = SYNC_HOPS_A_CHIP * SYNC_GROUP_CHIPS,
    SYNC_MAX_BINS = 320,    /* frequencies                                                   */
    SYNC_NOISE_GROUPS = 64, /* that the noise is taken from                                  */
    SYNC_FIRST_GROUPS = 16, /* that must be there before the first decision                  */
    SYNC_RING_GROUPS = 24,  /* those, and a training sequence before                         */
    SYNC_RING_HOPS = SYNC_RING_GROUPS * SYNC_GROUP_HOPS,
    SYNC_MAX_BANDS = 12,
};

struct sync_gate_config {
    double rate_sps, chip_rate_cps;
    double rotation_cycles; /* a sample: where the channel's centre lies in its samples           */
    double low_hz, high_hz; /* both tones must lie between, from the channel's centre             */
    double band_hz;         /* sync words so far apart are told apart; 0: one at a time           */
    double deviation_min_hz, deviation_max_hz;
    double silence_power;     /* of a sample: less is rounding, not noise                         */
    struct training training; /* what all frames have, ...                                        */
    struct training tail;     /* ... and what follows, as it stands or inverted                   */
};

/* A training sequence: time in samples of the channel since the start of the stream. */
struct sync_candidate {
    double end; /* of config.training, where config.tail begins */
    double offset_hz, deviation_hz;
    double noise_density; /* power a hertz */
};

/* Two frequencies, and what they have in a hop. */
struct sync_peak {
    float strength; /* 0: none */
    uint64_t hop;
    int lower, upper;
};

/* Powers of a hop, of each frequency. */
struct sync_hop {
    float power[SYNC_MAX_BINS];
};

struct sync_gate {
    struct sync_gate_config config;
    struct spectrum_batch *batch;
    size_t group_samples, window_samples;
    double hop_samples;
    int fft_size, first_bin, n_bins; /* bin k has (first_bin + k) / fft_size cycles a sample */
    int gap_min, gap_max;            /* of the two tones, in bins                            */
    int band_bins, n_bands;
    unsigned n_chips; /* of training and tail */
    struct sync_hop hops[SYNC_RING_HOPS];
    float group_power[SYNC_NOISE_GROUPS][SYNC_MAX_BINS]; /* mean of a hop */
    struct sorted_window quiet[SYNC_MAX_BINS]; /* those of noise_from ... noise_to - 1, in order */
    uint64_t noise_from, noise_to;
    float noise[SYNC_MAX_BINS];
    uint64_t first_hop, n_hops, n_decided; /* first of the stream, behind the last */
    struct sync_peak peaks[SYNC_MAX_BANDS];
    int next_band; /* of those that may end at n_decided */
    float head_sum[SYNC_MAX_BINS], tail_sum[SYNC_MAX_BINS], all_sum[SYNC_MAX_BINS]; /* work space */
};

/* false without memory. Plans an FFT: not thread-safe. */
bool sync_gate_init(struct sync_gate *gate, const struct sync_gate_config *config);
void sync_gate_deinit(struct sync_gate *gate);

/* The stream starts, or goes on after a gap, with this group. */
void sync_gate_reset(struct sync_gate *gate, uint64_t first_group);

/* One group of group_samples samples; i[], q[] are readable from -window_samples on. */
void sync_gate_push(struct sync_gate *gate, const float *i, const float *q);

/* The next training sequence found. last: the stream ended, decide on all. Returns false if there
 * is none. */
bool sync_gate_next(struct sync_gate *gate, bool last, struct sync_candidate *candidate);

#endif
