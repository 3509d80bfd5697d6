/* SPDX-License-Identifier: MIT
 * Is anybody talking? The gate for large modulation indices, where the two tones of a burst lie far
 * apart: the power of each frequency, seen through a window of one chip, alternates on a preamble
 * 0101..., that of the upper tone against that of the lower one. The gate looks for two
 * frequencies, as far apart as the deviation allows, that do. Unlike burst_gate's product of two
 * samples it lets no more noise in than a chip does, however wide the channel, and it tells the
 * carrier and the deviation. */
#ifndef DSP_TONE_GATE_H
#define DSP_TONE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/tone_lines.h"
#include "dsp/tone_spectra.h"

enum {
    TONE_MAX_RUN = 180, /* blocks that one preamble may last; that of S1 takes 140 */
    TONE_MAX_BANDS = 12,
};

struct tone_gate_config {
    double rate_sps, chip_rate_cps;
    double rotation_cycles; /* a sample: where the channel's centre lies in its samples        */
    double low_hz, high_hz; /* both tones must lie between, from the channel's centre          */
    double band_hz;         /* preambles so far apart are told apart; 0: one at a time          */
    double deviation_min_hz, deviation_max_hz;
    double silence_power;  /* of a sample: less is rounding, not noise                           */
    unsigned window_chips; /* over which the line is looked for: of the shortest preamble     */
};

/* A preamble: times in samples of the channel since the start of the stream. */
struct tone_candidate {
    double line_end;   /* end of the last window in which the line lasts                      */
    double seen_end;   /* end of the last one in which it shows                               */
    double one_center; /* where one of the chips 1 has its middle                             */
    double chip_rate_cps, offset_hz, deviation_hz;
    double noise_density; /* power a hertz                                                    */
};

/* The blocks in which the line stands, in one band. */
struct tone_run {
    bool on;
    uint64_t start, last_block; /* from where, and to where it lasts */
    uint64_t seen_block;        /* the last in which it shows        */
    float recent;               /* strength                          */
};

struct tone_gate {
    struct tone_gate_config config;
    struct tone_spectra spectra;
    struct tone_lines lines;
    int band_bins, n_bands;
    uint64_t n_decided;                     /* blocks                       */
    int next_band;                          /* of the first that is not yet */
    struct tone_pair pairs[TONE_MAX_BANDS]; /* its best                     */
    struct tone_run runs[TONE_MAX_BANDS];
};

/* false without memory. Plans an FFT: not thread-safe. */
bool tone_gate_init(struct tone_gate *gate, const struct tone_gate_config *config,
                    const struct kernels *kernels);
void tone_gate_deinit(struct tone_gate *gate);

/* The stream starts, or goes on after a gap, with this block since its start; a multiple of
 * TONE_GROUP. Nothing is known of what was before. */
void tone_gate_reset(struct tone_gate *gate, uint64_t first_block);

/* One group of spectra.group_samples samples; i[], q[] are readable from
 * -spectra.window_samples on. */
void tone_gate_push(struct tone_gate *gate, const float *i, const float *q);

/* The next preamble found. last: the stream ended, decide on all. Returns false if there is none.
 */
bool tone_gate_next(struct tone_gate *gate, bool last, struct tone_candidate *candidate);

#endif
