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

#include "dsp/sorted_window.h"
#include "dsp/spectrum.h"

enum {
    TONE_MAX_BINS = 512, /* of a window's spectrum                                       */
    TONE_HOPS = 8,       /* windows in a block, two a chip: a block has four chips       */
    TONE_BLOCK_CHIPS = 4,
    TONE_GROUP = 8,         /* blocks that are pushed at once, and share one noise figure   */
    TONE_MAX_WINDOW = 16,   /* blocks over which the line is looked for                     */
    TONE_FIRST_GROUPS = 16, /* groups that must be there before the first decision          */
    TONE_NOISE_GROUPS = 64, /* that tell how strong lines are ordinarily                     */
    TONE_RING = 160,        /* blocks: those groups, a window and a group                   */
    TONE_MAX_RUN = 180,     /* blocks that one preamble may last; that of S1 takes 140      */
    TONE_MAX_BANDS = 12,
    TONE_RATES = 3, /* clock errors tried: none, and one to either side             */
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
    double one_center; /* where one of the chips 1 has its middle                             */
    double chip_rate_cps, offset_hz, deviation_hz;
    double noise_density; /* power a hertz                                                    */
};

/* Of each frequency: strength of the line, in phase and out of it. */
struct tone_line {
    float re[TONE_MAX_BINS], im[TONE_MAX_BINS];
};

struct tone_block {
    struct tone_line line;
    float power[TONE_MAX_BINS];
};

/* Two frequencies in the window that ends with a block. */
struct tone_pair {
    float strength; /* power of the line over that which noise has                       */
    float power;
    int lower, upper;
};

/* The blocks in which the line stands, in one band. */
struct tone_run {
    bool on;
    uint64_t start, last_block;
    unsigned misses;
    float recent; /* strength */
};

struct tone_gate {
    struct tone_gate_config config;
    struct spectrum_batch *batch;
    size_t group_samples, window_samples;
    double hop_samples;
    size_t window; /* blocks */
    int fft_size;
    int first_bin, n_bins; /* that count; bin k has (first_bin + k) / fft_size cycles a sample  */
    int gap_min, gap_max;  /* of the two tones, in bins                                         */
    int band_bins, n_bands;
    float silence;                  /* power of a bin that is not noise yet */
    float threshold, least_nominal; /* the latter a share of it */
    struct tone_block blocks[TONE_RING];
    float noise[TONE_MAX_BINS];
    float ordinary[TONE_NOISE_GROUPS]; /* mean line of each group, see threshold_now, as a ring */
    struct sorted_window sorted;       /* and in order                                          */
    uint64_t n_ordinary;
    uint64_t first_block;                   /* where the stream starts, or goes on after a gap */
    uint64_t n_blocks, n_decided;           /* those before the first one included */
    int next_band;                          /* of block n_decided */
    struct tone_pair pairs[TONE_MAX_BANDS]; /* its best */
    struct tone_run runs[TONE_MAX_BANDS];
    struct tone_line lines[TONE_RATES]; /* work space */
};

/* false without memory. Plans an FFT: not thread-safe. */
bool tone_gate_init(struct tone_gate *gate, const struct tone_gate_config *config);
void tone_gate_deinit(struct tone_gate *gate);

/* The stream starts, or goes on after a gap, with this block since its start; a multiple of
 * TONE_GROUP. Nothing is known of what was before. */
void tone_gate_reset(struct tone_gate *gate, uint64_t first_block);

/* One group of group_samples samples; i[], q[] are readable from -window_samples on. */
void tone_gate_push(struct tone_gate *gate, const float *i, const float *q);

/* The next preamble found. last: the stream ended, decide on all. Returns false if there is none.
 */
bool tone_gate_next(struct tone_gate *gate, bool last, struct tone_candidate *candidate);

#endif
