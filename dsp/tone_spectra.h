/* SPDX-License-Identifier: MIT
 * Samples in, blocks of four chips out: how much of each frequency there is, seen through windows
 * of one chip, half a chip apart, and how far that goes along with the pace of a preamble 0101...
 */
#ifndef DSP_TONE_SPECTRA_H
#define DSP_TONE_SPECTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/kernels/kernels.h"
#include "dsp/spectrum.h"

enum {
    TONE_BLOCK_CHIPS = 4, /* of TONE_HOPS windows                    */
    TONE_GROUP = 8,       /* blocks that are pushed at once          */
    TONE_MAX_BINS = 512,
};

struct tone_spectra_config {
    double rate_sps, chip_rate_cps;
    double rotation_cycles; /* a sample: where the channel's centre lies in its samples     */
    double low_hz, high_hz; /* that are wanted, from the channel's centre                   */
};

struct tone_spectra {
    const struct kernels *kernels;
    double rate_sps;
    size_t group_samples, window_samples;
    double hop_samples;      /* from one window to the next                                       */
    double bin_hz, first_hz; /* of the frequencies, the first from the channel's centre */
    int n_bins;              /* that count */
    size_t row;              /* frequencies in a row: those, and some */
    /* windows of few samples: what is wanted is summed up directly */
    struct tone_dft *dft;
    float *turn_re, *turn_im; /* takes the middle of the frequencies to 0 Hz */
    float *i, *q;             /* what that gives, with history and room */
    /* of many */
    struct spectrum_batch *batch;
    int fft_size, first_bin;
};

/* For windows of n_samples, at most TONE_DFT_MAX_WINDOW, and frequencies bin_cycles a sample apart.
 */
void tone_dft_init(struct tone_dft *dft, size_t n_samples, double bin_cycles);

/* false without memory. Plans an FFT: not thread-safe. */
bool tone_spectra_init(struct tone_spectra *spectra, const struct tone_spectra_config *config,
                       const struct kernels *kernels);
void tone_spectra_deinit(struct tone_spectra *spectra);

/* The stream goes on after a gap. */
void tone_spectra_reset(struct tone_spectra *spectra);

/* group_samples samples; i[], q[] are readable from -window_samples on. Fills blocks[TONE_GROUP],
 * with zeros behind the frequencies that count. */
void tone_spectra_push(struct tone_spectra *spectra, const float *i, const float *q,
                       const struct tone_rows *blocks);

/* Middle of window k of a block, in samples since the start of the stream; k may be a fraction. */
double tone_spectra_middle(const struct tone_spectra *spectra, uint64_t block, double k);

/* Power of a frequency in a window of noise, of samples with that power on average; and from there
 * to the power a hertz. */
double tone_spectra_power(const struct tone_spectra *spectra, double sample_power);
double tone_spectra_density(const struct tone_spectra *spectra, double bin_power);

#endif
