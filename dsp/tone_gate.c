/* SPDX-License-Identifier: MIT */
#include "dsp/tone_gate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dsp/math_const.h"
#include "dsp/parabola.h"

/* Each tone bears half of the line, so much at the least: noise that comes in bursts shows in one.
 */
static const double least_share = 0.2;
/* Such noise also finds its way to clock errors that meters do not have: one of so much takes a
 * line stronger by an eighth. */
static const double rare_error = 0.009, of_rare_error = 0.12;
/* A run goes on through so many blocks without the line. */
enum { MAX_MISSES = 2 };
/* The line lasts while it has this share of the power it had lately: the windows drift against the
 * chips of a long preamble, and see it twice as strong at one time as at another. */
static const float lasting = 0.56f, recent_keep = 0.95f;
/* Where no more than this share is left, the line is that of a weaker burst. */
static const float of_weaker = 0.01f;
/* A window of one chip shows a tone at all frequencies, far away so much weaker: in power of the
 * line, that of the amplitude twice. */
static const float least_of_strongest = 2.5e-5f;
/* The clock error is told from the line at so much more and less, in turns over the window. Meters
 * keep their clocks so well, and a line as strong as 36 tells so well, in chips over the window. */
static const double told_turns = 0.36;
static const double rate_known = 0.007, told_chips = 0.12, most_error = 0.012;

bool tone_gate_init(struct tone_gate *gate, const struct tone_gate_config *config,
                    const struct kernels *kernels)
{
    memset(gate, 0, sizeof *gate);
    gate->config = *config;
    const struct tone_spectra_config spectra = {
        .rate_sps = config->rate_sps,
        .chip_rate_cps = config->chip_rate_cps,
        .rotation_cycles = config->rotation_cycles,
        .low_hz = config->low_hz,
        .high_hz = config->high_hz,
    };
    const struct tone_lines_config lines = {
        .deviation_min_hz = config->deviation_min_hz,
        .deviation_max_hz = config->deviation_max_hz,
        .silence_power = config->silence_power,
        .window_chips = config->window_chips,
    };
    if (!tone_spectra_init(&gate->spectra, &spectra, kernels) ||
        !tone_lines_init(&gate->lines, &lines, &gate->spectra))
        return false;
    const double bin_hz = gate->spectra.bin_hz;
    const int n_bins = gate->spectra.n_bins;
    gate->band_bins = config->band_hz > 0 ? (int)ceil(config->band_hz / bin_hz) : n_bins;
    gate->n_bands = (n_bins + gate->band_bins - 1) / gate->band_bins;
    assert(gate->n_bands <= TONE_MAX_BANDS);
    return true;
}

void tone_gate_deinit(struct tone_gate *gate)
{
    tone_spectra_deinit(&gate->spectra);
    tone_lines_deinit(&gate->lines);
}

void tone_gate_reset(struct tone_gate *gate, uint64_t first_block)
{
    tone_spectra_reset(&gate->spectra);
    tone_lines_reset(&gate->lines, first_block);
    memset(gate->runs, 0, sizeof gate->runs);
    gate->n_decided = first_block;
    gate->next_band = 0;
}

void tone_gate_push(struct tone_gate *gate, const float *i, const float *q)
{
    tone_lines_push(&gate->lines, &gate->spectra, i, q);
}

/* Where the lower frequency of a band's pairs may lie; the upper one may lie in the next band. */
static void band_limits(const struct tone_gate *gate, int band, int *from, int *to)
{
    enum { OVERLAP = 3 }; /* a preamble at the edge of a band stays in it as it wanders */
    const int start = band * gate->band_bins - OVERLAP, end = start + gate->band_bins + 2 * OVERLAP;
    const int n_bins = gate->spectra.n_bins;
    *from = start > 0 ? start : 0;
    *to = end < n_bins ? end : n_bins;
}

/* One tone of a burst and noise make a pair in the next band; where bands overlap a pair stands in
 * both, and belongs to the one in which the line began. */
static bool is_beside_stronger(const struct tone_gate *gate, int band)
{
    const struct tone_pair *pair = &gate->pairs[band];
    for (int k = 0; k < gate->n_bands; k++) {
        const struct tone_pair *other = &gate->pairs[k];
        if (k == band || other->lower > pair->upper + gate->lines.gap_max ||
            pair->lower > other->upper + gate->lines.gap_max)
            continue;
        if (other->power > pair->power)
            return true;
        if (other->power == pair->power &&
            (gate->runs[k].on != gate->runs[band].on ? gate->runs[k].on : k < band))
            return true;
    }
    return false;
}

/* The best pairs of all bands in the window that ends with block b. */
static void look_at_bands(struct tone_gate *gate, uint64_t b)
{
    float most = 0;
    memset(gate->pairs, 0, sizeof gate->pairs);
    if (!tone_lines_look(&gate->lines, b))
        return;
    for (int band = 0; band < gate->n_bands; band++) {
        int from, to;
        band_limits(gate, band, &from, &to);
        gate->pairs[band] = tone_lines_best(&gate->lines, b, from, to);
        most = fmaxf(most, gate->pairs[band].power);
    }
    for (int band = 0; band < gate->n_bands; band++)
        if (gate->pairs[band].power < least_of_strongest * most || is_beside_stronger(gate, band))
            gate->pairs[band].strength = 0;
}

/* Where a tone is, in bins: the middle of what goes along with the line (re, im) around bin. */
static double tone_bin(const struct tone_gate *gate, const struct tone_line *line, int bin,
                       double line_re, double line_im)
{
    const int n_bins = gate->spectra.n_bins;
    const int reach = (int)ceil(0.7 * gate->config.chip_rate_cps / gate->spectra.bin_hz);
    double sum = 0, moment = 0;
    for (int k = -reach; k <= reach; k++) {
        const int at = bin + k < 0 ? 0 : bin + k < n_bins ? bin + k : n_bins - 1;
        const double along =
            fmax((double)line->re[at] * line_re + (double)line->im[at] * line_im, 0);
        sum += along;
        moment += k * along;
    }
    return bin + (sum > 0 ? moment / sum : 0);
}

static double pair_amplitude(const struct tone_line *line, const struct tone_pair *pair)
{
    return sqrt((double)tone_line_power(line, pair->lower, pair->upper));
}

/* Clock error of a pair in the window that ends with block b: between the steps, and not further
 * from the nominal clock than the line tells. */
static double clock_error(const struct tone_gate *gate, uint64_t b, const struct tone_pair *pair)
{
    struct tone_line slow, nominal, fast;
    const double window_chips = (double)gate->lines.window * TONE_BLOCK_CHIPS;
    const double told_step = 2 * told_turns / window_chips;
    tone_lines_sum(&gate->lines, b, told_step, &slow, &fast);
    tone_lines_sum(&gate->lines, b, 0, &nominal, &nominal);
    const double top = parabola_top(pair_amplitude(&slow, pair), pair_amplitude(&nominal, pair),
                                    pair_amplitude(&fast, pair));
    const double error = told_step * fmax(-1, fmin(1, top));
    const double over = (double)tone_lines_over_white(&gate->lines, pair);
    const double told = pow(told_chips / window_chips, 2) * 36 / over;
    const double sane = fmax(-most_error, fmin(most_error, error));
    return sane * rate_known * rate_known / (rate_known * rate_known + told);
}

/* Line of a pair in the window that ends with block b. */
static void pair_line(const struct tone_gate *gate, uint64_t b, const struct tone_pair *pair,
                      double *power, double *phase)
{
    struct tone_line nominal;
    tone_lines_sum(&gate->lines, b, 0, &nominal, &nominal);
    const float re = nominal.re[pair->upper] - nominal.re[pair->lower];
    const float im = nominal.im[pair->upper] - nominal.im[pair->lower];
    *power = (double)(re * re + im * im);
    *phase = (double)atan2f(im, re);
}

/* Clock error of a pair whose line stands from block first on: a window tells it so well that the
 * line is known to turn by less than once over the next one before, and so on, as long as it is
 * the same line: one burst may follow another in a run. */
static double clock_error_from(const struct tone_gate *gate, uint64_t first, uint64_t b,
                               const struct tone_pair *pair)
{
    enum { MOST_WINDOWS = 4 };
    static const double least_of_power = 0.25, most_off_rad = 1;
    const uint64_t window = gate->lines.window;
    double error = clock_error(gate, b, pair), power, phase, power_before, phase_before;
    pair_line(gate, b, pair, &power, &phase);
    for (uint64_t back = window; back <= b - first && back <= MOST_WINDOWS * window; back *= 2) {
        const double chips = (double)back * TONE_BLOCK_CHIPS;
        pair_line(gate, b - back, pair, &power_before, &phase_before);
        const double off = remainder(phase - phase_before - PI * chips * error, TWO_PI);
        if (fabs(off) > most_off_rad || power_before < least_of_power * power ||
            power < least_of_power * power_before)
            break;
        error += off / (PI * chips);
    }
    return error;
}

/* The strongest window where the preamble ends: there chips and carrier are wanted. */
static struct tone_pair find_peak(struct tone_gate *gate, int band, uint64_t *block)
{
    enum { BACK = 3 };
    const uint64_t start = gate->runs[band].start, last = gate->runs[band].last_block;
    struct tone_pair peak = { .strength = 0 };
    int from, to;
    band_limits(gate, band, &from, &to);
    for (uint64_t b = last > start + BACK ? last - BACK : start; b <= last; b++) {
        const struct tone_pair pair = tone_lines_best_at(&gate->lines, b, from, to);
        if (pair.strength > peak.strength) {
            peak = pair;
            *block = b;
        }
    }
    return peak;
}

/* The pair was the strongest against the noise of either frequency; a strong burst shows in their
 * neighbours, too, and is where it has most power. */
static void climb(const struct tone_line *line, int n_bins, struct tone_pair *pair)
{
    static const int steps[][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
    enum { N_STEPS = sizeof steps / sizeof steps[0], MOST = 8 };
    for (int k = 0, since = 0; k < N_STEPS * MOST && since < N_STEPS; k++, since++) {
        const int lower = pair->lower + steps[k % N_STEPS][0];
        const int upper = pair->upper + steps[k % N_STEPS][1];
        if (lower >= 0 && upper < n_bins && lower < upper &&
            tone_line_power(line, lower, upper) > tone_line_power(line, pair->lower, pair->upper)) {
            pair->lower = lower;
            pair->upper = upper;
            since = 0;
        }
    }
}

/* What a pair is, whose line is strongest in the window that ends with this block of a run; false
 * if it is nobody's. */
static bool tell(const struct tone_gate *gate, const struct tone_run *run, struct tone_pair pair,
                 uint64_t block, struct tone_candidate *candidate)
{
    const struct tone_gate_config *c = &gate->config;
    const struct tone_spectra *s = &gate->spectra;
    struct tone_line slow, fast;
    tone_lines_sum(&gate->lines, block, 0, &slow, &fast);
    climb(&fast, s->n_bins, &pair);
    const int l = pair.lower, u = pair.upper;
    const double error = clock_error_from(gate, run->start, block, &pair);
    tone_lines_sum(&gate->lines, block, error, &slow, &fast);
    const double re = (double)(fast.re[u] - fast.re[l]), im = (double)(fast.im[u] - fast.im[l]);
    const double share = ((double)fast.re[u] * re + (double)fast.im[u] * im) / (re * re + im * im);
    const double even = 4 * share * (1 - share), rare = error / rare_error;
    const double strength = (double)(pair.strength / gate->lines.threshold) * even;
    if (!(share > least_share && share < 1 - least_share &&
          strength > 1 + of_rare_error * rare * rare))
        return false;
    const double lower = tone_bin(gate, &fast, l, -re, -im),
                 upper = tone_bin(gate, &fast, u, re, im);
    const double deviation_hz = (upper - lower) / 2 * s->bin_hz;
    /* The line goes round a quarter turn a hop, and stands in the middle of a block's as it does at
     * the start of the stream. */
    const double middle = (TONE_HOPS - 1) / 2.0, late = atan2(im, re) / (PI / 2) + middle;
    *candidate = (struct tone_candidate){
        .line_end = tone_spectra_middle(s, run->last_block, TONE_HOPS),
        .seen_end = tone_spectra_middle(s, run->seen_block, TONE_HOPS),
        .one_center = tone_spectra_middle(s, block, middle) - late / (1 + error) * s->hop_samples,
        .chip_rate_cps = c->rate_sps / (2 * s->hop_samples) * (1 + error),
        .offset_hz = s->first_hz + (lower + upper) / 2 * s->bin_hz,
        .deviation_hz = fmax(c->deviation_min_hz, fmin(c->deviation_max_hz, deviation_hz)),
        .noise_density = tone_spectra_density(s, (double)tone_lines_noise(&gate->lines, l, u) / 2),
    };
    return true;
}

/* What the run in a band was; false if, looked at again, it was nothing. */
static bool end_run(struct tone_gate *gate, int band, struct tone_candidate *candidate)
{
    uint64_t block = 0;
    const struct tone_pair pair = find_peak(gate, band, &block);
    gate->runs[band].on = false;
    return pair.strength > 0 && tell(gate, &gate->runs[band], pair, block, candidate);
}

static struct tone_run run_from(uint64_t b, float strength)
{
    return (struct tone_run){
        .on = true, .start = b, .last_block = b, .seen_block = b, .recent = strength
    };
}

/* Decides on block b in one band; true if a run ended and *candidate is filled. */
static bool decide(struct tone_gate *gate, uint64_t b, int band, struct tone_candidate *candidate)
{
    const float strength = gate->pairs[band].strength;
    struct tone_run *run = &gate->runs[band];
    if (strength <= 0)
        return run->on && b - run->seen_block > MAX_MISSES && end_run(gate, band, candidate);
    if (!run->on) {
        *run = run_from(b, strength);
        return false;
    }
    run->recent = fmaxf(strength, recent_keep * run->recent);
    if (strength > lasting * run->recent)
        run->last_block = b;
    /* the blocks of a line that lasted that long ago are gone */
    const bool other =
        strength < of_weaker * run->recent || b - run->last_block > 2 * gate->lines.window;
    if (!other) {
        run->seen_block = b;
        if (b - run->start < TONE_MAX_RUN)
            return false;
    }
    const bool found = end_run(gate, band, candidate);
    if (other)
        *run = run_from(b, strength);
    return found;
}

bool tone_gate_next(struct tone_gate *gate, bool last, struct tone_candidate *candidate)
{
    const uint64_t n_blocks = gate->lines.n_blocks, first = gate->lines.first_block;
    if (!last && n_blocks < first + TONE_FIRST_GROUPS * TONE_GROUP)
        return false;
    for (; gate->n_decided < n_blocks; gate->n_decided++) {
        if (gate->n_decided + 1 < first + gate->lines.window)
            continue;
        if (gate->next_band == 0)
            look_at_bands(gate, gate->n_decided);
        while (gate->next_band < gate->n_bands)
            if (decide(gate, gate->n_decided, gate->next_band++, candidate))
                return true;
        gate->next_band = 0;
    }
    for (int band = 0; last && band < gate->n_bands; band++)
        if (gate->runs[band].on && end_run(gate, band, candidate))
            return true;
    return false;
}
