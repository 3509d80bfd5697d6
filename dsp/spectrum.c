/* SPDX-License-Identifier: MIT */
#include "dsp/spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/parabola.h"

struct spectrum {
    fftwf_complex *in, *out;
    fftwf_plan plan;
};

struct spectrum *spectrum_open(void)
{
    struct spectrum *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->in = fftwf_alloc_complex(SPECTRUM_SIZE);
    s->out = fftwf_alloc_complex(SPECTRUM_SIZE);
    if (s->in && s->out)
        s->plan = fftwf_plan_dft_1d(SPECTRUM_SIZE, s->in, s->out, FFTW_FORWARD, FFTW_ESTIMATE);
    if (s->plan)
        return s;
    spectrum_close(s);
    return NULL;
}

void spectrum_close(struct spectrum *s)
{
    if (!s)
        return;
    if (s->plan)
        fftwf_destroy_plan(s->plan);
    fftwf_free(s->in);
    fftwf_free(s->out);
    free(s);
}

static float magnitude(const struct spectrum *s, size_t bin)
{
    return sqrtf(s->out[bin][0] * s->out[bin][0] + s->out[bin][1] * s->out[bin][1]);
}

float spectrum_line(struct spectrum *s, const float *re, const float *im, size_t n, float *cycles)
{
    memset(s->in, 0, SPECTRUM_SIZE * sizeof *s->in);
    for (size_t k = 0; k < n; k++) {
        s->in[k][0] = re[k];
        s->in[k][1] = im[k];
    }
    fftwf_execute(s->plan);
    size_t best = 0;
    float peak = 0;
    for (size_t bin = 0; bin < SPECTRUM_SIZE; bin++) {
        const float m = s->out[bin][0] * s->out[bin][0] + s->out[bin][1] * s->out[bin][1];
        if (m > peak) {
            peak = m;
            best = bin;
        }
    }
    const float line = magnitude(s, best);
    const float before = magnitude(s, (best + SPECTRUM_SIZE - 1) % SPECTRUM_SIZE);
    const float after = magnitude(s, (best + 1) % SPECTRUM_SIZE);
    const float shift = (float)parabola_top((double)before, (double)line, (double)after);
    const float bin = (float)best - (best >= SPECTRUM_SIZE / 2 ? SPECTRUM_SIZE : 0) + shift;
    *cycles = bin / SPECTRUM_SIZE;
    return line;
}

struct spectrum_batch {
    fftwf_complex *in, *out;
    fftwf_plan plan;
};

struct spectrum_batch *spectrum_batch_open(size_t size, size_t n)
{
    struct spectrum_batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    const int length = (int)size;
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

const float *spectrum_batch_run(struct spectrum_batch *b)
{
    fftwf_execute(b->plan);
    return b->out[0];
}
