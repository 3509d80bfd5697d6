/* SPDX-License-Identifier: MIT */
#include "dsp/spectrum.h"

#include <assert.h>
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/parabola.h"

struct spectrum_batch {
    size_t size, n;
    fftwf_complex *in, *out;
    fftwf_plan plan;
};

struct spectrum_batch *spectrum_batch_open(size_t size, size_t n)
{
    struct spectrum_batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    const int length = (int)size;
    b->size = size;
    b->n = n;
    b->in = fftwf_alloc_complex(size * n);
    b->out = fftwf_alloc_complex(size * n);
    if (b->in && b->out)
        b->plan = fftwf_plan_many_dft(1, &length, (int)n, b->in, NULL, 1, length, b->out, NULL, 1,
                                      length, FFTW_FORWARD, FFTW_ESTIMATE);
    if (b->plan) {
        memset(b->in, 0, size * n * sizeof *b->in);
        return b;
    }
    spectrum_batch_close(b);
    return NULL;
}

void spectrum_batch_close(struct spectrum_batch *b)
{
    if (!b)
        return;
    if (b->plan)
        fftwf_destroy_plan(b->plan);
    fftwf_free(b->in);
    fftwf_free(b->out);
    free(b);
}

float *spectrum_batch_input(struct spectrum_batch *b)
{
    return b->in[0];
}

void spectrum_batch_put(struct spectrum_batch *b, size_t k, const float *i, const float *q,
                        size_t n, float scale)
{
    float *restrict in = b->in[b->size * k];
    for (size_t m = 0; m < n; m++) {
        in[2 * m] = scale * i[m];
        in[2 * m + 1] = scale * q[m];
    }
}

const float *spectrum_batch_run(struct spectrum_batch *b)
{
    fftwf_execute(b->plan);
    return b->out[0];
}

static float power(const struct spectrum_batch *b, size_t bin)
{
    return b->out[bin][0] * b->out[bin][0] + b->out[bin][1] * b->out[bin][1];
}

float spectrum_line(struct spectrum_batch *b, const float *re, const float *im, size_t n,
                    float *cycles)
{
    enum { SIZE = SPECTRUM_LINE_SIZE };
    assert(b->size == SIZE && b->n == 1 && n <= SIZE);
    memset(b->in, 0, SIZE * sizeof *b->in);
    spectrum_batch_put(b, 0, re, im, n, 1);
    spectrum_batch_run(b);
    size_t best = 0;
    float peak = 0;
    for (size_t bin = 0; bin < SIZE; bin++) {
        const float here = power(b, bin);
        if (here > peak) {
            peak = here;
            best = bin;
        }
    }
    const float line = sqrtf(peak);
    const float before = sqrtf(power(b, (best + SIZE - 1) % SIZE));
    const float after = sqrtf(power(b, (best + 1) % SIZE));
    const float shift = (float)parabola_top((double)before, (double)line, (double)after);
    *cycles = ((float)best - (best >= SIZE / 2 ? SIZE : 0) + shift) / SIZE;
    return line;
}
