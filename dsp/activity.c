/* SPDX-License-Identifier: MIT */
#include "dsp/activity.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BINS = SPECTRA_MAX_SIZE,
    ROW = MAX_BINS + TONE_OCTET, /* readable behind any band, up to a multiple           */
    MAX_WINDOW = 128,            /* steps over which power is summed, a power of two     */
    PARTS = 16,                  /* of a group                                           */
    GROUPS = 24,                 /* that tell what is usual                              */
    LEAST_GROUPS = 12, /* so few tell nothing: a burst may have been on the air all along */
    COMMON_PLACES = 32,
};

static const double most_step_s = 1.3e-3, part_s = 2.5e-3;
/* How closely it looks: at bins no wider than that, and a share of the samples. */
struct look {
    double most_bin_hz;
    size_t stride; /* one spectrum in so many of its lengths */
};
static const struct look fine_look = { 13e3, 2 }, coarse_look = { 26e3, 4 };
/* The usual power is that of the least part of a group, in the half of the groups with least of
 * that: bursts may leave short pauses only, but in every other group. In white noise it is so many
 * standard deviations of a part below the mean. */
static const double usual_sigmas = 1.72;
/* A band is active from such a share on of what the weakest burst adds to the noise. */
static const double share_of_weakest = 0.7;
/* Tones that are so many chip rates apart are humps of their own, of so many chip rates. */
static const double min_index_of_humps = 1.7, hump_chips = 1.3;
/* Power that is next to none. */
static const float least_power = 1e-12f;

struct band {
    size_t first_bin, n_bins; /* in order of frequency              */
    int hump_bins;            /* of one hump of the burst, or of all of it */
    int gap_min, gap_max;     /* from one hump to the other; 0: it is one  */
    size_t window, look;      /* steps, and from one look to the next      */
    float least;              /* mean rise that is activity                */
    uint64_t until;           /* step                                      */
};

struct activity {
    const struct kernels *kernels;
    double sample_rate_sps;
    size_t hop_samples;
    struct spectra_plan plan;
    size_t size, stride; /* samples of a spectrum, and from one to the next */
    size_t step_samples, part_steps;
    struct band bands[ACTIVITY_MAX_BANDS];
    size_t n_bands;
    uint64_t n_steps, first_step;
    size_t n_groups;
    float power[MAX_WINDOW][ROW]; /* of each step, as a ring                 */
    float least[MAX_BINS];        /* of the parts of a group so far          */
    size_t n_parts;
    float past[GROUPS][MAX_BINS];   /* least parts, as a ring, at first infinite ... */
    float sorted[GROUPS][MAX_BINS]; /* ... and those of each bin in order            */
    float of_usual[ROW];            /* 1 over the usual power of a step              */
    float usual_bias;
};

/* ---- set-up ------------------------------------------------------------------------------- */

static size_t power_of_two(double most, size_t least)
{
    size_t n = least;
    while (2 * (double)n <= most)
        n *= 2;
    return n;
}

static size_t step_for(double sample_rate_sps)
{
    return power_of_two(most_step_s * sample_rate_sps, 1);
}

static size_t part_for(double sample_rate_sps)
{
    const size_t step = step_for(sample_rate_sps);
    return step * (size_t)lrint(part_s * sample_rate_sps / (double)step);
}

double activity_memory_s(double sample_rate_sps)
{
    return (double)((GROUPS + 1) * PARTS * part_for(sample_rate_sps)) / sample_rate_sps;
}

static double bin_hz(const struct activity *a)
{
    return a->sample_rate_sps / (double)a->size;
}

static int bins_of(const struct activity *a, double width_hz)
{
    return (int)fmax(2, lrint(width_hz / bin_hz(a)));
}

/* What the weakest burst adds to the noise, as a share of it. */
static double weakest_rise(const struct activity *a, const struct band *band,
                           const struct activity_band *config)
{
    const int n_humps = band->gap_max ? 2 : 1;
    const double width_hz = (band->hump_bins + 0.5) * bin_hz(a) * n_humps;
    return config->least_ecn0 * config->chip_rate_cps / width_hz;
}

size_t activity_add_band(struct activity *a, const struct activity_band *config)
{
    const double step_s = (double)a->step_samples / a->sample_rate_sps;
    const double window_s = config->burst_chips / config->chip_rate_cps;
    const double index = 2 * config->deviation_min_hz / config->chip_rate_cps;
    const int hump_bins = bins_of(a, hump_chips * config->chip_rate_cps);
    const double low = floor(config->low_hz / bin_hz(a)), high = ceil(config->high_hz / bin_hz(a));
    const double middle = (double)a->size / 2;
    assert(a->n_bands < ACTIVITY_MAX_BANDS);
    struct band *band = &a->bands[a->n_bands];
    band->first_bin = (size_t)fmax(0, middle + low);
    band->n_bins = (size_t)fmin((double)a->size, middle + high + 1) - band->first_bin;
    band->gap_min = (int)floor(2 * config->deviation_min_hz / bin_hz(a));
    band->gap_max = (int)ceil(2 * config->deviation_max_hz / bin_hz(a));
    band->hump_bins = hump_bins;
    if (index < min_index_of_humps || band->gap_min < hump_bins) {
        band->gap_min = band->gap_max = 0;
        band->hump_bins = bins_of(a, 2 * config->deviation_min_hz + config->chip_rate_cps);
    }
    band->window = (size_t)fmax(1, fmin(ceil(window_s / step_s), MAX_WINDOW));
    band->look = band->window < 4 ? 1 : band->window / 4;
    band->least = (float)(share_of_weakest * weakest_rise(a, band, config));
    return a->n_bands++;
}

/* 1 over what the least of the parts of a group, and of the groups, is in white noise of power 1.
 */
static float usual_bias(const struct activity *a)
{
    const size_t n_spectra = a->part_steps * (a->step_samples / a->stride);
    const double n = (double)n_spectra;
    /* Wilson and Hilferty's approximation of a sum of n powers */
    const double of_mean = pow(1 - 1 / (9 * n) - usual_sigmas / sqrt(9 * n), 3);
    return (float)(1 / (of_mean * (double)a->part_steps));
}

struct activity *activity_open(const struct activity_config *config, const struct kernels *kernels)
{
    const struct look *look = config->fine ? &fine_look : &coarse_look;
    const double sample_rate_sps = config->sample_rate_sps;
    struct activity *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->kernels = kernels;
    a->sample_rate_sps = sample_rate_sps;
    a->hop_samples = config->hop_samples;
    a->size = 2 * power_of_two(sample_rate_sps / look->most_bin_hz, SPECTRA_SQUARE / 2);
    a->stride = look->stride * a->size;
    a->step_samples = step_for(sample_rate_sps);
    a->part_steps = part_for(sample_rate_sps) / a->step_samples;
    assert(a->size <= MAX_BINS && a->hop_samples % a->step_samples == 0);
    assert(a->step_samples % a->stride == 0);
    spectra_plan_init(&a->plan, a->size);
    a->usual_bias = usual_bias(a);
    return a;
}

void activity_close(struct activity *a)
{
    free(a);
}

void activity_reset(struct activity *a, uint64_t first_sample)
{
    a->first_step = a->n_steps = first_sample / a->step_samples;
    a->n_groups = a->n_parts = 0;
    memset(a->power, 0, sizeof a->power);
    for (size_t group = 0; group < GROUPS; group++)
        for (size_t k = 0; k < MAX_BINS; k++)
            a->past[group][k] = a->sorted[group][k] = HUGE_VALF;
    for (size_t k = 0; k < a->n_bands; k++)
        a->bands[k].until = a->n_steps;
}

/* sum[n]: power of bins from first on in the last steps; of some more, up to a multiple. */
static void sum_steps(const struct activity *a, size_t n_steps, size_t first, size_t n,
                      float sum[ROW])
{
    const float *steps[MAX_WINDOW];
    for (size_t k = 0; k < n_steps; k++)
        steps[k] = a->power[(a->n_steps - 1 - k) % MAX_WINDOW] + first;
    a->kernels->tone_sum(sum, steps, n_steps, (n + TONE_OCTET - 1) / TONE_OCTET * TONE_OCTET);
}

/* ---- what is usual ------------------------------------------------------------------------ */

/* A row without the old values, whose places those of the row above take, and with what is left of
 * the row below: the smaller ones stay. Written so that compilers vectorise it. */
static void pass_row(float *restrict row, const float *restrict above, const float *restrict old,
                     float *restrict left, size_t n_bins)
{
    for (size_t k = 0; k < n_bins; k++) {
        const float here = row[k], next = above[k], other = left[k];
        const float value = here < old[k] ? here : next;
        const float less = value < other ? value : other, more = other > value ? other : value;
        row[k] = less;
        left[k] = more;
    }
}

/* One value of each bin is replaced by another. */
static void replace_sorted(float sorted[GROUPS][MAX_BINS], const float *old, const float *new,
                           size_t n_bins)
{
    float left[MAX_BINS];
    memcpy(left, new, n_bins * sizeof *left);
    for (size_t row = 0; row + 1 < GROUPS; row++)
        pass_row(sorted[row], sorted[row + 1], old, left, n_bins);
    memcpy(sorted[GROUPS - 1], left, n_bins * sizeof *left);
}

static void note_group(struct activity *a)
{
    float *oldest = a->past[a->n_groups % GROUPS];
    replace_sorted(a->sorted, oldest, a->least, a->size);
    memcpy(oldest, a->least, a->size * sizeof *oldest);
    a->n_groups++;
    const size_t n = a->n_groups < GROUPS ? a->n_groups : GROUPS;
    const float *usual = a->sorted[n / 2];
    for (size_t k = 0; k < a->size; k++)
        a->of_usual[k] = 1 / (a->usual_bias * usual[k] + least_power);
}

/* A part of a group came to its end. */
static void note_part(struct activity *a)
{
    float part[ROW];
    sum_steps(a, a->part_steps, 0, a->size, part);
    for (size_t k = 0; k < a->size; k++)
        a->least[k] = a->n_parts == 0 || part[k] < a->least[k] ? part[k] : a->least[k];
    a->n_parts++;
    if (a->n_steps / a->part_steps % PARTS != 0)
        return;
    if (a->n_parts == PARTS)
        note_group(a);
    a->n_parts = 0;
}

/* Parts and groups lie where they do in a stream without a gap. */
static void follow_usual(struct activity *a)
{
    const bool whole = a->n_steps >= a->first_step + a->part_steps;
    if (a->n_steps % a->part_steps == 0 && whole)
        note_part(a);
}

/* ---- more than usual ---------------------------------------------------------------------- */

/* sums[k]: values k ... k + n - 1, of n_values in all. Returns how many sums there are. A double,
 * so that what is strong leaves nothing behind when it is taken off. */
static int running_sums(const float *restrict values, int n_values, int n, float *restrict sums)
{
    const int n_sums = n_values - n + 1;
    double sum = 0;
    for (int k = 0; k < n - 1; k++)
        sum += (double)values[k];
    for (int k = 0; k < n_sums; k++) {
        sum += (double)values[k + n - 1];
        sums[k] = (float)sum;
        sum -= (double)values[k];
    }
    return n_sums;
}

/* rise[n]: power of bins from first on in a window that ended just now, as a multiple of what is
 * usual. */
static void rises(const struct activity *a, size_t window, size_t first, size_t n, float rise[ROW])
{
    const float each = 1 / (float)window, *of_usual = a->of_usual + first;
    sum_steps(a, window, first, n, rise);
    for (size_t k = 0; k < n; k++)
        rise[k] *= of_usual[k] * each;
}

static float highest(const float *values, int n)
{
    float most = 0;
    for (int k = 0; k < n; k++)
        most = values[k] > most ? values[k] : most;
    return most;
}

/* By how many times what is usual and what the weakest burst adds to it the best humps rise, both
 * together and, half of that, each. */
static float rise_of_humps(const struct band *band, const float *hump, int n_humps)
{
    const float usual = (float)band->hump_bins;
    const float of_both = 1 / (2 * (1 + band->least) * usual);
    const float of_each = 1 / ((1 + band->least / 2) * usual);
    float best[MAX_BINS];
    for (int k = 0; k < n_humps; k++)
        best[k] = 0;
    for (int gap = band->gap_min; gap <= band->gap_max; gap++) {
        for (int k = 0; k + gap < n_humps; k++) {
            const float a = hump[k], b = hump[k + gap], less = a < b ? a : b;
            const float both = of_both * (a + b), each = of_each * less;
            const float rise = both < each ? both : each;
            best[k] = rise > best[k] ? rise : best[k];
        }
    }
    return highest(best, n_humps);
}

/* Does more than half of all frequencies rise less? Not so in the skirts of a strong burst. */
static bool is_rare(const struct activity *a, size_t window, float level)
{
    const size_t step = a->size / COMMON_PLACES;
    float rise[ROW];
    size_t less = 0;
    rises(a, window, 0, a->size, rise);
    for (size_t k = 0; k < COMMON_PLACES; k++)
        less += rise[k * step] < level;
    return less > COMMON_PLACES / 2;
}

static bool is_active(const struct activity *a, const struct band *band)
{
    float rise[ROW], hump[MAX_BINS];
    if (a->n_groups < LEAST_GROUPS)
        return true;
    rises(a, band->window, band->first_bin, band->n_bins, rise);
    const int n_humps = running_sums(rise, (int)band->n_bins, band->hump_bins, hump);
    if (highest(hump, n_humps) < (1 + band->least) * (float)band->hump_bins)
        return false; /* as nearly always */
    const float level = rise_of_humps(band, hump, n_humps);
    return level > 1 && is_rare(a, band->window, level);
}

static void look_at_bands(struct activity *a)
{
    for (size_t k = 0; k < a->n_bands; k++)
        if (a->n_steps % a->bands[k].look == 0 && is_active(a, &a->bands[k]))
            a->bands[k].until = a->n_steps;
}

/* ---- samples ------------------------------------------------------------------------------ */

/* The row of the step that ends now. */
static float *next_row(struct activity *a)
{
    return a->power[a->n_steps % MAX_WINDOW];
}

static void end_step(struct activity *a)
{
    a->n_steps++;
    follow_usual(a);
    look_at_bands(a);
}

void activity_push_u8(struct activity *a, const uint8_t *iq, const float dc[2])
{
    const size_t n_windows = a->step_samples / a->stride;
    for (size_t n = 0; n < a->hop_samples && a->n_bands > 0; n += a->step_samples) {
        a->kernels->spectra_u8(next_row(a), iq + 2 * n, n_windows, a->stride, dc, &a->plan);
        end_step(a);
    }
}

void activity_push_s16(struct activity *a, const int16_t *iq)
{
    const size_t n_windows = a->step_samples / a->stride;
    for (size_t n = 0; n < a->hop_samples && a->n_bands > 0; n += a->step_samples) {
        a->kernels->spectra_s16(next_row(a), iq + 2 * n, n_windows, a->stride, &a->plan);
        end_step(a);
    }
}

uint64_t activity_until(const struct activity *a, size_t band)
{
    return a->bands[band].until * a->step_samples;
}

size_t activity_delay(const struct activity *a, size_t band)
{
    return (a->bands[band].window + a->bands[band].look) * a->step_samples;
}
