/* SPDX-License-Identifier: MIT
 * The only user of FFTW: the line in a short complex sequence. Planned with ESTIMATE, so that every
 * run gives the same result; plan at start, FFTW's planner is not thread-safe. */
#ifndef DSP_SPECTRUM_H
#define DSP_SPECTRUM_H

#include <stddef.h>

enum { SPECTRUM_SIZE = 256 };

struct spectrum;

struct spectrum *spectrum_open(void); /* NULL without memory */
void spectrum_close(struct spectrum *spectrum);

/* Strongest line in z[n] (re[], im[], n <= SPECTRUM_SIZE): frequency in cycles a sample, -0.5 ...
 * 0.5, interpolated between bins. Returns the magnitude of the sum at the best bin. */
float spectrum_line(struct spectrum *spectrum, const float *re, const float *im, size_t n,
                    float *cycles);

/* The spectra of n short windows at once. */
struct spectrum_batch;

struct spectrum_batch *spectrum_batch_open(size_t size, size_t n); /* NULL without memory */
void spectrum_batch_close(struct spectrum_batch *batch);
/* Where the windows go: n times size complex samples, re and im by turns, zero at first. */
float *spectrum_batch_input(struct spectrum_batch *batch);
/* Their spectra, in the same order; bin k has k / size cycles a sample. */
const float *spectrum_batch_run(struct spectrum_batch *batch);

#endif
