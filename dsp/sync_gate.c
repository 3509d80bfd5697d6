/* SPDX-License-Identifier: MIT */
#include "dsp/sync_gate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/math_const.h"
#include "dsp/parabola.h"

/* The lead of the right tones over noise, in standard deviations of what noise has: that reaches 8
 * less than once a second, and a burst of 5 dB over 32 chips has 11. */
static const float min_over_noise = 8.0f;
/* Against the signal's own power, the noise taken off: random data reach half of that once in 200
 * chips. A shaped burst of index 1 gives 0.7. */
static const float min_of_signal = 0.6f, min_of_either = 0.2f;
/* Further away than this, a chip's window shows of a tone what a rectangle does, twice, and the
 * ends of its chips. */
static const float leak_from_rates = 1.5f, leak_share = 2.0f;
/* The noise of a frequency is the eighth of its groups, with that much above it; but not more than
 * so many times what the quietest quarter of the frequencies have: a long burst is no noise. */
static const float noise_bias = 1.1f, most_of_quiet = 1.25f;
enum { NOISE_QUANTILE = 8, /* one out of so many */ PEAK_CHIPS = 6 /* that it is the best for */ };
/* Samples of the channel, up to 2^27, are squared. */
static const float input_scale = 1.0f / (1 << 20);

/* Four times as fine as a chip's, about, and quick. */
static int fft_size_of(double chip_samples)
{
    int size = 16;
    while (size < 3.3 * chip_samples)
        size = size % 5 == 0 ? size / 5 * 8 : size / 4 * 5; /* 16 20 32 40 64 80 ... */
    return size;
}

bool sync_gate_init(struct sync_gate *gate, const struct sync_gate_config *config)
{
    const double chip = config->rate_sps / config->chip_rate_cps;
    memset(gate, 0, sizeof *gate);
    gate->config = *config;
    gate->group_samples = (size_t)lrint(SYNC_GROUP_CHIPS * chip);
    gate->hop_samples = (double)gate->group_samples / SYNC_GROUP_HOPS;
    gate->window_samples = (size_t)lrint(chip);
    gate->n_chips = config->training.n + config->tail.n;
    gate->fft_size = fft_size_of(chip);
    const double bin_hz = config->rate_sps / gate->fft_size;
    const double center = config->rotation_cycles * gate->fft_size;
    gate->first_bin = (int)ceil(center + config->low_hz / bin_hz);
    const int last_bin = (int)floor(center + config->high_hz / bin_hz);
    gate->n_bins = last_bin - gate->first_bin + 1;
    gate->n_bins = gate->n_bins < gate->fft_size ? gate->n_bins : gate->fft_size;
    gate->gap_min = (int)lrint(2 * config->deviation_min_hz / bin_hz);
    gate->gap_max = (int)lrint(2 * config->deviation_max_hz / bin_hz);
    gate->band_bins = config->band_hz > 0 ? (int)ceil(config->band_hz / bin_hz) : gate->fft_size;
    gate->n_bands = (gate->n_bins + gate->band_bins - 1) / gate->band_bins;
    assert(gate->n_bins <= SYNC_MAX_BINS && gate->n_bands <= SYNC_MAX_BANDS);
    assert((gate->n_chips + PEAK_CHIPS + 1) * SYNC_HOPS_A_CHIP <
           (SYNC_RING_GROUPS - SYNC_FIRST_GROUPS) * SYNC_GROUP_HOPS);
    gate->batch = spectrum_batch_open((size_t)gate->fft_size, SYNC_GROUP_HOPS);
    return gate->batch != NULL;
}

void sync_gate_deinit(struct sync_gate *gate)
{
    spectrum_batch_close(gate->batch);
}

void sync_gate_reset(struct sync_gate *gate, uint64_t first_group)
{
    memset(gate->hops, 0, sizeof gate->hops);
    memset(gate->group_power, 0, sizeof gate->group_power);
    memset(gate->quiet, 0, sizeof gate->quiet);
    memset(gate->peaks, 0, sizeof gate->peaks);
    gate->noise_from = gate->noise_to = first_group;
    gate->first_hop = gate->n_hops = gate->n_decided = first_group * SYNC_GROUP_HOPS;
    gate->next_band = 0;
}

/* ---- powers ------------------------------------------------------------------------------- */

static float *powers(struct sync_gate *gate, uint64_t hop)
{
    return gate->hops[hop % SYNC_RING_HOPS].power;
}

static void take_bins(float *restrict power, float *restrict mean, const float *restrict spectrum,
                      int n)
{
    for (int k = 0; k < n; k++) {
        power[k] = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
        mean[k] += power[k] / SYNC_GROUP_HOPS;
    }
}

/* The gate's bins begin somewhere in the spectrum, and may go on at its start. */
static void take_hop(struct sync_gate *gate, float *mean, const float *spectrum)
{
    const int start = ((gate->first_bin % gate->fft_size) + gate->fft_size) % gate->fft_size;
    const int to_end = gate->fft_size - start;
    const int n = to_end < gate->n_bins ? to_end : gate->n_bins;
    float *power = powers(gate, gate->n_hops++);
    take_bins(power, mean, spectrum + 2 * start, n);
    take_bins(power + n, mean + n, spectrum, gate->n_bins - n);
}

void sync_gate_push(struct sync_gate *gate, const float *i, const float *q)
{
    const size_t length = gate->window_samples;
    for (size_t hop = 0; hop < SYNC_GROUP_HOPS; hop++) {
        const size_t end = (size_t)lrint((double)(hop + 1) * gate->hop_samples);
        spectrum_batch_put(gate->batch, hop, i + end - length, q + end - length, length,
                           input_scale);
    }
    const float *out = spectrum_batch_run(gate->batch);
    float *mean = gate->group_power[gate->n_hops / SYNC_GROUP_HOPS % SYNC_NOISE_GROUPS];
    memset(mean, 0, (size_t)gate->n_bins * sizeof *mean);
    for (int hop = 0; hop < SYNC_GROUP_HOPS; hop++, out += 2 * gate->fft_size)
        take_hop(gate, mean, out);
}

/* ---- noise -------------------------------------------------------------------------------- */

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Figures of groups from ... to - 1, those that are silent left out, in order of size: both only
 * rise, and no more groups fit than are kept. */
static void move_window(struct sync_gate *gate, uint64_t from, uint64_t to)
{
    const float silence = (float)(gate->config.silence_power * (double)gate->window_samples) *
                          input_scale * input_scale;
    for (; gate->noise_from < from; gate->noise_from++) {
        const float *power = gate->group_power[gate->noise_from % SYNC_NOISE_GROUPS];
        for (int k = 0; gate->noise_from < gate->noise_to && k < gate->n_bins; k++)
            if (power[k] > silence)
                sorted_window_remove(&gate->quiet[k], power[k]);
    }
    gate->noise_to = gate->noise_to > from ? gate->noise_to : from;
    for (; gate->noise_to < to; gate->noise_to++) {
        const float *power = gate->group_power[gate->noise_to % SYNC_NOISE_GROUPS];
        for (int k = 0; k < gate->n_bins; k++)
            if (power[k] > silence)
                sorted_window_insert(&gate->quiet[k], power[k]);
    }
}

/* For the group that hop is in: of the groups before, and at the start of those that follow. */
static void find_noise(struct sync_gate *gate, uint64_t hop)
{
    enum { GROUPS = SYNC_NOISE_GROUPS - SYNC_FIRST_GROUPS - 1 };
    const uint64_t first = gate->first_hop / SYNC_GROUP_HOPS;
    const uint64_t pushed = gate->n_hops / SYNC_GROUP_HOPS;
    uint64_t to = hop / SYNC_GROUP_HOPS + 1;
    to = to > first + SYNC_FIRST_GROUPS ? to : first + SYNC_FIRST_GROUPS;
    to = to < pushed ? to : pushed;
    move_window(gate, to > first + GROUPS ? to - GROUPS : first, to);
    float sorted[SYNC_MAX_BINS];
    for (int k = 0; k < gate->n_bins; k++) {
        const struct sorted_window *w = &gate->quiet[k];
        sorted[k] = gate->noise[k] = w->n ? noise_bias * w->value[w->n / NOISE_QUANTILE] : 0.0f;
    }
    qsort(sorted, (size_t)gate->n_bins, sizeof *sorted, compare_floats);
    const float most = most_of_quiet * sorted[gate->n_bins / 4];
    for (int k = 0; k < gate->n_bins; k++)
        gate->noise[k] = fminf(gate->noise[k], most);
}

/* ---- training sequences ------------------------------------------------------------------- */

/* Adds up the powers of the chips of a sequence of which the last ends with a hop, by their signs:
 * some frequencies at a time, which stay in registers. */
static void sum_sequence(struct sync_gate *gate, uint64_t hop, const struct training *chips,
                         float *restrict sum)
{
    enum { AT_A_TIME = 16 };
    for (int k = 0; k < gate->n_bins; k += AT_A_TIME) {
        float part[AT_A_TIME] = { 0 };
        for (unsigned c = 0; c < chips->n; c++) {
            const uint64_t at = hop - (chips->n - 1 - c) * SYNC_HOPS_A_CHIP;
            const float *restrict power = powers(gate, at) + k;
            const float sign = (float)training_chip(chips, c);
            for (int n = 0; n < AT_A_TIME; n++)
                part[n] += sign * power[n];
        }
        memcpy(sum + k, part, sizeof part);
    }
}

/* Sums for the training sequence whose tail ends with this hop. */
static void sum_chips(struct sync_gate *gate, uint64_t hop)
{
    sum_sequence(gate, hop - gate->config.tail.n * SYNC_HOPS_A_CHIP, &gate->config.training,
                 gate->head_sum);
    sum_sequence(gate, hop, &gate->config.tail, gate->tail_sum);
}

/* The same for all chips alike: what there is in all. */
static void sum_all(struct sync_gate *gate, uint64_t hop)
{
    memset(gate->all_sum, 0, (size_t)gate->n_bins * sizeof(float));
    for (unsigned c = 0; c < gate->n_chips; c++) {
        const float *restrict power = powers(gate, hop - c * SYNC_HOPS_A_CHIP);
        for (int k = 0; k < gate->n_bins; k++)
            gate->all_sum[k] += power[k];
    }
}

static float strength_of(const struct sync_gate *gate, int lower, int upper)
{
    return gate->head_sum[upper] - gate->head_sum[lower] +
           fabsf(gate->tail_sum[upper] - gate->tail_sum[lower]);
}

/* Is any pair so far apart stronger than noise? A loop without branches, for all that is none. */
static bool any_stronger(const struct sync_gate *gate, int gap, float per_noise)
{
    const float *restrict head = gate->head_sum, *restrict tail = gate->tail_sum;
    const float *restrict noise = gate->noise;
    int any = 0;
    for (int k = 0; k < gate->n_bins - gap; k++)
        any |= head[k + gap] - head[k] + fabsf(tail[k + gap] - tail[k]) >
               per_noise * (noise[k] + noise[k + gap]);
    return any != 0;
}

/* The strongest pair of each band that is stronger than noise. False if there is none. */
static bool find_pairs(const struct sync_gate *gate, uint64_t hop,
                       struct sync_peak pairs[SYNC_MAX_BANDS])
{
    const float per_noise = min_over_noise * sqrtf((float)gate->n_chips / 2);
    bool found = false;
    memset(pairs, 0, SYNC_MAX_BANDS * sizeof *pairs);
    for (int gap = gate->gap_min; gap <= gate->gap_max; gap++) {
        const int n = any_stronger(gate, gap, per_noise) ? gate->n_bins - gap : 0;
        for (int lower = 0; lower < n; lower++) {
            const float strength = strength_of(gate, lower, lower + gap);
            const float noise = gate->noise[lower] + gate->noise[lower + gap];
            struct sync_peak *best = &pairs[(lower + gap / 2) / gate->band_bins];
            if (strength <= per_noise * noise || strength <= best->strength)
                continue;
            *best = (struct sync_peak){ strength, hop, lower, lower + gap };
            found = true;
        }
    }
    return found;
}

/* What the signals further away show at a bin and its mirror: the window of a chip lets pass so
 * much of them. */
static float leakage(const struct sync_gate *gate, int middle)
{
    const float bins_a_rate = (float)gate->fft_size / (float)gate->window_samples;
    const int near = (int)(leak_from_rates * bins_a_rate) + gate->gap_max / 2;
    float sum = 0;
    for (int k = 0; k < gate->n_bins; k++) {
        const float away = (float)PI * (float)(k - middle) / bins_a_rate;
        sum += k > middle + near || k < middle - near ? gate->all_sum[k] / (away * away) : 0.0f;
    }
    return leak_share * sum / bins_a_rate;
}

/* Is it not just a part of a signal that is something else? One tone of random data, and none
 * beside it, also follows half of the chips. */
static bool is_of_signal(const struct sync_gate *gate, const struct sync_peak *pair)
{
    const int lower = pair->lower, upper = pair->upper;
    const float all = gate->all_sum[lower] + gate->all_sum[upper];
    const float noise = gate->noise[lower] + gate->noise[upper];
    const float sign = gate->tail_sum[upper] > gate->tail_sum[lower] ? 1.0f : -1.0f;
    const float of_upper = gate->head_sum[upper] + sign * gate->tail_sum[upper];
    const float of_lower = pair->strength - of_upper;
    return pair->strength > min_of_signal * (all - noise * (float)gate->n_chips) &&
           fminf(of_upper, of_lower) > min_of_either * pair->strength &&
           leakage(gate, (lower + upper) / 2) < pair->strength;
}

/* Looks at the training sequences that end with this hop. */
static void decide(struct sync_gate *gate, uint64_t hop)
{
    struct sync_peak pairs[SYNC_MAX_BANDS];
    if (hop < gate->first_hop + (uint64_t)gate->n_chips * SYNC_HOPS_A_CHIP)
        return;
    sum_chips(gate, hop);
    if (!find_pairs(gate, hop, pairs))
        return;
    sum_all(gate, hop);
    for (int band = 0; band < gate->n_bands; band++) {
        struct sync_peak *peak = &gate->peaks[band];
        if (pairs[band].strength > peak->strength && is_of_signal(gate, &pairs[band]))
            *peak = pairs[band];
    }
}

/* No further than half a step. */
static double top_of(float before, float middle, float after)
{
    return fmax(-0.5, fmin(0.5, parabola_top((double)before, (double)middle, (double)after)));
}

/* Between the hops, the frequencies and the deviations that were looked at. */
static void refine(struct sync_gate *gate, const struct sync_peak *peak,
                   struct sync_candidate *candidate)
{
    const int lower = peak->lower, upper = peak->upper;
    const double bin_hz = gate->config.rate_sps / gate->fft_size;
    const int left = lower > 0 ? 1 : 0, right = upper + 1 < gate->n_bins ? 1 : 0;
    sum_chips(gate, peak->hop - 1);
    const float before = strength_of(gate, lower, upper);
    sum_chips(gate, peak->hop + 1);
    const float after = strength_of(gate, lower, upper);
    sum_chips(gate, peak->hop);
    const double shift = top_of(strength_of(gate, lower - left, upper - left), peak->strength,
                                strength_of(gate, lower + right, upper + right));
    const double wider = top_of(strength_of(gate, lower + 1, upper), peak->strength,
                                strength_of(gate, lower, upper + right)) /
                         2;
    const double hop = (double)peak->hop + top_of(before, peak->strength, after);
    const double middle = (double)gate->first_bin + (lower + upper) / 2.0 + shift;
    const double noise = (double)(gate->noise[lower] + gate->noise[upper]) / 2;
    *candidate = (struct sync_candidate){
        .end = (hop + 1 - (double)gate->config.tail.n * SYNC_HOPS_A_CHIP) * gate->hop_samples,
        .offset_hz = middle * bin_hz - gate->config.rotation_cycles * gate->config.rate_sps,
        .deviation_hz = ((upper - lower) / 2.0 + wider) * bin_hz,
        .noise_density = noise / ((double)gate->window_samples * gate->config.rate_sps *
                                  (double)(input_scale * input_scale)),
    };
}

/* Has the best of a band been so for long enough? One hop more is there to refine it. */
static bool take_peak(struct sync_gate *gate, int band, bool last, struct sync_candidate *candidate)
{
    struct sync_peak *peak = &gate->peaks[band];
    const bool over = gate->n_decided > peak->hop + PEAK_CHIPS * SYNC_HOPS_A_CHIP;
    if (peak->strength <= 0 || !(over || last))
        return false;
    refine(gate, peak, candidate);
    peak->strength = 0;
    return true;
}

bool sync_gate_next(struct sync_gate *gate, bool last, struct sync_candidate *candidate)
{
    if (!last && gate->n_hops < gate->first_hop + SYNC_FIRST_GROUPS * SYNC_GROUP_HOPS)
        return false;
    for (;;) {
        const bool all_decided = gate->n_decided == gate->n_hops;
        for (; gate->next_band < gate->n_bands; gate->next_band++)
            if (take_peak(gate, gate->next_band, last && all_decided, candidate))
                return true;
        if (all_decided)
            return false;
        if (gate->n_decided % SYNC_GROUP_HOPS == 0)
            find_noise(gate, gate->n_decided);
        decide(gate, gate->n_decided++);
        gate->next_band = 0;
    }
}
