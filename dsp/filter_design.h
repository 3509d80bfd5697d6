/* SPDX-License-Identifier: MIT
 * Filter design: the only user of liquid-dsp. At start, or once a burst; never a sample. */
#ifndef DSP_FILTER_DESIGN_H
#define DSP_FILTER_DESIGN_H

#include <stddef.h>
#include <stdint.h>

enum {
    FIR_MAX_TAPS = 256,
    FIR_TAPS_MULTIPLE = 16, /* whole vectors of every instruction set */
    FIR_BYTE_MAX = 63,      /* two products with a byte fit into 16 bits */
};

/* Low-pass prototype, Kaiser window: taps[n_taps], gain 1 at 0 Hz. */
struct fir_prototype {
    size_t n_taps; /* multiple of FIR_TAPS_MULTIPLE, at most FIR_MAX_TAPS */
    float taps[FIR_MAX_TAPS];
};

/* Passes up to pass_hz, stops from stop_hz on by stop_db; as long as that takes, at most
 * FIR_MAX_TAPS. pass_hz < stop_hz <= sample_rate_sps / 2. */
void fir_design_lowpass(struct fir_prototype *fir, double sample_rate_sps, double pass_hz,
                        double stop_hz, double stop_db);

/* Power of white noise behind the filter, its density before it being 1 a hertz. */
double fir_noise_bandwidth_hz(const struct fir_prototype *fir, double sample_rate_sps);

/* A prototype shifted to center_hz, as the integers that the decimate kernel takes. */
struct fir_bandpass {
    size_t n_taps;
    int16_t taps_re[2 * FIR_MAX_TAPS];
    int16_t taps_im[2 * FIR_MAX_TAPS];
};

/* The same as bytes, for the decimate_u8 kernel: out of scale * sums comes the gain FIR_UNITY. */
struct fir_bandpass_bytes {
    size_t n_taps;
    int8_t taps_re[2 * FIR_MAX_TAPS];
    int8_t taps_im[2 * FIR_MAX_TAPS];
    float scale;
    float sum_re, sum_im; /* of the taps: what a DC offset of 1 gives */
};

enum { FIR_UNITY = 1 << 14 }; /* sum of the integer taps of gain 1 */

/* The phase of the shifting tone is zero at the first tap. */
void fir_shift(struct fir_bandpass *bandpass, const struct fir_prototype *fir,
               double sample_rate_sps, double center_hz);
void fir_shift_bytes(struct fir_bandpass_bytes *bandpass, const struct fir_prototype *fir,
                     double sample_rate_sps, double center_hz);

#endif
