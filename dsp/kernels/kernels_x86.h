/* SPDX-License-Identifier: MIT
 * What all rows of x86-64 with AVX2 share: squares transposed, integers filtered and decimated,
 * four outputs at once, sums of bytes, and windows mirrored. */
#ifndef DSP_KERNELS_X86_H
#define DSP_KERNELS_X86_H

#include <immintrin.h>

#include "dsp/kernels/spectra_kernels.h"

/* to[row][column] = from[column][row]; the compiler's version goes through single numbers. */
static inline void spectra_transpose_avx2(float to[8][8], float from[8][8])
{
    __m256 pairs[8], fours[8];
    for (size_t k = 0; k < 8; k += 2) {
        const __m256 a = _mm256_loadu_ps(from[k]), b = _mm256_loadu_ps(from[k + 1]);
        pairs[k] = _mm256_unpacklo_ps(a, b);
        pairs[k + 1] = _mm256_unpackhi_ps(a, b);
    }
    for (size_t k = 0; k < 8; k += 4) {
        fours[k] = _mm256_shuffle_ps(pairs[k], pairs[k + 2], 0x44);
        fours[k + 1] = _mm256_shuffle_ps(pairs[k], pairs[k + 2], 0xEE);
        fours[k + 2] = _mm256_shuffle_ps(pairs[k + 1], pairs[k + 3], 0x44);
        fours[k + 3] = _mm256_shuffle_ps(pairs[k + 1], pairs[k + 3], 0xEE);
    }
    for (size_t k = 0; k < 4; k++) {
        _mm256_storeu_ps(to[k], _mm256_permute2f128_ps(fours[k], fours[k + 4], 0x20));
        _mm256_storeu_ps(to[k + 4], _mm256_permute2f128_ps(fours[k], fours[k + 4], 0x31));
    }
}

#define SPECTRA_TRANSPOSE spectra_transpose_avx2
#include "dsp/kernels/kernels_impl.h"

/* Sums of the eight numbers in each of a, b, c, d. */
static inline __m128 horizontal_sums(__m256i a, __m256i b, __m256i c, __m256i d)
{
    const __m256i ab = _mm256_hadd_epi32(a, b), cd = _mm256_hadd_epi32(c, d);
    const __m256i abcd = _mm256_hadd_epi32(ab, cd);
    const __m128i sum =
        _mm_add_epi32(_mm256_castsi256_si128(abcd), _mm256_extracti128_si256(abcd, 1));
    return _mm_cvtepi32_ps(sum);
}

/* Four outputs, of which the first begins at x0 and each other one step behind the last. */
static inline void decimate_4(float *out_i, float *out_q, const int16_t *x0, size_t step,
                              const int16_t *taps_re, const int16_t *taps_im, size_t n_taps)
{
    const int16_t *x[4] = { x0, x0 + step, x0 + 2 * step, x0 + 3 * step };
    __m256i i[4], q[4];
    for (size_t k = 0; k < 4; k++)
        i[k] = q[k] = _mm256_setzero_si256();
    for (size_t tap = 0; tap < 2 * n_taps; tap += 16) {
        const __m256i re = _mm256_loadu_si256((const __m256i *)(const void *)(taps_re + tap));
        const __m256i im = _mm256_loadu_si256((const __m256i *)(const void *)(taps_im + tap));
        for (size_t k = 0; k < 4; k++) {
            const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(x[k] + tap));
            i[k] = _mm256_add_epi32(i[k], _mm256_madd_epi16(v, re));
            q[k] = _mm256_add_epi32(q[k], _mm256_madd_epi16(v, im));
        }
    }
    _mm_storeu_ps(out_i, horizontal_sums(i[0], i[1], i[2], i[3]));
    _mm_storeu_ps(out_q, horizontal_sums(q[0], q[1], q[2], q[3]));
}

/* Outputs first ... n_out - 1, four at once: the compiler's version spends most of its time on sums
 * across a register. */
static inline void decimate_by_4(size_t first, float *restrict out_i, float *restrict out_q,
                                 const int16_t *restrict iq, const int16_t *restrict taps_re,
                                 const int16_t *restrict taps_im, size_t n_taps, size_t decimation,
                                 size_t n_out)
{
    size_t m = first;
    for (; m + 4 <= n_out; m += 4)
        decimate_4(out_i + m, out_q + m, iq + 2 * decimation * m, 2 * decimation, taps_re, taps_im,
                   n_taps);
    decimate_from(m, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out);
}

static inline void sum_u8_avx2(int32_t sums[2], const uint8_t *x, size_t n)
{
    const __m256i zero = _mm256_setzero_si256(), even = _mm256_set1_epi16(0xFF);
    __m256i i = zero, q = zero;
    size_t k = 0;
    for (; k + 32 <= n; k += 32) {
        const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(x + k));
        i = _mm256_add_epi64(i, _mm256_sad_epu8(_mm256_and_si256(v, even), zero));
        q = _mm256_add_epi64(q, _mm256_sad_epu8(_mm256_srli_epi16(v, 8), zero));
    }
    int64_t parts[2][4];
    _mm256_storeu_si256((__m256i *)(void *)parts[0], i);
    _mm256_storeu_si256((__m256i *)(void *)parts[1], q);
    sum_u8(sums, x + k, n - k);
    for (int part = 0; part < 4; part++) {
        sums[0] += (int32_t)parts[0][part];
        sums[1] += (int32_t)parts[1][part];
    }
}

/* ---- tones -------------------------------------------------------------------------------- */

/* 8 floats, the last one first. */
static inline __m256 reversed(__m256 v)
{
    return _mm256_permutevar8x32_ps(v, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}

/* Sums and differences of what mirrors each other about the middle; what lies outside of the window
 * is not used. */
static inline void tone_mirror_avx2(float *sum, float *difference, const float *x, size_t n)
{
    const size_t first = n / 2, half = n - first;
    for (size_t k = 0; k < half; k += 8) {
        const __m256 late = _mm256_loadu_ps(x + first + k);
        const __m256 early = reversed(_mm256_loadu_ps(x + half - 8 - k));
        _mm256_storeu_ps(sum + k, _mm256_add_ps(late, early));
        _mm256_storeu_ps(difference + k, _mm256_sub_ps(late, early));
    }
}

#endif
