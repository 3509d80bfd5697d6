/* SPDX-License-Identifier: MIT
 * What the kernels of the gate of tones work on: rows of frequencies. */
#ifndef DSP_KERNELS_TONE_KERNELS_H
#define DSP_KERNELS_TONE_KERNELS_H

#include <stddef.h>

enum {
    TONE_HOPS = 8,                     /* windows in a block, two a chip                      */
    TONE_OCTET = 8,                    /* a row has a multiple of so many frequencies         */
    TONE_DFT_SIDE = 16,                /* of a short transform, from its middle to one side   */
    TONE_DFT_BINS = 2 * TONE_DFT_SIDE, /* from the lowest on; the last one is none            */
    TONE_DFT_MIDDLE = TONE_DFT_SIDE - 1,
    TONE_DFT_MAX_WINDOW = 31,
    TONE_DFT_HALF = (TONE_DFT_MAX_WINDOW + 1) / 2,
};

/* A row of frequencies, each with the strength of the line, in phase and out of it, and its power.
 */
struct tone_rows {
    float *re, *im, *power;
};

/* From a short window of n samples to the powers of frequencies to either side of 0 Hz. Samples
 * that mirror each other about the window's middle share a factor, and so do frequencies. */
struct tone_dft {
    size_t n;                                   /* at most TONE_DFT_MAX_WINDOW                  */
    float cosine[TONE_DFT_HALF][TONE_DFT_SIDE]; /* of sample n / 2 + k, from the middle on;    */
    float sine[TONE_DFT_HALF][TONE_DFT_SIDE];   /* a sample in the middle counts half          */
};

#endif
