/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels_x86.h"

/* A lane of 32 bits holds two samples, so decimation / 2 lanes side by side make an output: with
 * the same taps in all of them, and each step decimation samples on, all that is left to sum up
 * across the register are an output's own lanes. */
enum { SAMPLES = 32 }; /* two registers at once */

static inline __m256i taps_of_step(const int8_t *taps, size_t decimation)
{
    int32_t two;
    int64_t four;
    switch (decimation) {
    case 2:
        memcpy(&two, taps, sizeof two);
        return _mm256_set1_epi32(two);
    case 4:
        memcpy(&four, taps, sizeof four);
        return _mm256_set1_epi64x(four);
    default:
        return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)taps));
    }
}

static inline void store(float *out, __m256i sums, float scale, float offset)
{
    _mm256_storeu_ps(out, _mm256_fmsub_ps(_mm256_set1_ps(scale), _mm256_cvtepi32_ps(sums),
                                          _mm256_set1_ps(offset)));
}

static inline __m256i step(__m256i sum, __m256i x, __m256i taps)
{
    const __m256i pairs = _mm256_maddubs_epi16(x, taps);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* SAMPLES / decimation outputs. */
static inline void decimate_u8_group(float *out_i, float *out_q, const uint8_t *x,
                                     const int8_t *taps_re, const int8_t *taps_im, size_t n_taps,
                                     size_t decimation, float scale, const float offset[2])
{
    __m256i i[2], q[2];
    i[0] = i[1] = q[0] = q[1] = _mm256_setzero_si256();
    for (size_t k = 0; k < 2 * n_taps; k += 2 * decimation) {
        const __m256i re = taps_of_step(taps_re + k, decimation);
        const __m256i im = taps_of_step(taps_im + k, decimation);
        for (size_t half = 0; half < 2; half++) {
            const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(x + k) + half);
            i[half] = step(i[half], v, re);
            q[half] = step(q[half], v, im);
        }
    }
    if (decimation == 2) {
        for (size_t half = 0; half < 2; half++) {
            store(out_i + 8 * half, i[half], scale, offset[0]);
            store(out_q + 8 * half, q[half], scale, offset[1]);
        }
        return;
    }
    __m256i sum_i = _mm256_hadd_epi32(i[0], i[1]), sum_q = _mm256_hadd_epi32(q[0], q[1]);
    if (decimation == 4) { /* the halves of the registers are interleaved by twos */
        store(out_i, _mm256_permute4x64_epi64(sum_i, 0xD8), scale, offset[0]);
        store(out_q, _mm256_permute4x64_epi64(sum_q, 0xD8), scale, offset[1]);
        return;
    }
    const __m256i iq = _mm256_hadd_epi32(sum_i, sum_q); /* i0 i2 q0 q2 | i1 i3 q1 q3 */
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    float both[8];
    store(both, _mm256_permutevar8x32_epi32(iq, order), scale, 0);
    for (size_t m = 0; m < 4; m++) {
        out_i[m] = both[m] - offset[0];
        out_q[m] = both[4 + m] - offset[1];
    }
}

static void decimate_u8_avx2(float *restrict out_i, float *restrict out_q,
                             const uint8_t *restrict iq, const int8_t *restrict taps_re,
                             const int8_t *restrict taps_im, size_t n_taps, size_t decimation,
                             size_t n_out, float scale, const float offset[2])
{
    size_t m = 0;
    switch (decimation) { /* each with constants of its own */
    case 2:
        for (; m + SAMPLES / 2 <= n_out; m += SAMPLES / 2)
            decimate_u8_group(out_i + m, out_q + m, iq + 4 * m, taps_re, taps_im, n_taps, 2, scale,
                              offset);
        break;
    case 4:
        for (; m + SAMPLES / 4 <= n_out; m += SAMPLES / 4)
            decimate_u8_group(out_i + m, out_q + m, iq + 8 * m, taps_re, taps_im, n_taps, 4, scale,
                              offset);
        break;
    case 8:
        for (; m + SAMPLES / 8 <= n_out; m += SAMPLES / 8)
            decimate_u8_group(out_i + m, out_q + m, iq + 16 * m, taps_re, taps_im, n_taps, 8, scale,
                              offset);
        break;
    default:
        break;
    }
    decimate_u8_from(m, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out, scale,
                     offset);
}

#define KERNELS_NAME "avx2"
#define KERNELS_SYMBOL kernels_avx2
#define KERNELS_SUM_U8 sum_u8_avx2
#define KERNELS_DECIMATE decimate_avx2
#define KERNELS_DECIMATE_U8 decimate_u8_avx2
#include "dsp/kernels/kernels_row.h"
