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

#include "dsp/kernels/decimate_u8_x86.h"

/* One octet of frequencies on either side of 0 Hz. */
struct tone_octets {
    __m256 above, below;
};

static inline void tone_window_avx2(struct tone_octets out[2], const float *i, const float *q,
                                    const struct tone_dft *dft)
{
    float sum_i[TONE_DFT_HALF], difference_i[TONE_DFT_HALF];
    float sum_q[TONE_DFT_HALF], difference_q[TONE_DFT_HALF];
    tone_mirror_avx2(sum_i, difference_i, i, dft->n);
    tone_mirror_avx2(sum_q, difference_q, q, dft->n);
    __m256 a[2], b[2], c[2], d[2];
    for (size_t k = 0; k < 2; k++)
        a[k] = b[k] = c[k] = d[k] = _mm256_setzero_ps();
    for (size_t n = 0; n < dft->n - dft->n / 2; n++) {
        for (size_t k = 0; k < 2; k++) {
            const __m256 cosine = _mm256_loadu_ps(dft->cosine[n] + 8 * k);
            const __m256 sine = _mm256_loadu_ps(dft->sine[n] + 8 * k);
            a[k] = _mm256_fmadd_ps(_mm256_set1_ps(sum_i[n]), cosine, a[k]);
            b[k] = _mm256_fmadd_ps(_mm256_set1_ps(difference_q[n]), sine, b[k]);
            c[k] = _mm256_fmadd_ps(_mm256_set1_ps(sum_q[n]), cosine, c[k]);
            d[k] = _mm256_fmadd_ps(_mm256_set1_ps(difference_i[n]), sine, d[k]);
        }
    }
    for (size_t k = 0; k < 2; k++) {
        /* (a + b)^2 + (c - d)^2, and (a - b)^2 + (c + d)^2 */
        const __m256 p = _mm256_add_ps(a[k], b[k]), r = _mm256_sub_ps(c[k], d[k]);
        const __m256 s = _mm256_sub_ps(a[k], b[k]), t = _mm256_add_ps(c[k], d[k]);
        out[k].above = _mm256_fmadd_ps(p, p, _mm256_mul_ps(r, r));
        out[k].below = _mm256_fmadd_ps(s, s, _mm256_mul_ps(t, t));
    }
}

static inline __m256 add_signed(__m256 sum, __m256 x, size_t hop)
{
    return tone_sign(hop) > 0 ? _mm256_add_ps(sum, x) : _mm256_sub_ps(sum, x);
}

static void tone_block_avx2(const struct tone_rows *rows, const float *i, const float *q,
                            const size_t starts[TONE_HOPS], const struct tone_dft *dft)
{
    struct tone_octets line[2][2], power[2];
    memset(line, 0, sizeof line);
    memset(power, 0, sizeof power);
    for (size_t hop = 0; hop < TONE_HOPS; hop++) {
        struct tone_octets now[2];
        tone_window_avx2(now, i + starts[hop], q + starts[hop], dft);
        for (size_t k = 0; k < 2; k++) {
            struct tone_octets *l = &line[hop & 1][k];
            l->above = add_signed(l->above, now[k].above, hop);
            l->below = add_signed(l->below, now[k].below, hop);
            power[k].above = _mm256_add_ps(power[k].above, now[k].above);
            power[k].below = _mm256_add_ps(power[k].below, now[k].below);
        }
    }
    float *const to[3] = { rows->re, rows->im, rows->power };
    const struct tone_octets *from[3] = { line[0], line[1], power };
    for (size_t row = 0; row < 3; row++) {
        _mm256_storeu_ps(to[row] + TONE_DFT_MIDDLE - 15, reversed(from[row][1].below));
        _mm256_storeu_ps(to[row] + TONE_DFT_MIDDLE - 7, reversed(from[row][0].below));
        _mm256_storeu_ps(to[row] + TONE_DFT_MIDDLE, from[row][0].above);
        _mm256_storeu_ps(to[row] + TONE_DFT_MIDDLE + 8, from[row][1].above);
        to[row][TONE_DFT_BINS - 1] = 0;
    }
}

#define KERNELS_NAME "avx2"
#define KERNELS_SYMBOL kernels_avx2
#define KERNELS_SUM_U8 sum_u8_avx2
#define KERNELS_DECIMATE decimate_avx2
#define KERNELS_DECIMATE_U8 decimate_u8_x86
#define KERNELS_TONE_BLOCK tone_block_avx2
#include "dsp/kernels/kernels_row.h"
