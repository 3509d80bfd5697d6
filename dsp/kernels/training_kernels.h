/* SPDX-License-Identifier: MIT
 * What the kernels of the training sequence work on. */
#ifndef DSP_KERNELS_TRAINING_KERNELS_H
#define DSP_KERNELS_TRAINING_KERNELS_H

/* Samples laid over a table of phase and slope: sample m at entry first + step * m, of which the
 * whole part and the one after it are in the tables. */
struct training_walk {
    const float *phase, *slope;
    float first, step;
};

/* What is taken off sample m: first + step * m + h_half * half_turns[m] turns, less than a thousand
 * of them. */
struct training_turn {
    float h_half, first, step;
};

#endif
