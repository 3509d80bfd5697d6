/* SPDX-License-Identifier: MIT
 * The kernels in plain C, written so that a compiler vectorises them. Included once by each
 * kernels_<isa>.c, which is compiled with its own flags, may have its own version of a kernel, and
 * ends with kernels_row.h. */
#include <float.h>
#include <math.h>

#include "dsp/filter_design.h" /* FIR_MAX_TAPS */
#include "dsp/kernels/cpfsk_impl.h"
#include "dsp/kernels/kernels.h"
#include "dsp/kernels/spectra_impl.h"
#include "dsp/kernels/tone_impl.h"
#include "dsp/kernels/training_impl.h"

static inline void from_u8(int16_t *restrict iq, const uint8_t *restrict x, size_t n, int scale,
                           const int16_t offset[2])
{
    const int16_t o0 = offset[0], o1 = offset[1];
    for (size_t k = 0; k + 1 < n; k += 2) {
        iq[k] = (int16_t)(x[k] * scale - o0);
        iq[k + 1] = (int16_t)(x[k + 1] * scale - o1);
    }
}

static inline void sum_u8(int32_t sums[2], const uint8_t *x, size_t n)
{
    int32_t i = 0, q = 0;
    for (size_t k = 0; k + 1 < n; k += 2) {
        i += x[k];
        q += x[k + 1];
    }
    sums[0] = i;
    sums[1] = q;
}

static inline void sum_s16(int32_t sums[2], const int16_t *x, size_t n)
{
    int32_t i = 0, q = 0;
    for (size_t k = 0; k + 1 < n; k += 2) {
        i += x[k];
        q += x[k + 1];
    }
    sums[0] = i;
    sums[1] = q;
}

static inline void sum_f32(float sums[2], const float *x, size_t n, float limit)
{
    float i = 0, q = 0;
    for (size_t k = 0; k + 1 < n; k += 2) {
        i += fabsf(x[k]) < limit ? x[k] : 0;
        q += fabsf(x[k + 1]) < limit ? x[k + 1] : 0;
    }
    sums[0] = i;
    sums[1] = q;
}

static inline int16_t saturate(int v)
{
    return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

static inline void from_s16(int16_t *restrict iq, const int16_t *restrict x, size_t n,
                            const int16_t offset[2])
{
    const int o0 = offset[0], o1 = offset[1];
    for (size_t k = 0; k + 1 < n; k += 2) {
        iq[k] = saturate((x[k] >> 1) - o0);
        iq[k + 1] = saturate((x[k + 1] >> 1) - o1);
    }
}

/* What is not finite counts as 0. */
static inline int16_t from_float(float x, float scale, float offset)
{
    const float v = (fabsf(x) <= FLT_MAX ? x : 0) * scale - offset;
    const float limited = v < 32767.0f ? v : 32767.0f;
    return (int16_t)(limited > -32768.0f ? limited : -32768.0f);
}

static inline void from_f32(int16_t *restrict iq, const float *restrict x, size_t n, float scale,
                            const int16_t offset[2])
{
    const float o0 = offset[0], o1 = offset[1];
    for (size_t k = 0; k + 1 < n; k += 2) {
        iq[k] = from_float(x[k], scale, o0);
        iq[k + 1] = from_float(x[k + 1], scale, o1);
    }
}

/* Outputs first ... n_out - 1. */
static inline void decimate_from(size_t first, float *restrict out_i, float *restrict out_q,
                                 const int16_t *restrict iq, const int16_t *restrict taps_re,
                                 const int16_t *restrict taps_im, size_t n_taps, size_t decimation,
                                 size_t n_out)
{
    for (size_t m = first; m < n_out; m++) {
        const int16_t *x = iq + 2 * decimation * m;
        int32_t sum_i = 0, sum_q = 0;
        for (size_t k = 0; k < 2 * n_taps; k++) {
            sum_i += x[k] * taps_re[k];
            sum_q += x[k] * taps_im[k];
        }
        out_i[m] = (float)sum_i;
        out_q[m] = (float)sum_q;
    }
}

static inline void decimate(float *restrict out_i, float *restrict out_q,
                            const int16_t *restrict iq, const int16_t *restrict taps_re,
                            const int16_t *restrict taps_im, size_t n_taps, size_t decimation,
                            size_t n_out)
{
    decimate_from(0, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out);
}

/* Piece by piece as 16 bits, of which compilers know how to sum up products two by two. */
static inline void decimate_u8_from(size_t first, float *restrict out_i, float *restrict out_q,
                                    const uint8_t *restrict iq, const int8_t *restrict taps_re,
                                    const int8_t *restrict taps_im, size_t n_taps,
                                    size_t decimation, size_t n_out, float scale,
                                    const float offset[2])
{
    enum { PIECE = 1024 }; /* samples */
    int16_t x[2 * PIECE], re[2 * FIR_MAX_TAPS], im[2 * FIR_MAX_TAPS];
    const size_t most = (PIECE - n_taps) / decimation + 1;
    for (size_t k = 0; k < 2 * n_taps; k++) {
        re[k] = taps_re[k];
        im[k] = taps_im[k];
    }
    for (size_t m = first; m < n_out; m += most) {
        const size_t n = n_out - m < most ? n_out - m : most;
        const uint8_t *from = iq + 2 * decimation * m;
        for (size_t k = 0; k < 2 * ((n - 1) * decimation + n_taps); k++)
            x[k] = from[k];
        decimate_from(0, out_i + m, out_q + m, x, re, im, n_taps, decimation, n);
        for (size_t k = m; k < m + n; k++) {
            out_i[k] = scale * out_i[k] - offset[0];
            out_q[k] = scale * out_q[k] - offset[1];
        }
    }
}

static inline void decimate_u8(float *restrict out_i, float *restrict out_q,
                               const uint8_t *restrict iq, const int8_t *restrict taps_re,
                               const int8_t *restrict taps_im, size_t n_taps, size_t decimation,
                               size_t n_out, float scale, const float offset[2])
{
    decimate_u8_from(0, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out, scale,
                     offset);
}

static inline void gate_sums(struct gate_sums *sums, const float *i, const float *q, size_t delay,
                             const float *cosine, const float *sine, size_t n)
{
    const float *i0 = i - delay, *q0 = q - delay;
    float re_cos = 0, re_sin = 0, im_cos = 0, im_sin = 0, energy = 0;
    for (size_t k = 0; k < n; k++) {
        const float re = i[k] * i0[k] + q[k] * q0[k];
        const float im = q[k] * i0[k] - i[k] * q0[k];
        re_cos += re * cosine[k];
        re_sin += re * sine[k];
        im_cos += im * cosine[k];
        im_sin += im * sine[k];
        energy += i[k] * i[k] + q[k] * q[k];
    }
    *sums = (struct gate_sums){ re_cos, re_sin, im_cos, im_sin, energy };
}
