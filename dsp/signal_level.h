/* SPDX-License-Identifier: MIT
 * How loud a stream is: noise where nobody sends, and how much is clipped. Looks at a short piece
 * now and then, so that it costs little on every sample. */
#ifndef DSP_SIGNAL_LEVEL_H
#define DSP_SIGNAL_LEVEL_H

#include "dsp/iq.h"

enum {
    LEVEL_PIECE = 64,    /* samples that are looked at ...                 */
    LEVEL_STRIDE = 8192, /* ... of so many                                 */
    LEVEL_BINS = 128,    /* of the power of a piece, 1 dB each             */
};

/* Counters: those of two streams, or of two parts of one, add up. */
struct level_counts {
    uint64_t looked, clipped;   /* samples looked at; with I or Q at full scale        */
    uint64_t power[LEVEL_BINS]; /* pieces of -k-1 ... -k dBFS; the last: and all below   */
};

struct level_piece {
    double mean_square; /* of |x|², the mean taken off; a tone of full scale has 1 */
    size_t clipped;
};

/* Measures n samples, at least 1. */
struct level_piece level_of_piece(const void *iq, size_t n, enum iq_format format);

struct signal_level {
    enum iq_format format;
    uint64_t position; /* of the next sample                                   */
    size_t filled;     /* of the piece; what is missing at its start spoils it */
    unsigned char piece[LEVEL_PIECE * 8];
};

/* The next sample is this one. */
void signal_level_reset(struct signal_level *level, enum iq_format format, uint64_t position);
/* n samples, however the stream is cut; adds to counts. */
void signal_level_push(struct signal_level *level, const void *iq, size_t n,
                       struct level_counts *counts);

/* What a quarter of the pieces is quieter than, in dBFS, a tone of full scale being 0: noise, if
 * somebody sends in less than half of the time. -INFINITY: none was looked at. */
double level_noise_dbfs(const struct level_counts *counts);
/* Share of the samples, 0 ... 1. */
double level_clipped(const struct level_counts *counts);

#endif
