/* SPDX-License-Identifier: MIT */
#include "dsp/tone_lines.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/math_const.h"

/* The line's power over that of noise: noise alone reaches 14 a few times a second, a burst of 5 dB
 * over 28 chips has 30. At 16 half of the S1 telegrams are right at 0.02 dB less, and one in ten
 * more is nobody's. */
static const float min_over_noise = 20.0f;
/* What the power of a line is on average in white noise, as a share of the threshold, in the
 * quietest eighth of the groups: noise on the air is not that even. */
static const float white_line = 0.045f;
/* Against the burst's own power: random data show lines, too. A perfect preamble gives 0.55 to
 * 0.65, give or take this many times what noise may add. */
static const float min_of_signal = 0.43f, noise_of_signal = 0.5f;
/* Noise of neighbouring windows, which overlap by half, is alike. */
static const float overlap_factor = 1.25f;
/* Step of the clock errors tried. */
static const double rate_step = 0.012;
/* The noise is the tenth of a group's power, tracked in steps of so much a group, and the mean is
 * that much above it. */
static const float noise_quantile = 0.1f, noise_step = 0.05f, noise_bias = 1.2f;
/* But it is no more than so many times what the quietest quarter of the frequencies have: a long
 * burst is no noise. Of neighbours, which are alike, one in so many tells enough. */
static const float most_of_quiet = 1.25f;
enum { QUIET_STRIDE = 8 };
/* No pair has a frequency with this much noise. */
static const float never = 1e30f;

/* ---- set-up ------------------------------------------------------------------------------- */

bool tone_lines_init(struct tone_lines *l, const struct tone_lines_config *config,
                     const struct tone_spectra *spectra)
{
    memset(l, 0, sizeof *l);
    l->kernels = spectra->kernels;
    l->n_bins = spectra->n_bins;
    l->row = spectra->row;
    l->window = config->window_chips / TONE_BLOCK_CHIPS;
    l->gap_min = (int)floor(2 * config->deviation_min_hz / spectra->bin_hz);
    l->gap_max = (int)ceil(2 * config->deviation_max_hz / spectra->bin_hz);
    assert(l->row <= TONE_MAX_BINS && l->window <= TONE_MAX_WINDOW && l->gap_max <= TONE_MARGIN);
    l->silence = (float)tone_spectra_power(spectra, config->silence_power);
    l->white = min_over_noise * overlap_factor * (float)(l->window * TONE_HOPS);
    /* The line over the window, off the nominal clock by a step and a half. */
    const double turn = PI * config->window_chips * 1.5 * rate_step / 2;
    l->least_nominal = (float)pow(turn < PI ? sin(turn) / turn : 0, 2);
    l->pool = calloc((size_t)3 * TONE_RING * l->row, sizeof *l->pool);
    for (size_t b = 0; l->pool && b < 2 * (size_t)TONE_RING; b++) {
        float *rows = l->pool + 3 * l->row * (b % TONE_RING);
        l->re[b] = rows;
        l->im[b] = rows + l->row;
        l->power[b] = rows + 2 * l->row;
    }
    return l->pool != NULL;
}

void tone_lines_deinit(struct tone_lines *l)
{
    free(l->pool);
}

void tone_lines_reset(struct tone_lines *l, uint64_t first_block)
{
    memset(l->pool, 0, 3 * TONE_RING * l->row * sizeof *l->pool);
    memset(l->noise, 0, sizeof l->noise);
    l->sorted.n = 0;
    l->n_ordinary = 0;
    l->first_block = l->n_blocks = first_block;
}

/* ---- lines -------------------------------------------------------------------------------- */

/* The rows of the window that ends with block b, the oldest first. */
static const float *const *window_rows(const struct tone_lines *l, float *const *ring, uint64_t b)
{
    return (const float *const *)ring + (b + 1 - l->window) % TONE_RING;
}

static void sum_nominal(const struct tone_lines *l, uint64_t b, struct tone_line *line)
{
    l->kernels->tone_sum(line->re, window_rows(l, l->re, b), l->window, l->row);
    l->kernels->tone_sum(line->im, window_rows(l, l->im, b), l->window, l->row);
}

void tone_lines_sum(const struct tone_lines *l, uint64_t b, double error, struct tone_line *slow,
                    struct tone_line *fast)
{
    float cosine[TONE_MAX_WINDOW], sine[TONE_MAX_WINDOW], re_s[TONE_MAX_BINS], im_s[TONE_MAX_BINS];
    for (size_t k = 0; k < l->window; k++) {
        const double turn = PI * TONE_BLOCK_CHIPS * error * (double)(l->window - 1 - k);
        cosine[k] = (float)cos(turn);
        sine[k] = (float)sin(turn);
    }
    l->kernels->tone_sum_turned(slow->re, re_s, window_rows(l, l->re, b), cosine, sine, l->window,
                                l->row);
    l->kernels->tone_sum_turned(slow->im, im_s, window_rows(l, l->im, b), cosine, sine, l->window,
                                l->row);
    for (size_t k = 0; k < l->row; k++) {
        const float re_c = slow->re[k], im_c = slow->im[k];
        slow->re[k] = re_c + im_s[k];
        slow->im[k] = im_c - re_s[k];
        fast->re[k] = re_c - im_s[k];
        fast->im[k] = im_c + re_s[k];
    }
}

float tone_line_power(const struct tone_line *line, int lower, int upper)
{
    const float re = line->re[upper] - line->re[lower], im = line->im[upper] - line->im[lower];
    return re * re + im * im;
}

/* Noise that swells and ebbs at all frequencies alike, as with the packets of a dongle's USB, is no
 * pair of tones: takes it off. */
static void take_off_common(const struct tone_lines *l, struct tone_line *line)
{
    float re = 0, im = 0, noise = 0;
    for (size_t k = 0; k < l->row; k++) {
        re += line->re[k];
        im += line->im[k];
        noise += l->noise[k];
    }
    re /= fmaxf(noise, 1e-20f);
    im /= fmaxf(noise, 1e-20f);
    for (size_t k = 0; k < l->row; k++) {
        line->re[k] -= re * l->noise[k];
        line->im[k] -= im * l->noise[k];
    }
}

/* ---- noise -------------------------------------------------------------------------------- */

float tone_lines_noise(const struct tone_lines *l, int lower, int upper)
{
    return noise_bias * (l->noise[upper] + l->noise[lower]);
}

/* Follows the noise of each frequency, on the mean power a hop of the group that was pushed last.
 * At the start of the stream the group with least power tells it. */
static void follow_noise(struct tone_lines *l)
{
    float power[TONE_MAX_BINS];
    const float *const *rows =
        (const float *const *)l->power + (l->n_blocks - TONE_GROUP) % TONE_RING;
    const bool at_start = l->n_blocks - l->first_block < TONE_FIRST_GROUPS * TONE_GROUP;
    l->kernels->tone_sum(power, rows, TONE_GROUP, l->row);
    for (int k = 0; k < l->n_bins; k++) {
        const float now = power[k] / (TONE_GROUP * TONE_HOPS);
        float *noise = &l->noise[k];
        if (now <= l->silence)
            continue;
        if (*noise <= 0 || (at_start && now < *noise))
            *noise = now;
        else if (now < *noise)
            *noise = fmaxf(now, *noise * (1 - noise_step * (1 - noise_quantile)));
        else
            *noise = fminf(now, *noise * (1 + noise_step * noise_quantile));
    }
}

/* A burst that was there from the start of the stream, or for long, stands for noise at its
 * frequencies. */
static void limit_noise(struct tone_lines *l)
{
    struct sorted_window sorted = { .n = 0 };
    _Static_assert(TONE_MAX_BINS / QUIET_STRIDE <= SORTED_WINDOW_MAX, "they fit");
    for (int k = 0; k < l->n_bins; k += QUIET_STRIDE)
        sorted_window_insert(&sorted, l->noise[k]);
    const float most = most_of_quiet * sorted.value[sorted.n / 4];
    for (int k = 0; k < l->n_bins; k++)
        l->noise[k] = fminf(l->noise[k], most);
}

/* Notes the mean power of the line against its noise, at the nominal clock, once a group. A burst
 * in one band must not stand for all. */
static void note_ordinary(struct tone_lines *l)
{
    struct tone_line *line = &l->lines[0];
    const float most = l->white / 4;
    float sum = 0;
    sum_nominal(l, l->n_blocks - 1, line);
    take_off_common(l, line);
    for (int k = 0; k < l->n_bins; k++) {
        const float noise = l->noise[k] * l->noise[k];
        if (noise <= 0)
            return;
        sum += fminf((line->re[k] * line->re[k] + line->im[k] * line->im[k]) / noise, most);
    }
    float *oldest = &l->ordinary[l->n_ordinary % TONE_NOISE_GROUPS];
    if (l->n_ordinary++ >= TONE_NOISE_GROUPS)
        sorted_window_remove(&l->sorted, *oldest);
    *oldest = sum / (float)l->n_bins;
    sorted_window_insert(&l->sorted, *oldest);
}

/* What a pair must reach, so as to be more than noise ordinarily shows. */
static void set_threshold(struct tone_lines *l)
{
    const struct sorted_window *w = &l->sorted;
    const float ordinary = w->n ? w->value[w->n / 8] / l->white : 0;
    l->threshold = l->white * noise_bias * noise_bias * fmaxf(1, ordinary / white_line);
    for (int k = 0; k < l->n_bins; k++) {
        l->least[k] = l->threshold * l->noise[k] * l->noise[k];
        l->least_at_nominal[k] = l->least_nominal * l->least[k];
    }
    for (int k = l->n_bins; k < TONE_MAX_BINS + TONE_MARGIN; k++)
        l->least[k] = l->least_at_nominal[k] = never;
}

float tone_lines_over_white(const struct tone_lines *l, const struct tone_pair *pair)
{
    return pair->strength / l->white * min_over_noise;
}

void tone_lines_push(struct tone_lines *l, struct tone_spectra *spectra, const float *i,
                     const float *q)
{
    struct tone_rows blocks[TONE_GROUP];
    for (size_t b = 0; b < TONE_GROUP; b++) {
        const size_t at = (l->n_blocks + b) % TONE_RING;
        blocks[b] = (struct tone_rows){ l->re[at], l->im[at], l->power[at] };
    }
    tone_spectra_push(spectra, i, q, blocks);
    l->n_blocks += TONE_GROUP;
    follow_noise(l);
    limit_noise(l);
    if (l->n_blocks - l->first_block > l->window)
        note_ordinary(l);
    set_threshold(l);
}

/* ---- pairs -------------------------------------------------------------------------------- */

/* The lines at all clock errors, in l->lines. */
static void sum_rates(struct tone_lines *l, uint64_t b)
{
    tone_lines_sum(l, b, rate_step, &l->lines[0], &l->lines[2]);
    take_off_common(l, &l->lines[0]);
    take_off_common(l, &l->lines[2]);
}

static void sum_nominal_rate(struct tone_lines *l, uint64_t b)
{
    sum_nominal(l, b, &l->lines[TONE_RATES / 2]);
    take_off_common(l, &l->lines[TONE_RATES / 2]);
}

static bool any_pair(const struct tone_lines *l, const struct tone_line *line, const float *least)
{
    return l->kernels->tone_any_pair(line->re, line->im, least, (size_t)l->gap_min,
                                     (size_t)l->gap_max, l->row);
}

/* What would be a pair at a clock that is off shows at the nominal clock; and two frequencies are
 * never more together than each against its own noise. */
bool tone_lines_look(struct tone_lines *l, uint64_t b)
{
    const struct tone_line *nominal = &l->lines[TONE_RATES / 2];
    sum_nominal_rate(l, b);
    if (!l->kernels->tone_any(nominal->re, nominal->im, l->least_at_nominal, l->row) ||
        !any_pair(l, nominal, l->least_at_nominal))
        return false;
    sum_rates(l, b);
    return any_pair(l, &l->lines[0], l->least) || any_pair(l, &l->lines[1], l->least) ||
           any_pair(l, &l->lines[2], l->least);
}

/* The best pair of a line whose lower frequency is in this band, if it is better than *best. */
static void best_pair(const struct tone_lines *l, const struct tone_line *line, int from, int to,
                      struct tone_pair *best)
{
    for (int gap = l->gap_min; gap <= l->gap_max; gap++) {
        for (int k = from; k < to && k + gap < l->n_bins; k++) {
            const float noise = l->noise[k + gap] * l->noise[k + gap] + l->noise[k] * l->noise[k];
            const float power = tone_line_power(line, k, k + gap);
            if (power > best->strength * noise && noise > 0)
                *best = (struct tone_pair){ power / noise, power, k, k + gap };
        }
    }
}

/* What a pair's line is of all its power but the noise. */
static bool is_of_signal(const struct tone_lines *l, uint64_t b, const struct tone_pair *pair)
{
    const float *const *rows = window_rows(l, l->power, b);
    float energy = 0;
    for (size_t k = 0; k < l->window; k++)
        energy += rows[k][pair->lower] + rows[k][pair->upper];
    const float noise = tone_lines_noise(l, pair->lower, pair->upper);
    const float signal = energy - noise * (float)(l->window * TONE_HOPS);
    const float of_noise = sqrtf(tone_lines_over_white(l, pair));
    return sqrtf(pair->power) * (1 + noise_of_signal / of_noise) > min_of_signal * signal;
}

struct tone_pair tone_lines_best(const struct tone_lines *l, uint64_t b, int from, int to)
{
    struct tone_pair best = { .strength = 0 };
    for (int rate = 0; rate < TONE_RATES; rate++)
        best_pair(l, &l->lines[rate], from, to, &best);
    if (best.strength < l->threshold || !is_of_signal(l, b, &best))
        best.strength = best.power = 0;
    return best;
}

struct tone_pair tone_lines_best_at(struct tone_lines *l, uint64_t b, int from, int to)
{
    sum_nominal_rate(l, b);
    sum_rates(l, b);
    return tone_lines_best(l, b, from, to);
}
