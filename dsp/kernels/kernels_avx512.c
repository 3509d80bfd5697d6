/* SPDX-License-Identifier: MIT
 * AVX-512 with VNNI, for the sums of products; the rest is as fast in registers of half the width.
 */
#include "dsp/kernels/kernels_x86.h"

/* As in kernels_avx2.c: a lane of 32 bits holds two samples, decimation / 2 lanes an output. */
enum { SAMPLES = 64 }; /* two registers at once */

static inline __m512i taps_of_step(const int8_t *taps, size_t decimation)
{
    int32_t two;
    int64_t four;
    switch (decimation) {
    case 2:
        memcpy(&two, taps, sizeof two);
        return _mm512_set1_epi32(two);
    case 4:
        memcpy(&four, taps, sizeof four);
        return _mm512_set1_epi64(four);
    default:
        return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)taps));
    }
}

/* Sums of neighbours: those of a, then those of b. */
static inline __m512i pair_sums(__m512i a, __m512i b)
{
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_permutex2var_epi32(a, even, b),
                            _mm512_permutex2var_epi32(a, odd, b));
}

static inline void store(float *out, __m512i sums, float scale, float offset)
{
    _mm512_storeu_ps(out, _mm512_fmsub_ps(_mm512_set1_ps(scale), _mm512_cvtepi32_ps(sums),
                                          _mm512_set1_ps(offset)));
}

/* SAMPLES / decimation outputs. */
static inline void decimate_u8_group(float *out_i, float *out_q, const uint8_t *x,
                                     const int8_t *taps_re, const int8_t *taps_im, size_t n_taps,
                                     size_t decimation, float scale, const float offset[2])
{
    __m512i i[2], q[2];
    i[0] = i[1] = q[0] = q[1] = _mm512_setzero_si512();
    for (size_t k = 0; k < 2 * n_taps; k += 2 * decimation) {
        const __m512i re = taps_of_step(taps_re + k, decimation);
        const __m512i im = taps_of_step(taps_im + k, decimation);
        for (size_t half = 0; half < 2; half++) {
            const __m512i v = _mm512_loadu_si512(x + k + 64 * half);
            i[half] = _mm512_dpbusd_epi32(i[half], v, re);
            q[half] = _mm512_dpbusd_epi32(q[half], v, im);
        }
    }
    if (decimation == 2) {
        for (size_t half = 0; half < 2; half++) {
            store(out_i + 16 * half, i[half], scale, offset[0]);
            store(out_q + 16 * half, q[half], scale, offset[1]);
        }
        return;
    }
    const __m512i sum_i = pair_sums(i[0], i[1]), sum_q = pair_sums(q[0], q[1]);
    if (decimation == 4) {
        store(out_i, sum_i, scale, offset[0]);
        store(out_q, sum_q, scale, offset[1]);
        return;
    }
    float both[16];
    store(both, pair_sums(sum_i, sum_q), scale, 0);
    for (size_t m = 0; m < 8; m++) {
        out_i[m] = both[m] - offset[0];
        out_q[m] = both[8 + m] - offset[1];
    }
}

#include "dsp/kernels/decimate_u8_x86.h"

/* The same of integers: a lane holds a sample, decimation lanes make an output. */
static inline __m512i int_taps_of_step(const int16_t *taps, size_t decimation)
{
    int64_t two;
    if (decimation == 2) {
        memcpy(&two, taps, sizeof two);
        return _mm512_set1_epi64(two);
    }
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)taps));
}

/* 32 / decimation outputs. */
static inline void decimate_group(float *out_i, float *out_q, const int16_t *x,
                                  const int16_t *taps_re, const int16_t *taps_im, size_t n_taps,
                                  size_t decimation)
{
    __m512i i[2], q[2];
    i[0] = i[1] = q[0] = q[1] = _mm512_setzero_si512();
    for (size_t k = 0; k < 2 * n_taps; k += 2 * decimation) {
        const __m512i re = int_taps_of_step(taps_re + k, decimation);
        const __m512i im = int_taps_of_step(taps_im + k, decimation);
        for (size_t half = 0; half < 2; half++) {
            const __m512i v = _mm512_loadu_si512(x + k + 32 * half);
            i[half] = _mm512_dpwssd_epi32(i[half], v, re);
            q[half] = _mm512_dpwssd_epi32(q[half], v, im);
        }
    }
    const __m512i sum_i = pair_sums(i[0], i[1]), sum_q = pair_sums(q[0], q[1]);
    if (decimation == 2) {
        _mm512_storeu_ps(out_i, _mm512_cvtepi32_ps(sum_i));
        _mm512_storeu_ps(out_q, _mm512_cvtepi32_ps(sum_q));
        return;
    }
    const __m512 both = _mm512_cvtepi32_ps(pair_sums(sum_i, sum_q));
    _mm256_storeu_ps(out_i, _mm512_castps512_ps256(both));
    _mm256_storeu_ps(out_q, _mm512_extractf32x8_ps(both, 1));
}

static void decimate_avx512(float *restrict out_i, float *restrict out_q,
                            const int16_t *restrict iq, const int16_t *restrict taps_re,
                            const int16_t *restrict taps_im, size_t n_taps, size_t decimation,
                            size_t n_out)
{
    size_t m = 0;
    switch (decimation) { /* each with constants of its own */
    case 2:
        for (; m + 16 <= n_out; m += 16)
            decimate_group(out_i + m, out_q + m, iq + 4 * m, taps_re, taps_im, n_taps, 2);
        break;
    case 4:
        for (; m + 8 <= n_out; m += 8)
            decimate_group(out_i + m, out_q + m, iq + 8 * m, taps_re, taps_im, n_taps, 4);
        break;
    default:
        break;
    }
    decimate_avx2(out_i + m, out_q + m, iq + 2 * decimation * m, taps_re, taps_im, n_taps,
                  decimation, n_out - m);
}

static inline __m512 reversed16(__m512 v)
{
    return _mm512_permutexvar_ps(
        _mm512_setr_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), v);
}

/* As tone_window of tone_impl.h. */
static inline void tone_window_avx512(__m512 *above, __m512 *below, const float *i, const float *q,
                                      const struct tone_dft *dft)
{
    float sum_i[TONE_DFT_HALF], difference_i[TONE_DFT_HALF];
    float sum_q[TONE_DFT_HALF], difference_q[TONE_DFT_HALF];
    tone_mirror_avx2(sum_i, difference_i, i, dft->n);
    tone_mirror_avx2(sum_q, difference_q, q, dft->n);
    __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
    for (size_t n = 0; n < dft->n - dft->n / 2; n++) {
        const __m512 cosine = _mm512_loadu_ps(dft->cosine[n]), sine = _mm512_loadu_ps(dft->sine[n]);
        a = _mm512_fmadd_ps(_mm512_set1_ps(sum_i[n]), cosine, a);
        b = _mm512_fmadd_ps(_mm512_set1_ps(difference_q[n]), sine, b);
        c = _mm512_fmadd_ps(_mm512_set1_ps(sum_q[n]), cosine, c);
        d = _mm512_fmadd_ps(_mm512_set1_ps(difference_i[n]), sine, d);
    }
    const __m512 p = _mm512_add_ps(a, b), r = _mm512_sub_ps(c, d);
    const __m512 s = _mm512_sub_ps(a, b), t = _mm512_add_ps(c, d);
    *above = _mm512_fmadd_ps(p, p, _mm512_mul_ps(r, r));
    *below = _mm512_fmadd_ps(s, s, _mm512_mul_ps(t, t));
}

static void tone_block_avx512(const struct tone_rows *rows, const float *i, const float *q,
                              const size_t starts[TONE_HOPS], const struct tone_dft *dft)
{
    __m512 above[3], below[3]; /* line in phase, out of it, power */
    for (size_t row = 0; row < 3; row++)
        above[row] = below[row] = _mm512_setzero_ps();
    for (size_t hop = 0; hop < TONE_HOPS; hop++) {
        __m512 a, b;
        tone_window_avx512(&a, &b, i + starts[hop], q + starts[hop], dft);
        const size_t line = hop & 1;
        const int add = tone_sign(hop) > 0;
        above[line] = add ? _mm512_add_ps(above[line], a) : _mm512_sub_ps(above[line], a);
        below[line] = add ? _mm512_add_ps(below[line], b) : _mm512_sub_ps(below[line], b);
        above[2] = _mm512_add_ps(above[2], a);
        below[2] = _mm512_add_ps(below[2], b);
    }
    float *const to[3] = { rows->re, rows->im, rows->power };
    for (size_t row = 0; row < 3; row++) {
        _mm512_storeu_ps(to[row] + TONE_DFT_MIDDLE - 15, reversed16(below[row]));
        _mm512_storeu_ps(to[row] + TONE_DFT_MIDDLE, above[row]);
        to[row][TONE_DFT_BINS - 1] = 0;
    }
}

#define KERNELS_NAME "avx512"
#define KERNELS_SYMBOL kernels_avx512
#define KERNELS_SUM_U8 sum_u8_avx2
#define KERNELS_DECIMATE decimate_avx512
#define KERNELS_DECIMATE_U8 decimate_u8_x86
#define KERNELS_TONE_BLOCK tone_block_avx512
#include "dsp/kernels/kernels_row.h"
