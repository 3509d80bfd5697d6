/* SPDX-License-Identifier: MIT
 * What the kernels of activity work on: short windows, of whose spectra only the power is asked
 * for. */
#ifndef DSP_KERNELS_SPECTRA_KERNELS_H
#define DSP_KERNELS_SPECTRA_KERNELS_H

#include <stddef.h>

enum {
    SPECTRA_SIDE = 8,                             /* a transform is made of squares of so many */
    SPECTRA_SQUARE = SPECTRA_SIDE * SPECTRA_SIDE, /* rows and columns                          */
    SPECTRA_MAX_SIZE = 4 * SPECTRA_SQUARE,
};

/* What the kernels need to know of a size. */
struct spectra_plan {
    size_t size; /* samples of a window */
    float window[SPECTRA_MAX_SIZE];
    /* e^(-2 pi j k / n): the first half turn for n = size and, in the second row, size / 2; and
     * those inside of a square, k being row times column and n SPECTRA_SQUARE */
    float half_re[2][SPECTRA_MAX_SIZE / 2], half_im[2][SPECTRA_MAX_SIZE / 2];
    float turn_re[SPECTRA_SIDE][SPECTRA_SIDE], turn_im[SPECTRA_SIDE][SPECTRA_SIDE];
};

/* With a Hann window. size: SPECTRA_SQUARE, 2 or 4 of them. */
void spectra_plan_init(struct spectra_plan *plan, size_t size);

#endif
