/* SPDX-License-Identifier: MIT */
#include "dsp/tone_spectra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/math_const.h"

/* Sums of powers are squared: samples of the channel, up to 2^27, would be too large. */
static const double input_scale = 1.0 / (1 << 20);

/* ---- set-up ------------------------------------------------------------------------------- */

/* Twice as fine as a chip's, about. */
static int fft_size_of(size_t window_samples)
{
    int size = 16;
    while (2 * size < 3 * (int)window_samples)
        size *= 2;
    return size;
}

static bool init_long(struct tone_spectra *s, const struct tone_spectra_config *c)
{
    s->fft_size = fft_size_of(s->window_samples);
    s->bin_hz = c->rate_sps / s->fft_size;
    const double middle = c->rotation_cycles * s->fft_size;
    s->first_bin = (int)ceil(middle + c->low_hz / s->bin_hz);
    const int last_bin = (int)floor(middle + c->high_hz / s->bin_hz);
    s->n_bins = last_bin - s->first_bin + 1;
    s->n_bins = s->n_bins < s->fft_size ? s->n_bins : s->fft_size;
    s->first_hz = (s->first_bin - middle) * s->bin_hz;
    s->batch = spectrum_batch_open((size_t)s->fft_size, TONE_GROUP * TONE_HOPS);
    return s->batch != NULL;
}

void tone_dft_init(struct tone_dft *dft, size_t n_samples, double bin_cycles)
{
    dft->n = n_samples;
    const bool odd = dft->n % 2 == 1;
    for (size_t n = 0; n < TONE_DFT_HALF; n++) {
        for (size_t k = 0; k < TONE_DFT_SIDE; k++) {
            const double phase = TWO_PI * bin_cycles * (double)k * ((double)n + (odd ? 0 : 0.5));
            const double weight = odd && n == 0 ? 0.5 : 1;
            dft->cosine[n][k] = (float)(weight * cos(phase));
            dft->sine[n][k] = (float)(weight * sin(phase));
        }
    }
}

static bool init_short(struct tone_spectra *s, const struct tone_spectra_config *c)
{
    const size_t n = s->window_samples + s->group_samples + 2 * TONE_DFT_HALF;
    s->dft = calloc(1, sizeof *s->dft);
    s->turn_re = calloc(s->group_samples, sizeof *s->turn_re);
    s->turn_im = calloc(s->group_samples, sizeof *s->turn_im);
    s->i = calloc(n, sizeof *s->i);
    s->q = calloc(n, sizeof *s->q);
    if (!s->dft || !s->turn_re || !s->turn_im || !s->i || !s->q)
        return false;
    /* The middle of the frequencies makes whole turns in a group, so that one table serves all. */
    const double group = (double)s->group_samples;
    const double middle = (c->low_hz + c->high_hz) / 2 / c->rate_sps + c->rotation_cycles;
    const double turns = rint(middle * group);
    for (size_t k = 0; k < s->group_samples; k++) {
        const double turn = TWO_PI * fmod(turns * (double)k / group, 1.0);
        s->turn_re[k] = (float)(input_scale * cos(turn));
        s->turn_im[k] = (float)(-input_scale * sin(turn));
    }
    s->n_bins = TONE_DFT_BINS - 1;
    s->bin_hz = (c->high_hz - c->low_hz) / (s->n_bins - 1);
    s->first_hz = (turns / group - c->rotation_cycles) * c->rate_sps - TONE_DFT_MIDDLE * s->bin_hz;
    tone_dft_init(s->dft, s->window_samples, s->bin_hz / c->rate_sps);
    return true;
}

bool tone_spectra_init(struct tone_spectra *s, const struct tone_spectra_config *c,
                       const struct kernels *kernels)
{
    const double chip = c->rate_sps / c->chip_rate_cps;
    memset(s, 0, sizeof *s);
    s->kernels = kernels;
    s->rate_sps = c->rate_sps;
    s->group_samples = (size_t)lrint(TONE_GROUP * TONE_BLOCK_CHIPS * chip);
    s->hop_samples = (double)s->group_samples / (TONE_GROUP * TONE_HOPS);
    s->window_samples = (size_t)lrint(chip);
    const bool ok = s->window_samples <= TONE_DFT_MAX_WINDOW ? init_short(s, c) : init_long(s, c);
    s->row = ((size_t)s->n_bins + TONE_OCTET - 1) / TONE_OCTET * TONE_OCTET;
    return ok;
}

void tone_spectra_deinit(struct tone_spectra *s)
{
    spectrum_batch_close(s->batch);
    free(s->dft);
    free(s->turn_re);
    free(s->turn_im);
    free(s->i);
    free(s->q);
}

/* ---- samples ------------------------------------------------------------------------------ */

/* End of a window of a group, in samples from its start. */
static size_t window_end(const struct tone_spectra *s, size_t block, size_t hop)
{
    return (size_t)lrint((double)(block * TONE_HOPS + hop + 1) * s->hop_samples);
}

double tone_spectra_middle(const struct tone_spectra *s, uint64_t block, double k)
{
    return ((double)block * TONE_HOPS + k + 1) * s->hop_samples -
           ((double)s->window_samples + 1) / 2;
}

double tone_spectra_power(const struct tone_spectra *s, double sample_power)
{
    return sample_power * (double)s->window_samples * input_scale * input_scale;
}

double tone_spectra_density(const struct tone_spectra *s, double bin_power)
{
    return bin_power / ((double)s->window_samples * s->rate_sps * input_scale * input_scale);
}

void tone_spectra_reset(struct tone_spectra *s)
{
    if (s->i && s->q) {
        memset(s->i, 0, (s->window_samples + TONE_DFT_HALF) * sizeof *s->i);
        memset(s->q, 0, (s->window_samples + TONE_DFT_HALF) * sizeof *s->q);
    }
}

static void push_short(struct tone_spectra *s, const float *i, const float *q,
                       const struct tone_rows *blocks)
{
    /* room, the window before the group, the group, room */
    const size_t kept = TONE_DFT_HALF + s->window_samples, n = s->group_samples;
    memmove(s->i, s->i + n, kept * sizeof *s->i);
    memmove(s->q, s->q + n, kept * sizeof *s->q);
    s->kernels->tone_turn(s->i + kept, s->q + kept, i, q, s->turn_re, s->turn_im, n);
    for (size_t block = 0; block < TONE_GROUP; block++) {
        size_t starts[TONE_HOPS];
        for (size_t hop = 0; hop < TONE_HOPS; hop++)
            starts[hop] = TONE_DFT_HALF + window_end(s, block, hop);
        s->kernels->tone_block(&blocks[block], s->i, s->q, starts, s->dft);
    }
}

/* The powers of a block's windows go round in quarter turns of the line. */
static void sum_block(const struct tone_spectra *s, const struct tone_rows *block,
                      const float *spectra)
{
    const int start = s->first_bin & (s->fft_size - 1), to_end = s->fft_size - start;
    const int n_first = to_end < s->n_bins ? to_end : s->n_bins, rest = s->n_bins - n_first;
    memset(block->re, 0, s->row * sizeof *block->re);
    memset(block->im, 0, s->row * sizeof *block->im);
    memset(block->power, 0, s->row * sizeof *block->power);
    for (size_t hop = 0; hop < TONE_HOPS; hop++, spectra += 2 * s->fft_size) {
        float *line = hop & 1 ? block->im : block->re;
        const float sign = (hop & 3) == 0 || (hop & 3) == 3 ? 1.0f : -1.0f;
        s->kernels->tone_add(line, block->power, spectra + 2 * start, sign, (size_t)n_first);
        s->kernels->tone_add(line + n_first, block->power + n_first, spectra, sign, (size_t)rest);
    }
}

static void push_long(struct tone_spectra *s, const float *i, const float *q,
                      const struct tone_rows *blocks)
{
    const size_t length = s->window_samples;
    for (size_t block = 0; block < TONE_GROUP; block++) {
        for (size_t hop = 0; hop < TONE_HOPS; hop++) {
            const size_t end = window_end(s, block, hop);
            spectrum_batch_put(s->batch, block * TONE_HOPS + hop, i + end - length,
                               q + end - length, length, (float)input_scale);
        }
    }
    const float *out = spectrum_batch_run(s->batch);
    for (size_t block = 0; block < TONE_GROUP; block++, out += 2 * s->fft_size * TONE_HOPS)
        sum_block(s, &blocks[block], out);
}

void tone_spectra_push(struct tone_spectra *s, const float *i, const float *q,
                       const struct tone_rows *blocks)
{
    if (s->dft)
        push_short(s, i, q, blocks);
    else
        push_long(s, i, q, blocks);
}
