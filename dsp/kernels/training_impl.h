/* SPDX-License-Identifier: MIT
 * The loops over the samples of a burst and its training sequence, in plain C. Included once by
 * each kernels_<isa>.c. */
#include <stddef.h>

#include "dsp/kernels/training_kernels.h"

static inline void turn_row(float *restrict i, float *restrict q, const float *restrict re,
                            const float *restrict im, const float start[2], size_t n)
{
    const float start_re = start[0], start_im = start[1];
    for (size_t k = 0; k < n; k++) {
        const float c = re[k] * start_re - im[k] * start_im;
        const float s = im[k] * start_re + re[k] * start_im, before = i[k];
        i[k] = before * c - q[k] * s;
        q[k] = q[k] * c + before * s;
    }
}

static inline void training_rows(float *restrict half_turns, float *restrict slope,
                                 const struct training_walk *walk, size_t n)
{
    const float first = walk->first, step = walk->step;
    const float *phases = walk->phase, *slopes = walk->slope;
    for (int m = 0; m < (int)n; m++) {
        const float x = first + step * (float)m;
        const int k = (int)x;
        half_turns[m] = phases[k] + (x - (float)k) * (phases[k + 1] - phases[k]);
        slope[m] = slopes[k];
    }
}

/* By the sine of half the angle without whole turns: Chebyshev's series up to x^7, so that the
 * error is below 3e-6. */
static inline float cosine_of_turns(float turns)
{
    const float x = turns - (float)(int)(turns + (turns < 0 ? -0.5f : 0.5f)), y = x * x;
    const float s = x * (3.1415820f + y * (-5.1671413f + y * (2.5418871f + y * -0.55460885f)));
    return 1 - 2 * s * s;
}

static inline void training_turn_off(float *restrict re, float *restrict im,
                                     const float *restrict i, const float *restrict q,
                                     const float *restrict half_turns,
                                     const struct training_turn *turn, size_t n)
{
    const float h_half = turn->h_half, first = turn->first, step = turn->step;
    for (int m = 0; m < (int)n; m++) {
        const float turns = first + step * (float)m + h_half * half_turns[m];
        const float c = cosine_of_turns(turns), s = cosine_of_turns(turns - 0.25f);
        re[m] = i[m] * c + q[m] * s;
        im[m] = q[m] * c - i[m] * s;
    }
}

static inline float dot(const float *x, const float *y, size_t n)
{
    float sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += x[k] * y[k];
    return sum;
}
