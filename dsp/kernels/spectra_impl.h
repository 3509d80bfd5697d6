/* SPDX-License-Identifier: MIT
 * Power spectra of short windows in plain C, see kernels_impl.h: a window is halved, even from odd
 * frequencies, until squares of 8 x 8 samples are left. These are transformed down their columns,
 * turned, and transformed along their rows (Cooley and Tukey, decimation in frequency), eight
 * columns or rows at once. */
#include <stdint.h>
#include <string.h>

#include "dsp/kernels/spectra_kernels.h"

/* Where a sample's bytes lie in a number. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { SPECTRA_I = 0, SPECTRA_Q = 8 };
#else
enum { SPECTRA_I = 8, SPECTRA_Q = 0 };
#endif

typedef float spectra_square[SPECTRA_SIDE][SPECTRA_SIDE];

#ifndef SPECTRA_TRANSPOSE
static inline void spectra_transpose(spectra_square to, spectra_square from)
{
    for (size_t row = 0; row < SPECTRA_SIDE; row++)
        for (size_t column = 0; column < SPECTRA_SIDE; column++)
            to[row][column] = from[column][row];
}
#define SPECTRA_TRANSPOSE spectra_transpose
#endif

/* Each column becomes its discrete Fourier transform. */
static inline void spectra_columns(spectra_square re, spectra_square im)
{
    const float root = 0.70710678f;
    for (size_t k = 0; k < SPECTRA_SIDE; k++) {
        const float s0r = re[0][k] + re[4][k], s0i = im[0][k] + im[4][k];
        const float d0r = re[0][k] - re[4][k], d0i = im[0][k] - im[4][k];
        const float s1r = re[1][k] + re[5][k], s1i = im[1][k] + im[5][k];
        const float d1r = re[1][k] - re[5][k], d1i = im[1][k] - im[5][k];
        const float s2r = re[2][k] + re[6][k], s2i = im[2][k] + im[6][k];
        const float d2r = re[2][k] - re[6][k], d2i = im[2][k] - im[6][k];
        const float s3r = re[3][k] + re[7][k], s3i = im[3][k] + im[7][k];
        const float d3r = re[3][k] - re[7][k], d3i = im[3][k] - im[7][k];
        /* even frequencies */
        const float t0r = s0r + s2r, t0i = s0i + s2i, t1r = s0r - s2r, t1i = s0i - s2i;
        const float t2r = s1r + s3r, t2i = s1i + s3i, t3r = s1r - s3r, t3i = s1i - s3i;
        re[0][k] = t0r + t2r, im[0][k] = t0i + t2i;
        re[4][k] = t0r - t2r, im[4][k] = t0i - t2i;
        re[2][k] = t1r + t3i, im[2][k] = t1i - t3r;
        re[6][k] = t1r - t3i, im[6][k] = t1i + t3r;
        /* odd ones */
        const float e0r = d0r + d2i, e0i = d0i - d2r, e1r = d0r - d2i, e1i = d0i + d2r;
        const float f0r = d1r + d3i, f0i = d1i - d3r, f1r = d1r - d3i, f1i = d1i + d3r;
        const float g0r = root * (f0r + f0i), g0i = root * (f0i - f0r);
        const float g1r = root * (f1i - f1r), g1i = root * (-f1r - f1i);
        re[1][k] = e0r + g0r, im[1][k] = e0i + g0i;
        re[5][k] = e0r - g0r, im[5][k] = e0i - g0i;
        re[3][k] = e1r + g1r, im[3][k] = e1i + g1i;
        re[7][k] = e1r - g1r, im[7][k] = e1i - g1i;
    }
}

/* Adds the powers of the frequencies of a square to power. */
static inline void spectra_add_square(float *restrict power, spectra_square re, spectra_square im,
                                      const struct spectra_plan *plan)
{
    spectra_square c, d;
    spectra_columns(re, im);
    for (size_t row = 0; row < SPECTRA_SIDE; row++) {
        for (size_t k = 0; k < SPECTRA_SIDE; k++) {
            const float r = re[row][k], i = im[row][k];
            re[row][k] = r * plan->turn_re[row][k] - i * plan->turn_im[row][k];
            im[row][k] = i * plan->turn_re[row][k] + r * plan->turn_im[row][k];
        }
    }
    SPECTRA_TRANSPOSE(c, re);
    SPECTRA_TRANSPOSE(d, im);
    spectra_columns(c, d);
    for (size_t row = 0; row < SPECTRA_SIDE; row++)
        for (size_t k = 0; k < SPECTRA_SIDE; k++)
            power[SPECTRA_SIDE * row + k] += c[row][k] * c[row][k] + d[row][k] * d[row][k];
}

/* Of a window of size samples in n pieces, each half becomes what has a piece's even frequencies,
 * or its odd ones. */
static inline void spectra_halve(float *restrict re, float *restrict im, float *restrict odd_re,
                                 float *restrict odd_im, size_t half,
                                 const struct spectra_plan *plan)
{
    const float *turn_re = plan->half_re[half * 2 < plan->size];
    const float *turn_im = plan->half_im[half * 2 < plan->size];
    for (size_t k = 0; k < half; k++) {
        const float r = re[k] - odd_re[k], i = im[k] - odd_im[k];
        re[k] += odd_re[k];
        im[k] += odd_im[k];
        odd_re[k] = r * turn_re[k] - i * turn_im[k];
        odd_im[k] = i * turn_re[k] + r * turn_im[k];
    }
}

/* A window, as squares one behind the other. */
struct spectra_window {
    float re[SPECTRA_MAX_SIZE], im[SPECTRA_MAX_SIZE];
};

/* Adds the powers of a window. */
static inline void spectra_add(float *power, struct spectra_window *w,
                               const struct spectra_plan *plan)
{
    for (size_t half = plan->size / 2; half >= SPECTRA_SQUARE; half /= 2)
        for (size_t k = 0; k < plan->size; k += 2 * half)
            spectra_halve(w->re + k, w->im + k, w->re + k + half, w->im + k + half, half, plan);
    for (size_t k = 0; k < plan->size; k += SPECTRA_SQUARE)
        spectra_add_square(power + k, (float(*)[SPECTRA_SIDE])(w->re + k),
                           (float(*)[SPECTRA_SIDE])(w->im + k), plan);
}

/* Frequency k of a square is n * k and the place of the square in reversed bits. */
static inline void spectra_sort(float *restrict to, const float *restrict power, size_t size)
{
    enum { HALF = SPECTRA_SQUARE / 2 };
    static const size_t reversed[] = { 0, 2, 1, 3 };
    const size_t n = size / SPECTRA_SQUARE;
    if (n == 1) {
        memcpy(to + HALF, power, HALF * sizeof *to);
        memcpy(to, power + HALF, HALF * sizeof *to);
        return;
    }
    for (size_t square = 0; square < n; square++, power += SPECTRA_SQUARE) {
        float *first = to + (n == 4 ? reversed[square] : square);
        for (size_t k = 0; k < HALF; k++) {
            first[size / 2 + n * k] = power[k];
            first[n * k] = power[HALF + k];
        }
    }
}

static inline void spectra_u8(float *restrict power, const uint8_t *restrict iq, size_t n,
                              size_t stride, const float dc[2], const struct spectra_plan *plan)
{
    struct spectra_window w;
    float sum[SPECTRA_MAX_SIZE];
    const float dc_i = dc[0], dc_q = dc[1];
    memset(sum, 0, plan->size * sizeof *sum);
    for (; n > 0; n--, iq += 2 * stride) {
        for (size_t first = 0; first < plan->size; first += SPECTRA_SQUARE) {
            for (size_t k = first; k < first + SPECTRA_SQUARE; k++) {
                uint16_t pair; /* whole: vectors of bytes are costly to take apart */
                memcpy(&pair, iq + 2 * k, sizeof pair);
                w.re[k] = plan->window[k] * ((float)(pair >> SPECTRA_I & 0xFF) - dc_i);
                w.im[k] = plan->window[k] * ((float)(pair >> SPECTRA_Q & 0xFF) - dc_q);
            }
        }
        spectra_add(sum, &w, plan);
    }
    spectra_sort(power, sum, plan->size);
}

static inline void spectra_s16(float *restrict power, const int16_t *restrict iq, size_t n,
                               size_t stride, const struct spectra_plan *plan)
{
    struct spectra_window w;
    float sum[SPECTRA_MAX_SIZE];
    memset(sum, 0, plan->size * sizeof *sum);
    for (; n > 0; n--, iq += 2 * stride) {
        for (size_t k = 0; k < plan->size; k++) {
            w.re[k] = plan->window[k] * (float)iq[2 * k];
            w.im[k] = plan->window[k] * (float)iq[2 * k + 1];
        }
        spectra_add(sum, &w, plan);
    }
    spectra_sort(power, sum, plan->size);
}
