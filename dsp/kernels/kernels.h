/* SPDX-License-Identifier: MIT
 * The loops that touch every sample, as a table with one row for each instruction set. All rows
 * compile the same plain C (kernels_impl.h); the choice is made once, at start, and passed down.
 * Kernels keep no state, ask for no alignment and write their destination first. */
#ifndef DSP_KERNELS_H
#define DSP_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "dsp/cpfsk_trellis.h"
#include "dsp/kernels/spectra_kernels.h"
#include "dsp/kernels/tone_kernels.h"
#include "dsp/kernels/training_kernels.h"

/* Sums over one block of the gate, see gate_sums. */
struct gate_sums {
    float re_cos, re_sin, im_cos, im_sin; /* delay product against cosine and sine of the line */
    float energy;                         /* sum of |x|^2                                     */
};

struct kernels {
    const char *name;

    /* Converts n values (2 a complex sample) to iq[n]: iq = scale * x - offset[n % 2]. Floats are
     * saturated; what is not finite counts as 0. */
    void (*from_u8)(int16_t *iq, const uint8_t *x, size_t n, int scale, const int16_t offset[2]);
    void (*from_s16)(int16_t *iq, const int16_t *x, size_t n, const int16_t offset[2]); /* x / 2 */
    void (*from_f32)(int16_t *iq, const float *x, size_t n, float scale, const int16_t offset[2]);

    /* Sum of each rail over n values (2 a complex sample), n <= 65536; of floats those nearer to 0
     * than limit, which leaves out what is no number, too. */
    void (*sum_u8)(int32_t sums[2], const uint8_t *x, size_t n);
    void (*sum_s16)(int32_t sums[2], const int16_t *x, size_t n);
    void (*sum_f32)(float sums[2], const float *x, size_t n, float limit);

    /* Filter with complex taps and decimate: out[m] = sum_k (re[k] + j im[k]) * in[m * decimation +
     * k]. iq[2 * ((n_out - 1) * decimation + n_taps)]; taps_re[2k, 2k+1] = (re, -im), taps_im =
     * (im, re). n_taps is a multiple of 16. */
    void (*decimate)(float *restrict out_i, float *restrict out_q, const int16_t *restrict iq,
                     const int16_t *restrict taps_re, const int16_t *restrict taps_im,
                     size_t n_taps, size_t decimation, size_t n_out);

    /* The same of bytes, with taps of 7 bits: out[m] = scale * sum_k (re[k] + j im[k]) * in[m *
     * decimation + k] - offset. */
    void (*decimate_u8)(float *restrict out_i, float *restrict out_q, const uint8_t *restrict iq,
                        const int8_t *restrict taps_re, const int8_t *restrict taps_im,
                        size_t n_taps, size_t decimation, size_t n_out, float scale,
                        const float offset[2]);

    /* Product of each sample with the conjugate of the one delay before, against cos[n], sin[n];
     * i[], q[] are readable from -delay on. */
    void (*gate_sums)(struct gate_sums *sums, const float *i, const float *q, size_t delay,
                      const float *cosine, const float *sine, size_t n);

    /* Sums of the power spectra of n windows, the starts of which are stride samples apart:
     * power[k] = sum |DFT(window * (x - dc))|^2 at frequency k - plan->size / 2; and the same of
     * integers without their mean. */
    void (*spectra_u8)(float *restrict power, const uint8_t *restrict iq, size_t n, size_t stride,
                       const float dc[2], const struct spectra_plan *plan);
    void (*spectra_s16)(float *restrict power, const int16_t *restrict iq, size_t n, size_t stride,
                        const struct spectra_plan *plan);

    /* out[k] = (i[k] + j q[k]) (re[k] + j im[k]). */
    void (*tone_turn)(float *restrict out_i, float *restrict out_q, const float *restrict i,
                      const float *restrict q, const float *restrict re, const float *restrict im,
                      size_t n);
    /* The TONE_HOPS windows of a block, which start at i[starts[hop]]; i[] and q[] are readable
     * from TONE_DFT_HALF before a window to as many behind it. Fills rows of TONE_DFT_BINS: power,
     * and the line that goes round a quarter turn a window. */
    void (*tone_block)(const struct tone_rows *rows, const float *i, const float *q,
                       const size_t starts[TONE_HOPS], const struct tone_dft *dft);
    /* Adds |spectrum|^2, of which re and im stand by turns, to power and, times sign, to line. */
    void (*tone_add)(float *restrict line, float *restrict power, const float *restrict spectrum,
                     float sign, size_t n);
    /* Sum of n_rows >= 1 rows of n frequencies, n a multiple of TONE_OCTET in all that follow; and
     * the sums of the rows times cosine[row], and times sine[row]. */
    void (*tone_sum)(float *restrict sum, const float *const *rows, size_t n_rows, size_t n);
    void (*tone_sum_turned)(float *restrict along, float *restrict across, const float *const *rows,
                            const float *cosine, const float *sine, size_t n_rows, size_t n);
    /* Is 2 |x[k]|^2 over least[k] anywhere? */
    int (*tone_any)(const float *re, const float *im, const float *least, size_t n);
    /* Is |x[k + gap] - x[k]|^2 over least[k] + least[k + gap] anywhere? All rows are readable up to
     * n + gap_max. */
    int (*tone_any_pair)(const float *re, const float *im, const float *least, size_t gap_min,
                         size_t gap_max, size_t n);

    /* i[k] + j q[k] becomes (i[k] + j q[k]) (re[k] + j im[k]) (start[0] + j start[1]). */
    void (*turn_row)(float *restrict i, float *restrict q, const float *restrict re,
                     const float *restrict im, const float start[2], size_t n);

    /* Sum of x[k] * y[k]. */
    float (*dot)(const float *x, const float *y, size_t n);
    /* Phase of a training sequence at n samples, between two entries, and the slope of the first.
     */
    void (*training_rows)(float *restrict half_turns, float *restrict slope,
                          const struct training_walk *walk, size_t n);
    /* re[m] + j im[m]: sample i[m] + j q[m] with the phase taken off. */
    void (*training_turn_off)(float *restrict re, float *restrict im, const float *restrict i,
                              const float *restrict q, const float *restrict half_turns,
                              const struct training_turn *turn, size_t n);

    /* to[m]: sample x + m dx of i[] and q[], by the cubic through the four around it, from
     * i[(size_t)x - 1] on; n is a multiple of CPFSK_SUB. Returns their energy. */
    float (*cpfsk_interpolate)(float *restrict to_i, float *restrict to_q, const float *restrict i,
                               const float *restrict q, float x, float dx, size_t n);
    /* A segment of CPFSK_SUB samples against the four waveforms. */
    void (*cpfsk_correlate)(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse,
                            const float *i, const float *q);
    /* One chip of the forward pass, see cpfsk_forward_push. */
    void (*cpfsk_forward_push)(struct cpfsk_forward *forward, const struct cpfsk_segment *segment);
    /* The second pass. Forward in time: from alpha[0] on, fills alpha[1] ... alpha[path->n]. And
     * back: from beta behind the last chip on, which becomes that before the first, fills each
     * chip's log-likelihood ratio. */
    void (*cpfsk_alpha_pass)(float (*restrict alpha)[2][CPFSK_LABELS],
                             const struct cpfsk_path *restrict path,
                             const struct cpfsk_turns *restrict turns);
    void (*cpfsk_beta_pass)(float *restrict llr, float beta[restrict 2][CPFSK_LABELS],
                            float (*restrict alpha)[2][CPFSK_LABELS],
                            const struct cpfsk_path *restrict path,
                            const struct cpfsk_turns *restrict turns);
};

/* By name, for tests and --simd; NULL name = the best that this CPU runs. NULL: unknown name, or
 * this CPU lacks the instructions. */
const struct kernels *kernels_find(const char *name);
/* Row i of the table, whether this CPU can run it or not; NULL behind the end. */
const struct kernels *kernels_row(size_t i);

#endif
