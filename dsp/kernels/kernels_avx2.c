/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels_x86.h"

typedef __m256i vec;
enum { VEC_LANES = 8 };

static inline vec vec_zero(void)
{
    return _mm256_setzero_si256();
}

static inline vec vec_load(const void *x)
{
    return _mm256_loadu_si256(x);
}

static inline vec vec_of_32(int32_t x)
{
    return _mm256_set1_epi32(x);
}

static inline vec vec_of_64(int64_t x)
{
    return _mm256_set1_epi64x(x);
}

static inline vec vec_of_128(__m128i x)
{
    return _mm256_broadcastsi128_si256(x);
}

static inline vec vec_dot_u8(vec sum, vec x, vec taps)
{
    const vec pairs = _mm256_maddubs_epi16(x, taps);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline vec vec_dot_s16(vec sum, vec x, vec taps)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, taps));
}

static inline vec vec_pair_sums(vec a, vec b)
{
    return _mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xD8);
}

static inline void vec_store(float *out, vec sums, float scale, float offset)
{
    _mm256_storeu_ps(out, _mm256_fmsub_ps(_mm256_set1_ps(scale), _mm256_cvtepi32_ps(sums),
                                          _mm256_set1_ps(offset)));
}

#include "dsp/kernels/decimate_x86.h"

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
#define KERNELS_DECIMATE decimate_x86
#define KERNELS_DECIMATE_U8 decimate_u8_x86
#define KERNELS_TONE_BLOCK tone_block_avx2
#include "dsp/kernels/kernels_row.h"
