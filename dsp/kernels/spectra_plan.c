/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/spectra_kernels.h"

#include <math.h>

#include "dsp/math_const.h"

/* e^(-2 pi j k / n) */
static void set_turn(float *re, float *im, size_t k, size_t n)
{
    *re = (float)cos(TWO_PI * (double)k / (double)n);
    *im = (float)-sin(TWO_PI * (double)k / (double)n);
}

void spectra_plan_init(struct spectra_plan *plan, size_t size)
{
    plan->size = size;
    for (size_t k = 0; k < size; k++)
        plan->window[k] = (float)(1 - cos(TWO_PI * ((double)k + 0.5) / (double)size)); /* Hann */
    for (size_t row = 0; row < 2; row++, size /= 2)
        for (size_t k = 0; k < size / 2; k++)
            set_turn(&plan->half_re[row][k], &plan->half_im[row][k], k, size);
    for (size_t row = 0; row < SPECTRA_SIDE; row++)
        for (size_t k = 0; k < SPECTRA_SIDE; k++)
            set_turn(&plan->turn_re[row][k], &plan->turn_im[row][k], row * k, SPECTRA_SQUARE);
}
