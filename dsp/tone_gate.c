/* SPDX-License-Identifier: MIT */
#include "dsp/tone_gate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dsp/math_const.h"

/* The line's power over that of noise: noise alone reaches 14 a few times a second, a burst of 5 dB
 * over 28 chips has 30. */
static const float min_over_noise = 15.0f;
/* Against the burst's own power: random data show lines, too. A perfect preamble gives 0.55 to
 * 0.65, give or take this many times what noise may add. */
static const float min_of_signal = 0.43f, noise_of_signal = 0.5f;
/* Noise of neighbouring windows, which overlap by half, is alike. */
static const float overlap_factor = 1.25f;
/* A run goes on through so many blocks without the line. */
enum { MAX_MISSES = 2 };
/* The line lasts while it has this share of the power it had lately: the windows drift against the
 * chips of a long preamble, and see it twice as strong at one time as at another. */
static const float lasting = 0.56f, recent_keep = 0.95f;
/* Clock errors tried: RATES steps of RATE_STEP around the nominal clock. */
enum { RATES = 3 };
static const double rate_step = 0.012;
/* The error is told from the line at so much more and less. Meters keep their clocks so well, and
 * the gate tells them so well for a line as strong as 36. */
static const double told_step = 0.024, rate_known = 0.007, rate_told = 0.004;
/* The noise is the tenth of a group's power, tracked in steps of so much a group, and the mean is
 * that much above it. */
static const float noise_quantile = 0.1f, noise_step = 0.05f, noise_bias = 1.2f;

bool tone_gate_init(struct tone_gate *gate, const struct tone_gate_config *config)
{
    const double chip = config->rate_sps / config->chip_rate_cps;
    const double bin_hz = config->rate_sps / TONE_BINS;
    const double center = config->rotation_cycles * TONE_BINS;
    memset(gate, 0, sizeof *gate);
    gate->config = *config;
    gate->group_samples = (size_t)lrint(TONE_GROUP * TONE_BLOCK_CHIPS * chip);
    gate->hop_samples = (double)gate->group_samples / (TONE_GROUP * TONE_HOPS);
    gate->window_samples = (size_t)lrint(chip);
    gate->window = config->window_chips / TONE_BLOCK_CHIPS;
    assert(gate->window_samples <= TONE_BINS && gate->window <= TONE_MAX_WINDOW);
    gate->first_bin = (int)ceil(center - config->pass_hz / bin_hz);
    const int last_bin = (int)floor(center + config->pass_hz / bin_hz);
    gate->n_bins = last_bin - gate->first_bin + 1;
    gate->n_bins = gate->n_bins < TONE_BINS ? gate->n_bins : TONE_BINS;
    gate->gap_min = (int)floor(2 * config->deviation_min_hz / bin_hz);
    gate->gap_max = (int)ceil(2 * config->deviation_max_hz / bin_hz);
    gate->threshold = min_over_noise * overlap_factor * (float)(gate->window * TONE_HOPS);
    gate->batch = spectrum_batch_open(TONE_BINS, TONE_GROUP * TONE_HOPS);
    return gate->batch != NULL;
}

void tone_gate_deinit(struct tone_gate *gate)
{
    spectrum_batch_close(gate->batch);
}

static struct tone_block *block_at(struct tone_gate *gate, uint64_t b)
{
    return &gate->blocks[b % TONE_RING];
}

/* End of hop k of a group, in samples from its start. */
static size_t hop_end(const struct tone_gate *gate, size_t k)
{
    return (size_t)lrint((double)(k + 1) * gate->hop_samples);
}

/* Middle of hop k since the start of the stream. */
static double hop_middle(const struct tone_gate *gate, double k)
{
    return (k + 1) * gate->hop_samples - ((double)gate->window_samples + 1) / 2;
}

/* The hops of a block: their power goes round in quarter turns of the line. */
static void sum_block(struct tone_block *block, const float *spectra)
{
    memset(block, 0, sizeof *block);
    for (size_t hop = 0; hop < TONE_HOPS; hop++, spectra += 2 * TONE_BINS) {
        float *line = hop & 1 ? block->im : block->re;
        const float sign = (hop & 3) == 0 || (hop & 3) == 3 ? 1.0f : -1.0f;
        for (size_t k = 0; k < TONE_BINS; k++) {
            const float power =
                spectra[2 * k] * spectra[2 * k] + spectra[2 * k + 1] * spectra[2 * k + 1];
            line[k] += sign * power;
            block->power[k] += power;
        }
    }
}

/* Follows the noise of each frequency, on the mean power a hop of the group that was pushed last.
 */
static void follow_noise(struct tone_gate *gate)
{
    for (size_t k = 0; k < TONE_BINS; k++) {
        float sum = 0;
        for (uint64_t b = gate->n_blocks - TONE_GROUP; b < gate->n_blocks; b++)
            sum += block_at(gate, b)->power[k];
        const float power = sum / (TONE_GROUP * TONE_HOPS);
        float *noise = &gate->noise[k];
        if (power <= 0)
            continue;
        if (*noise <= 0)
            *noise = power;
        else if (power < *noise)
            *noise = fmaxf(power, *noise * (1 - noise_step * (1 - noise_quantile)));
        else
            *noise = fminf(power, *noise * (1 + noise_step * noise_quantile));
    }
}

void tone_gate_push(struct tone_gate *gate, const float *i, const float *q)
{
    float *in = spectrum_batch_input(gate->batch);
    for (size_t hop = 0; hop < TONE_GROUP * TONE_HOPS; hop++, in += 2 * TONE_BINS) {
        const size_t end = hop_end(gate, hop);
        const float *wi = i + end - gate->window_samples, *wq = q + end - gate->window_samples;
        for (size_t n = 0; n < gate->window_samples; n++) {
            in[2 * n] = wi[n];
            in[2 * n + 1] = wq[n];
        }
    }
    const float *out = spectrum_batch_run(gate->batch);
    for (size_t b = 0; b < TONE_GROUP; b++, out += 2 * TONE_BINS * TONE_HOPS)
        sum_block(block_at(gate, gate->n_blocks++), out);
    follow_noise(gate);
}

static size_t fft_bin(int bin)
{
    return (size_t)(bin & (TONE_BINS - 1));
}

/* The line in the window that ends with block b, of each frequency, as it stands in the middle of
 * block b for this relative error of the clock. */
static void sum_window(struct tone_gate *gate, uint64_t b, double error, float re[TONE_BINS],
                       float im[TONE_BINS])
{
    const double turn = PI * TONE_BLOCK_CHIPS * error;
    const float c = (float)cos(turn), s = (float)sin(turn);
    float cr = 1, ci = 0;
    memset(re, 0, TONE_BINS * sizeof *re);
    memset(im, 0, TONE_BINS * sizeof *im);
    for (size_t k = 0; k < gate->window; k++) {
        const struct tone_block *block = block_at(gate, b - k);
        for (size_t bin = 0; bin < TONE_BINS; bin++) {
            re[bin] += block->re[bin] * cr - block->im[bin] * ci;
            im[bin] += block->im[bin] * cr + block->re[bin] * ci;
        }
        const float r = cr;
        cr = cr * c - ci * s;
        ci = ci * c + r * s;
    }
}

/* The best pair of frequencies in these sums, if it is better than *best. */
static void best_pair(const struct tone_gate *gate, const float re[TONE_BINS],
                      const float im[TONE_BINS], struct tone_pair *best)
{
    for (int gap = gate->gap_min; gap <= gate->gap_max; gap++) {
        for (int k = 0; k + gap < gate->n_bins; k++) {
            const size_t l = fft_bin(gate->first_bin + k), u = fft_bin(gate->first_bin + k + gap);
            const float dr = re[u] - re[l], di = im[u] - im[l];
            const float noise = gate->noise[u] * gate->noise[u] + gate->noise[l] * gate->noise[l];
            const float power = dr * dr + di * di;
            if (power > best->strength * noise && noise > 0)
                *best = (struct tone_pair){ power / noise, gate->first_bin + k,
                                            gate->first_bin + k + gap };
        }
    }
}

/* Can any pair reach the threshold? Its two lines are never more together than each against its own
 * noise. */
static bool may_reach(const struct tone_gate *gate, const float re[TONE_BINS],
                      const float im[TONE_BINS], float threshold)
{
    for (size_t k = 0; k < TONE_BINS; k++)
        if (2 * (re[k] * re[k] + im[k] * im[k]) > threshold * gate->noise[k] * gate->noise[k])
            return true;
    return false;
}

/* What a pair's line is of all its power but the noise. */
static bool is_of_signal(struct tone_gate *gate, uint64_t b, const struct tone_pair *pair)
{
    const size_t l = fft_bin(pair->lower), u = fft_bin(pair->upper);
    float energy = 0;
    for (size_t k = 0; k < gate->window; k++)
        energy += block_at(gate, b - k)->power[l] + block_at(gate, b - k)->power[u];
    const float noise = noise_bias * (gate->noise[l] + gate->noise[u]);
    const float signal = energy - noise * (float)(gate->window * TONE_HOPS);
    const float line =
        sqrtf(pair->strength * (gate->noise[l] * gate->noise[l] + gate->noise[u] * gate->noise[u]));
    const float of_noise = sqrtf(pair->strength * min_over_noise / gate->threshold);
    return line * (1 + noise_of_signal / of_noise) > min_of_signal * signal;
}

static struct tone_pair look(struct tone_gate *gate, uint64_t b)
{
    const float threshold = gate->threshold * noise_bias * noise_bias;
    struct tone_pair best = { .strength = 0 };
    for (int rate = 0; rate < RATES; rate++) {
        float re[TONE_BINS], im[TONE_BINS];
        sum_window(gate, b, rate_step * (rate - RATES / 2), re, im);
        if (may_reach(gate, re, im, threshold))
            best_pair(gate, re, im, &best);
    }
    if (best.strength < threshold || !is_of_signal(gate, b, &best))
        best.strength = 0;
    return best;
}

/* Top of a parabola through three neighbours, from the one in the middle. */
static double top(double a, double m, double z)
{
    const double curve = a - 2 * m + z;
    const double shift = curve < 0 ? 0.5 * (a - z) / curve : 0;
    return fmax(-0.5, fmin(0.5, shift));
}

/* Where a tone is, in bins: the middle of what goes along with the line (re, im) around bin. */
static double tone_bin(const struct tone_gate *gate, const float re[TONE_BINS],
                       const float im[TONE_BINS], int bin, double line_re, double line_im)
{
    const double bin_hz = gate->config.rate_sps / TONE_BINS;
    const int reach = (int)ceil(0.7 * gate->config.chip_rate_cps / bin_hz);
    double sum = 0, moment = 0;
    for (int k = -reach; k <= reach; k++) {
        const size_t at = fft_bin(bin + k);
        const double along = fmax((double)re[at] * line_re + (double)im[at] * line_im, 0);
        sum += along;
        moment += k * along;
    }
    return bin + (sum > 0 ? moment / sum : 0);
}

/* Clock error of the peak: between the steps, and not further from the nominal clock than the line
 * tells. */
static double clock_error(struct tone_gate *gate)
{
    const size_t l = fft_bin(gate->peak.lower), u = fft_bin(gate->peak.upper);
    double size[RATES];
    for (int rate = 0; rate < RATES; rate++) {
        float re[TONE_BINS], im[TONE_BINS];
        sum_window(gate, gate->peak_block, told_step * (rate - RATES / 2), re, im);
        size[rate] = hypot((double)(re[u] - re[l]), (double)(im[u] - im[l]));
    }
    const int middle = RATES / 2;
    const double error = told_step * top(size[0], size[middle], size[RATES - 1]);
    const double over = (double)(gate->peak.strength / gate->threshold) * (double)min_over_noise;
    const double told = rate_told * rate_told * 36 / over;
    return error * rate_known * rate_known / (rate_known * rate_known + told);
}

/* The strongest window where the preamble ends: there chips and carrier are wanted. */
static void find_peak(struct tone_gate *gate)
{
    enum { BACK = 3 };
    const uint64_t start = gate->run_start, last = gate->last_block;
    gate->peak.strength = 0;
    for (uint64_t b = last > start + BACK ? last - BACK : start; b <= last; b++) {
        const struct tone_pair pair = look(gate, b);
        if (pair.strength >= gate->peak.strength) {
            gate->peak = pair;
            gate->peak_block = b;
        }
    }
}

static float line_power(const float re[TONE_BINS], const float im[TONE_BINS], int lower, int upper)
{
    const float dr = re[fft_bin(upper)] - re[fft_bin(lower)];
    const float di = im[fft_bin(upper)] - im[fft_bin(lower)];
    return dr * dr + di * di;
}

/* The pair was the strongest against the noise of either frequency; a strong burst shows in their
 * neighbours, too, and is where it has most power. */
static void climb(struct tone_gate *gate)
{
    static const int steps[][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
    enum { N_STEPS = sizeof steps / sizeof steps[0], MOST = 8 };
    const int last_bin = gate->first_bin + gate->n_bins - 1;
    struct tone_pair *peak = &gate->peak;
    float re[TONE_BINS], im[TONE_BINS];
    sum_window(gate, gate->peak_block, 0, re, im);
    for (int k = 0, since = 0; k < N_STEPS * MOST && since < N_STEPS; k++, since++) {
        const int lower = peak->lower + steps[k % N_STEPS][0];
        const int upper = peak->upper + steps[k % N_STEPS][1];
        if (lower >= gate->first_bin && upper <= last_bin &&
            line_power(re, im, lower, upper) > line_power(re, im, peak->lower, peak->upper)) {
            peak->lower = lower;
            peak->upper = upper;
            since = 0;
        }
    }
}

static void end_run(struct tone_gate *gate, struct tone_candidate *candidate)
{
    find_peak(gate);
    climb(gate);
    const struct tone_gate_config *c = &gate->config;
    const size_t l = fft_bin(gate->peak.lower), u = fft_bin(gate->peak.upper);
    const double bin_hz = c->rate_sps / TONE_BINS, error = clock_error(gate);
    float re[TONE_BINS], im[TONE_BINS];
    sum_window(gate, gate->peak_block, error, re, im);
    const double line_re = (double)(re[u] - re[l]), line_im = (double)(im[u] - im[l]);
    const double lower = tone_bin(gate, re, im, gate->peak.lower, -line_re, -line_im);
    const double upper = tone_bin(gate, re, im, gate->peak.upper, line_re, line_im);
    /* The line goes round a quarter turn a hop. */
    const double middle = (double)gate->peak_block * TONE_HOPS + (TONE_HOPS - 1) / 2.0;
    const double turn = atan2(line_im, line_re);
    const double late = turn / (PI / 2) + fmod(middle, 4);
    gate->in_run = false;
    *candidate = (struct tone_candidate){
        .line_end = hop_middle(gate, (double)(gate->last_block + 1) * TONE_HOPS),
        .one_center = hop_middle(gate, middle) - late / (1 + error) * gate->hop_samples,
        .chip_rate_cps = c->rate_sps / (2 * gate->hop_samples) * (1 + error),
        .offset_hz = ((lower + upper) / 2 - c->rotation_cycles * TONE_BINS) * bin_hz,
        .deviation_hz =
            fmax(c->deviation_min_hz, fmin(c->deviation_max_hz, (upper - lower) / 2 * bin_hz)),
        .noise_density = (double)(noise_bias * (gate->noise[l] + gate->noise[u])) /
                         (2 * (double)gate->window_samples * c->rate_sps),
    };
}

/* Decides on block b; true if a run ended and *candidate is filled. */
static bool decide(struct tone_gate *gate, uint64_t b, struct tone_candidate *candidate)
{
    const struct tone_pair pair = look(gate, b);
    if (pair.strength > 0) {
        if (!gate->in_run) {
            gate->in_run = true;
            gate->run_start = b;
            gate->recent = 0;
        }
        gate->misses = 0;
        gate->recent = fmaxf(pair.strength, recent_keep * gate->recent);
        if (pair.strength > lasting * gate->recent)
            gate->last_block = b;
        if (b - gate->run_start < TONE_MAX_RUN)
            return false;
    } else if (!gate->in_run || ++gate->misses <= MAX_MISSES) {
        return false;
    }
    end_run(gate, candidate);
    return true;
}

bool tone_gate_next(struct tone_gate *gate, bool last, struct tone_candidate *candidate)
{
    if (!last && gate->n_blocks < TONE_FIRST_GROUPS * TONE_GROUP)
        return false;
    while (gate->n_decided < gate->n_blocks)
        if (gate->n_decided++ >= gate->window && decide(gate, gate->n_decided - 1, candidate))
            return true;
    if (last && gate->in_run) {
        end_run(gate, candidate);
        return true;
    }
    return false;
}
