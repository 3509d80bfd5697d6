/* SPDX-License-Identifier: MIT
 * The blocks of the gate of tones, as a ring, and the pairs of frequencies in whose windows of some
 * blocks the line of a preamble stands out of the noise. */
#ifndef DSP_TONE_LINES_H
#define DSP_TONE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/sorted_window.h"
#include "dsp/tone_spectra.h"

enum {
    TONE_MAX_WINDOW = 16,   /* blocks over which the line is looked for                         */
    TONE_FIRST_GROUPS = 24, /* groups that must be there before the first decision              */
    TONE_NOISE_GROUPS = 64, /* that tell how strong lines are ordinarily                        */
    TONE_RING = 256,        /* blocks: the first groups, a window, a group, and a look back     */
    TONE_RATES = 3,         /* clock errors tried: none, and one to either side                 */
    TONE_MARGIN = 64,       /* of rows of lines, which pairs may reach beyond                   */
};

/* Of each frequency: strength of the line over a window, in phase and out of it. */
struct tone_line {
    float re[TONE_MAX_BINS + TONE_MARGIN], im[TONE_MAX_BINS + TONE_MARGIN];
};

/* Two frequencies in the window that ends with a block. */
struct tone_pair {
    float strength; /* power of the line over that which noise has                       */
    float power;
    int lower, upper;
};

struct tone_lines {
    const struct kernels *kernels;
    int n_bins;
    size_t row;
    int gap_min, gap_max; /* of the two tones, in bins             */
    size_t window;        /* blocks                                */
    float silence;        /* power of a bin that is not noise yet  */
    float white;          /* threshold in white noise              */
    float least_nominal;  /* share of it that a line shows at the nominal clock */
    float *pool;          /* the ring: rows of each block, twice, so that any window is whole */
    float *re[2 * TONE_RING], *im[2 * TONE_RING], *power[2 * TONE_RING];
    float noise[TONE_MAX_BINS];
    float least[TONE_MAX_BINS + TONE_MARGIN];            /* that a line must have ...     */
    float least_at_nominal[TONE_MAX_BINS + TONE_MARGIN]; /* ... and show at that clock    */
    float threshold;                   /* now: white noise, or what noise ordinarily shows    */
    float ordinary[TONE_NOISE_GROUPS]; /* mean line of each group, as a ring                  */
    struct sorted_window sorted;       /* and in order                                        */
    uint64_t n_ordinary;
    uint64_t first_block, n_blocks; /* pushed, those before the first one included */
    struct tone_line lines[TONE_RATES];
};

struct tone_lines_config {
    double deviation_min_hz, deviation_max_hz;
    double silence_power;  /* of a sample: less is rounding, not noise                       */
    unsigned window_chips; /* over which the line is looked for: of the shortest preamble    */
};

/* false without memory. */
bool tone_lines_init(struct tone_lines *lines, const struct tone_lines_config *config,
                     const struct tone_spectra *spectra);
void tone_lines_deinit(struct tone_lines *lines);
/* The stream starts, or goes on after a gap, with this block. */
void tone_lines_reset(struct tone_lines *lines, uint64_t first_block);

/* A group of samples, as tone_spectra_push has it. */
void tone_lines_push(struct tone_lines *lines, struct tone_spectra *spectra, const float *i,
                     const float *q);

/* Looks for lines in the window that ends with block b; false if no pair reaches the threshold.
 * Until the next call tone_lines_best tells the best pair whose lower frequency is from ... to - 1;
 * its strength is 0 if there is none. */
bool tone_lines_look(struct tone_lines *lines, uint64_t b);
struct tone_pair tone_lines_best(const struct tone_lines *lines, uint64_t b, int from, int to);
/* The same without looking before, whatever shows at the nominal clock. */
struct tone_pair tone_lines_best_at(struct tone_lines *lines, uint64_t b, int from, int to);

/* The line in the window that ends with block b, as it stands in the middle of that block, for a
 * clock that errs by error to either side: slow and fast. */
void tone_lines_sum(const struct tone_lines *lines, uint64_t b, double error,
                    struct tone_line *slow, struct tone_line *fast);
float tone_line_power(const struct tone_line *line, int lower, int upper);

/* Noise of a pair's two frequencies together, and how strong it is against the threshold in white
 * noise. */
float tone_lines_noise(const struct tone_lines *lines, int lower, int upper);
float tone_lines_over_white(const struct tone_lines *lines, const struct tone_pair *pair);

#endif
