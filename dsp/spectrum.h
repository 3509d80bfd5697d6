/* SPDX-License-Identifier: MIT
 * The only user of FFTW: spectra of short windows, and the line in one. Planned with ESTIMATE, so
 * that every run gives the same result; plan at start, FFTW's planner is not thread-safe. */
#ifndef DSP_SPECTRUM_H
#define DSP_SPECTRUM_H

#include <stddef.h>

/* The spectra of some windows of the same size at once. */
struct spectrum_batch;

struct spectrum_batch *spectrum_batch_open(size_t size, size_t n); /* NULL without memory */
void spectrum_batch_close(struct spectrum_batch *batch);
/* Where the windows go: n times size complex samples, re and im by turns, zero at first. */
float *spectrum_batch_input(struct spectrum_batch *batch);
/* Window k becomes scale times the samples i[n], q[n]; what is behind them stays. */
void spectrum_batch_put(struct spectrum_batch *batch, size_t k, const float *i, const float *q,
                        size_t n, float scale);
/* Their spectra, in the same order; bin k has k / size cycles a sample. */
const float *spectrum_batch_run(struct spectrum_batch *batch);

enum { SPECTRUM_LINE_SIZE = 256 };

/* Strongest line in z[n] (re[], im[], n <= SPECTRUM_LINE_SIZE), by a batch of one window of that
 * size: frequency in cycles a sample, -0.5 ... 0.5, interpolated between bins. Returns the
 * magnitude of the sum at the best bin. */
float spectrum_line(struct spectrum_batch *batch, const float *re, const float *im, size_t n,
                    float *cycles);

#endif
