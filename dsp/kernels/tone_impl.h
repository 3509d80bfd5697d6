/* SPDX-License-Identifier: MIT
 * The kernels of the gate of tones in plain C, see kernels_impl.h. */
#include "dsp/kernels/tone_kernels.h"

static inline float tone_sign(size_t hop)
{
    return (hop & 3) == 0 || (hop & 3) == 3 ? 1.0f : -1.0f;
}

/* Powers of frequencies above and below 0 Hz in one window. */
static inline void tone_window(float upper[TONE_DFT_SIDE], float lower[TONE_DFT_SIDE],
                               const float *i, const float *q, const struct tone_dft *dft)
{
    float a[TONE_DFT_SIDE] = { 0 }, b[TONE_DFT_SIDE] = { 0 };
    float c[TONE_DFT_SIDE] = { 0 }, d[TONE_DFT_SIDE] = { 0 };
    const size_t first = dft->n / 2, half = dft->n - first;
    for (size_t n = 0; n < half; n++) {
        const size_t late = first + n, early = half - 1 - n;
        const float sum_i = i[late] + i[early], difference_i = i[late] - i[early];
        const float sum_q = q[late] + q[early], difference_q = q[late] - q[early];
        for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
            a[k] += sum_i * dft->cosine[n][k];
            b[k] += difference_q * dft->sine[n][k];
            c[k] += sum_q * dft->cosine[n][k];
            d[k] += difference_i * dft->sine[n][k];
        }
    }
    for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
        const float both = a[k] * a[k] + b[k] * b[k] + c[k] * c[k] + d[k] * d[k];
        const float more = 2 * (a[k] * b[k] - c[k] * d[k]);
        upper[k] = both + more;
        lower[k] = both - more;
    }
}

/* Sums over a block, of the frequencies on one side of 0 Hz. */
struct tone_side {
    float line[2][TONE_DFT_SIDE], power[TONE_DFT_SIDE];
};

static inline void tone_store(const struct tone_rows *rows, const struct tone_side *upper,
                              const struct tone_side *lower)
{
    for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
        rows->re[TONE_DFT_MIDDLE - k] = lower->line[0][k];
        rows->im[TONE_DFT_MIDDLE - k] = lower->line[1][k];
        rows->power[TONE_DFT_MIDDLE - k] = lower->power[k];
    }
    for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
        rows->re[TONE_DFT_MIDDLE + k] = upper->line[0][k];
        rows->im[TONE_DFT_MIDDLE + k] = upper->line[1][k];
        rows->power[TONE_DFT_MIDDLE + k] = upper->power[k];
    }
    rows->re[TONE_DFT_BINS - 1] = rows->im[TONE_DFT_BINS - 1] = rows->power[TONE_DFT_BINS - 1] = 0;
}

static inline void tone_turn(float *restrict out_i, float *restrict out_q, const float *restrict i,
                             const float *restrict q, const float *restrict re,
                             const float *restrict im, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        out_i[k] = i[k] * re[k] - q[k] * im[k];
        out_q[k] = q[k] * re[k] + i[k] * im[k];
    }
}

static inline void tone_block(const struct tone_rows *rows, const float *i, const float *q,
                              const size_t starts[TONE_HOPS], const struct tone_dft *dft)
{
    struct tone_side upper = { 0 }, lower = { 0 };
    for (size_t hop = 0; hop < TONE_HOPS; hop++) {
        float above[TONE_DFT_SIDE], below[TONE_DFT_SIDE];
        tone_window(above, below, i + starts[hop], q + starts[hop], dft);
        for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
            upper.line[hop & 1][k] += tone_sign(hop) * above[k];
            lower.line[hop & 1][k] += tone_sign(hop) * below[k];
            upper.power[k] += above[k];
            lower.power[k] += below[k];
        }
    }
    tone_store(rows, &upper, &lower);
}

static inline void tone_add(float *restrict line, float *restrict power,
                            const float *restrict spectrum, float sign, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const float re = spectrum[2 * k], im = spectrum[2 * k + 1], p = re * re + im * im;
        line[k] += sign * p;
        power[k] += p;
    }
}

static inline void tone_sum(float *restrict sum, const float *const *rows, size_t n_rows, size_t n)
{
    size_t row = 1;
    for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++)
        sum[k] = rows[0][k];
    for (; row + 3 <= n_rows; row += 3) {
        const float *a = rows[row], *b = rows[row + 1], *c = rows[row + 2];
        for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++)
            sum[k] += a[k] + b[k] + c[k];
    }
    for (; row < n_rows; row++)
        for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++)
            sum[k] += rows[row][k];
}

static inline void tone_sum_turned(float *restrict along, float *restrict across,
                                   const float *const *rows, const float *cosine, const float *sine,
                                   size_t n_rows, size_t n)
{
    for (size_t k = 0; k < n; k++)
        along[k] = across[k] = 0;
    for (size_t row = 0; row < n_rows; row++) {
        const float *from = rows[row], c = cosine[row], s = sine[row];
        for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++) {
            along[k] += c * from[k];
            across[k] += s * from[k];
        }
    }
}

static inline int tone_any(const float *re, const float *im, const float *least, size_t n)
{
    int any = 0;
    for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++)
        any |= 2 * (re[k] * re[k] + im[k] * im[k]) > least[k];
    return any;
}

static inline int tone_any_pair(const float *re, const float *im, const float *least,
                                size_t gap_min, size_t gap_max, size_t n)
{
    int any = 0;
    for (size_t gap = gap_min; gap <= gap_max; gap++) {
        const float *upper_re = re + gap, *upper_im = im + gap, *upper_least = least + gap;
        for (size_t k = 0; k < n / TONE_OCTET * TONE_OCTET; k++) {
            const float x = upper_re[k] - re[k], y = upper_im[k] - im[k];
            any |= x * x + y * y > least[k] + upper_least[k];
        }
    }
    return any;
}
