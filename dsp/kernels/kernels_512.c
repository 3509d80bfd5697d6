/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels_512.h"

#include "dsp/kernels/kernels_x86.h"

/* ---- filters, with VNNI ------------------------------------------------------------------- */

typedef __m512i vec;
enum { VEC_LANES = 16 };

static inline vec vec_zero(void)
{
    return _mm512_setzero_si512();
}

static inline vec vec_load(const void *x)
{
    return _mm512_loadu_si512(x);
}

static inline vec vec_of_32(int32_t x)
{
    return _mm512_set1_epi32(x);
}

static inline vec vec_of_64(int64_t x)
{
    return _mm512_set1_epi64(x);
}

static inline vec vec_of_128(__m128i x)
{
    return _mm512_broadcast_i32x4(x);
}

static inline vec vec_dot_u8(vec sum, vec x, vec taps)
{
    return _mm512_dpbusd_epi32(sum, x, taps);
}

static inline vec vec_dot_s16(vec sum, vec x, vec taps)
{
    return _mm512_dpwssd_epi32(sum, x, taps);
}

static inline vec vec_pair_sums(vec a, vec b)
{
    const vec even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const vec odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_permutex2var_epi32(a, even, b),
                            _mm512_permutex2var_epi32(a, odd, b));
}

static inline void vec_store(float *out, vec sums, float scale, float offset)
{
    _mm512_storeu_ps(out, _mm512_fmsub_ps(_mm512_set1_ps(scale), _mm512_cvtepi32_ps(sums),
                                          _mm512_set1_ps(offset)));
}

#include "dsp/kernels/decimate_x86.h"

void decimate_512(float *restrict out_i, float *restrict out_q, const int16_t *restrict iq,
                  const int16_t *restrict taps_re, const int16_t *restrict taps_im, size_t n_taps,
                  size_t decimation, size_t n_out)
{
    decimate_x86(out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out);
}

void decimate_u8_512(float *restrict out_i, float *restrict out_q, const uint8_t *restrict iq,
                     const int8_t *restrict taps_re, const int8_t *restrict taps_im, size_t n_taps,
                     size_t decimation, size_t n_out, float scale, const float offset[2])
{
    decimate_u8_x86(out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out, scale, offset);
}

/* ---- tones -------------------------------------------------------------------------------- */

static inline __m512 reversed16(__m512 v)
{
    return _mm512_permutexvar_ps(
        _mm512_setr_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), v);
}

/* As tone_window of tone_impl.h. */
static inline void tone_window_512(__m512 *above, __m512 *below, const float *i, const float *q,
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

void tone_block_512(const struct tone_rows *rows, const float *i, const float *q,
                    const size_t starts[TONE_HOPS], const struct tone_dft *dft)
{
    __m512 above[3], below[3]; /* line in phase, out of it, power */
    for (size_t row = 0; row < 3; row++)
        above[row] = below[row] = _mm512_setzero_ps();
    for (size_t hop = 0; hop < TONE_HOPS; hop++) {
        __m512 a, b;
        tone_window_512(&a, &b, i + starts[hop], q + starts[hop], dft);
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
