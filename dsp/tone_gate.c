/* SPDX-License-Identifier: MIT */
#include "dsp/tone_gate.h"

#include <assert.h>
#include <math.h>
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
/* Each tone bears half of the line, so much at the least: noise that comes in bursts shows in one.
 */
static const double least_share = 0.2;
/* Noise of neighbouring windows, which overlap by half, is alike. */
static const float overlap_factor = 1.25f;
/* A run goes on through so many blocks without the line. */
enum { MAX_MISSES = 2 };
/* The line lasts while it has this share of the power it had lately: the windows drift against the
 * chips of a long preamble, and see it twice as strong at one time as at another. */
static const float lasting = 0.56f, recent_keep = 0.95f;
/* Step of the clock errors tried. */
static const double rate_step = 0.012;
/* Sums of powers are squared: samples of the channel, up to 2^27, would be too large. */
static const float input_scale = 1.0f / (1 << 20);
/* A window of one chip shows a tone at all frequencies, far away so much weaker. */
static const float least_of_strongest =
    2.5e-5f; /* power of the line: that of the amplitude twice */
/* The error is told from the line at so much more and less. Meters keep their clocks so well, and
 * the gate tells them so well for a line as strong as 36. */
static const double told_step = 0.024, rate_known = 0.007, rate_told = 0.004;
/* The noise is the tenth of a group's power, tracked in steps of so much a group, and the mean is
 * that much above it. */
static const float noise_quantile = 0.1f, noise_step = 0.05f, noise_bias = 1.2f;

/* Twice as fine as a chip's, about. */
static int fft_size_of(size_t window_samples)
{
    int size = 16;
    while (2 * size < 3 * (int)window_samples)
        size *= 2;
    return size;
}

bool tone_gate_init(struct tone_gate *gate, const struct tone_gate_config *config)
{
    const double chip = config->rate_sps / config->chip_rate_cps;
    memset(gate, 0, sizeof *gate);
    gate->config = *config;
    gate->group_samples = (size_t)lrint(TONE_GROUP * TONE_BLOCK_CHIPS * chip);
    gate->hop_samples = (double)gate->group_samples / (TONE_GROUP * TONE_HOPS);
    gate->window_samples = (size_t)lrint(chip);
    gate->window = config->window_chips / TONE_BLOCK_CHIPS;
    gate->fft_size = fft_size_of(gate->window_samples);
    assert(gate->fft_size <= TONE_MAX_BINS && gate->window <= TONE_MAX_WINDOW);
    const double bin_hz = config->rate_sps / gate->fft_size;
    const double center = config->rotation_cycles * gate->fft_size;
    gate->first_bin = (int)ceil(center + config->low_hz / bin_hz);
    const int last_bin = (int)floor(center + config->high_hz / bin_hz);
    gate->n_bins = last_bin - gate->first_bin + 1;
    gate->n_bins = gate->n_bins < gate->fft_size ? gate->n_bins : gate->fft_size;
    gate->gap_min = (int)floor(2 * config->deviation_min_hz / bin_hz);
    gate->gap_max = (int)ceil(2 * config->deviation_max_hz / bin_hz);
    gate->band_bins = config->band_hz > 0 ? (int)ceil(config->band_hz / bin_hz) : gate->fft_size;
    gate->n_bands = (gate->n_bins + gate->band_bins - 1) / gate->band_bins;
    assert(gate->n_bands <= TONE_MAX_BANDS);
    gate->silence =
        (float)(config->silence_power * (double)gate->window_samples) * input_scale * input_scale;
    gate->threshold = min_over_noise * overlap_factor * (float)(gate->window * TONE_HOPS);
    /* The line over the window, off the nominal clock by a step and a half. */
    const double turn = PI * config->window_chips * 1.5 * rate_step / 2;
    gate->least_nominal = (float)pow(turn < PI ? sin(turn) / turn : 0, 2);
    gate->batch = spectrum_batch_open((size_t)gate->fft_size, TONE_GROUP * TONE_HOPS);
    return gate->batch != NULL;
}

void tone_gate_deinit(struct tone_gate *gate)
{
    spectrum_batch_close(gate->batch);
}

void tone_gate_reset(struct tone_gate *gate, uint64_t first_block)
{
    memset(gate->blocks, 0, sizeof gate->blocks);
    memset(gate->noise, 0, sizeof gate->noise);
    memset(gate->runs, 0, sizeof gate->runs);
    gate->sorted.n = 0;
    gate->n_ordinary = 0;
    gate->first_block = gate->n_blocks = gate->n_decided = first_block;
    gate->next_band = 0;
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

/* Adds n bins of one hop's spectrum from bin from of the gate on. */
static void add_bins(struct tone_block *block, float *restrict line, const float *restrict spectrum,
                     float sign, int from, int n)
{
    float *restrict l = line + from, *restrict p = block->power + from;
    for (int k = 0; k < n; k++) {
        const float power =
            spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
        l[k] += sign * power;
        p[k] += power;
    }
}

/* The hops of a block: their power goes round in quarter turns of the line. */
static void sum_block(const struct tone_gate *gate, struct tone_block *block, const float *spectra)
{
    const int start = gate->first_bin & (gate->fft_size - 1);
    const int n_first =
        gate->fft_size - start < gate->n_bins ? gate->fft_size - start : gate->n_bins;
    memset(block->line.re, 0, (size_t)gate->n_bins * sizeof *block->line.re);
    memset(block->line.im, 0, (size_t)gate->n_bins * sizeof *block->line.im);
    memset(block->power, 0, (size_t)gate->n_bins * sizeof *block->power);
    for (size_t hop = 0; hop < TONE_HOPS; hop++, spectra += 2 * gate->fft_size) {
        float *line = hop & 1 ? block->line.im : block->line.re;
        const float sign = (hop & 3) == 0 || (hop & 3) == 3 ? 1.0f : -1.0f;
        add_bins(block, line, spectra + 2 * start, sign, 0, n_first);
        add_bins(block, line, spectra, sign, n_first, gate->n_bins - n_first);
    }
}

/* Follows the noise of each frequency, on the mean power a hop of the group that was pushed last.
 */
static void follow_noise(struct tone_gate *gate)
{
    for (int k = 0; k < gate->n_bins; k++) {
        float sum = 0;
        for (uint64_t b = gate->n_blocks - TONE_GROUP; b < gate->n_blocks; b++)
            sum += block_at(gate, b)->power[k];
        const float power = sum / (TONE_GROUP * TONE_HOPS);
        float *noise = &gate->noise[k];
        if (power <= gate->silence)
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
    for (size_t hop = 0; hop < TONE_GROUP * TONE_HOPS; hop++, in += 2 * gate->fft_size) {
        const size_t end = hop_end(gate, hop);
        const float *wi = i + end - gate->window_samples, *wq = q + end - gate->window_samples;
        for (size_t n = 0; n < gate->window_samples; n++) {
            in[2 * n] = input_scale * wi[n];
            in[2 * n + 1] = input_scale * wq[n];
        }
    }
    const float *out = spectrum_batch_run(gate->batch);
    for (size_t b = 0; b < TONE_GROUP; b++, out += 2 * gate->fft_size * TONE_HOPS)
        sum_block(gate, block_at(gate, gate->n_blocks++), out);
    follow_noise(gate);
}

/* The line in the window that ends with block b, of each frequency, as it stands in the middle of
 * block b, at the nominal clock. */
static void sum_nominal(struct tone_gate *gate, uint64_t b, struct tone_line *line)
{
    const int n = gate->n_bins;
    memset(line->re, 0, (size_t)n * sizeof *line->re);
    memset(line->im, 0, (size_t)n * sizeof *line->im);
    for (size_t k = 0; k < gate->window; k++) {
        const struct tone_line *block = &block_at(gate, b - k)->line;
        for (int bin = 0; bin < n; bin++) {
            line->re[bin] += block->re[bin];
            line->im[bin] += block->im[bin];
        }
    }
}

/* The same for a clock that errs by error to either side: slow and fast. */
static void sum_off_nominal(struct tone_gate *gate, uint64_t b, double error,
                            struct tone_line *slow, struct tone_line *fast)
{
    const int n = gate->n_bins;
    float re_c[TONE_MAX_BINS] = { 0 }, re_s[TONE_MAX_BINS] = { 0 };
    float im_c[TONE_MAX_BINS] = { 0 }, im_s[TONE_MAX_BINS] = { 0 };
    for (size_t k = 0; k < gate->window; k++) {
        const struct tone_line *block = &block_at(gate, b - k)->line;
        const double turn = PI * TONE_BLOCK_CHIPS * error * (double)k;
        const float c = (float)cos(turn), s = (float)sin(turn);
        for (int bin = 0; bin < n; bin++) {
            re_c[bin] += block->re[bin] * c;
            re_s[bin] += block->re[bin] * s;
            im_c[bin] += block->im[bin] * c;
            im_s[bin] += block->im[bin] * s;
        }
    }
    for (int bin = 0; bin < n; bin++) {
        slow->re[bin] = re_c[bin] + im_s[bin];
        slow->im[bin] = im_c[bin] - re_s[bin];
        fast->re[bin] = re_c[bin] - im_s[bin];
        fast->im[bin] = im_c[bin] + re_s[bin];
    }
}

static void sum_window(struct tone_gate *gate, uint64_t b, double error,
                       struct tone_line lines[TONE_RATES])
{
    sum_off_nominal(gate, b, error, &lines[0], &lines[2]);
    sum_nominal(gate, b, &lines[1]);
}

static float line_power(const struct tone_line *line, int lower, int upper)
{
    const float re = line->re[upper] - line->re[lower], im = line->im[upper] - line->im[lower];
    return re * re + im * im;
}

static float noise_of_pair(const struct tone_gate *gate, int lower, int upper)
{
    return gate->noise[upper] * gate->noise[upper] + gate->noise[lower] * gate->noise[lower];
}

/* Can any pair with a frequency of this band reach the threshold? Its two lines are never more
 * together than each against its own noise. */
static bool may_reach(const struct tone_gate *gate, const struct tone_line *line, int from, int to,
                      float threshold)
{
    float most = -1;
    for (int k = from; k < to; k++) {
        const float over = 2 * (line->re[k] * line->re[k] + line->im[k] * line->im[k]) -
                           threshold * gate->noise[k] * gate->noise[k];
        most = over > most ? over : most;
    }
    return most > 0;
}

/* The best pair of frequencies whose lower one is in this band, if it is better than *best. */
static void best_pair(const struct tone_gate *gate, const struct tone_line *line, int from, int to,
                      struct tone_pair *best)
{
    for (int gap = gate->gap_min; gap <= gate->gap_max; gap++) {
        for (int k = from; k < to && k + gap < gate->n_bins; k++) {
            const float noise = noise_of_pair(gate, k, k + gap);
            const float power = line_power(line, k, k + gap);
            if (power > best->strength * noise && noise > 0)
                *best = (struct tone_pair){ power / noise, power, k, k + gap };
        }
    }
}

/* What a pair's line is of all its power but the noise. */
static bool is_of_signal(struct tone_gate *gate, uint64_t b, const struct tone_pair *pair)
{
    float energy = 0;
    for (size_t k = 0; k < gate->window; k++) {
        const float *power = block_at(gate, b - k)->power;
        energy += power[pair->lower] + power[pair->upper];
    }
    const float noise = noise_bias * (gate->noise[pair->lower] + gate->noise[pair->upper]);
    const float signal = energy - noise * (float)(gate->window * TONE_HOPS);
    const float of_noise = sqrtf(pair->strength * min_over_noise / gate->threshold);
    return sqrtf(pair->power) * (1 + noise_of_signal / of_noise) > min_of_signal * signal;
}

/* What a pair must reach, so as to be more than noise ordinarily shows. */
static float threshold_now(const struct tone_gate *gate)
{
    const struct sorted_window *w = &gate->sorted;
    const float ordinary = w->n ? w->value[w->n / 8] / gate->threshold : 0;
    return gate->threshold * noise_bias * noise_bias * fmaxf(1, ordinary / white_line);
}

/* The best pair of a band in the window that ends with block b, which is in gate->lines; its
 * strength is 0 if it is none. */
static struct tone_pair look(struct tone_gate *gate, uint64_t b, int band, float threshold)
{
    enum { OVERLAP = 3 }; /* a preamble at the edge of a band stays in it as it wanders */
    const int start = band * gate->band_bins - OVERLAP, end = start + gate->band_bins + 2 * OVERLAP;
    const int from = start > 0 ? start : 0, to = end < gate->n_bins ? end : gate->n_bins;
    /* the upper frequency may lie in the next band */
    const int beyond = to + gate->gap_max < gate->n_bins ? to + gate->gap_max : gate->n_bins;
    struct tone_pair best = { .strength = 0 };
    for (int rate = 0; rate < TONE_RATES; rate++)
        if (may_reach(gate, &gate->lines[rate], from, beyond, threshold))
            best_pair(gate, &gate->lines[rate], from, to, &best);
    if (best.strength < threshold || !is_of_signal(gate, b, &best))
        best.strength = best.power = 0;
    return best;
}

/* One tone of a burst and noise make a pair in the next band; where bands overlap a pair stands in
 * both, and belongs to the one in which the line began. */
static bool is_beside_stronger(const struct tone_gate *gate, int band)
{
    const struct tone_pair *pair = &gate->pairs[band];
    for (int k = 0; k < gate->n_bands; k++) {
        const struct tone_pair *other = &gate->pairs[k];
        if (k == band || other->lower > pair->upper + gate->gap_max ||
            pair->lower > other->upper + gate->gap_max)
            continue;
        if (other->power > pair->power)
            return true;
        if (other->power == pair->power &&
            (gate->runs[k].on != gate->runs[band].on ? gate->runs[k].on : k < band))
            return true;
    }
    return false;
}

/* Noise that swells and ebbs at all frequencies alike, as with the packets of a dongle's USB, is no
 * pair of tones: takes it off. */
static void take_off_common(const struct tone_gate *gate, struct tone_line *line)
{
    float re = 0, im = 0, noise = 0;
    for (int k = 0; k < gate->n_bins; k++) {
        re += line->re[k];
        im += line->im[k];
        noise += gate->noise[k];
    }
    re /= fmaxf(noise, 1e-20f);
    im /= fmaxf(noise, 1e-20f);
    for (int k = 0; k < gate->n_bins; k++) {
        line->re[k] -= re * gate->noise[k];
        line->im[k] -= im * gate->noise[k];
    }
}

/* Notes the mean power of a line against its noise, at the nominal clock, once a group. A burst in
 * one band must not stand for all. */
static void note_ordinary(struct tone_gate *gate, const struct tone_line *line)
{
    const float most = gate->threshold / 4;
    float sum = 0;
    for (int k = 0; k < gate->n_bins; k++) {
        const float noise = gate->noise[k] * gate->noise[k];
        if (noise <= 0)
            return;
        sum += fminf((line->re[k] * line->re[k] + line->im[k] * line->im[k]) / noise, most);
    }
    float *oldest = &gate->ordinary[gate->n_ordinary % TONE_NOISE_GROUPS];
    if (gate->n_ordinary++ >= TONE_NOISE_GROUPS)
        sorted_window_remove(&gate->sorted, *oldest);
    *oldest = sum / (float)gate->n_bins;
    sorted_window_insert(&gate->sorted, *oldest);
}

/* The best pairs of all bands in the window that ends with block b. What would be one at a clock
 * that is off shows at the nominal clock. */
static void look_at_bands(struct tone_gate *gate, uint64_t b)
{
    struct tone_line *nominal = &gate->lines[TONE_RATES / 2];
    float most = 0;
    sum_nominal(gate, b, nominal);
    take_off_common(gate, nominal);
    if (b % TONE_GROUP == TONE_GROUP - 1)
        note_ordinary(gate, nominal);
    const float threshold = threshold_now(gate);
    const bool may = may_reach(gate, nominal, 0, gate->n_bins, gate->least_nominal * threshold);
    if (may) {
        sum_off_nominal(gate, b, rate_step, &gate->lines[0], &gate->lines[2]);
        take_off_common(gate, &gate->lines[0]);
        take_off_common(gate, &gate->lines[2]);
    }
    for (int band = 0; band < gate->n_bands; band++) {
        gate->pairs[band] =
            may ? look(gate, b, band, threshold) : (struct tone_pair){ .strength = 0 };
        most = fmaxf(most, gate->pairs[band].power);
    }
    for (int band = 0; may && band < gate->n_bands; band++)
        if (gate->pairs[band].power < least_of_strongest * most || is_beside_stronger(gate, band))
            gate->pairs[band].strength = 0;
}

/* Top of a parabola through three neighbours, from the one in the middle. */
static double top(double a, double m, double z)
{
    const double curve = a - 2 * m + z;
    const double shift = curve < 0 ? 0.5 * (a - z) / curve : 0;
    return fmax(-0.5, fmin(0.5, shift));
}

/* Where a tone is, in bins: the middle of what goes along with the line (re, im) around bin. */
static double tone_bin(const struct tone_gate *gate, const struct tone_line *line, int bin,
                       double line_re, double line_im)
{
    const double bin_hz = gate->config.rate_sps / gate->fft_size;
    const int reach = (int)ceil(0.7 * gate->config.chip_rate_cps / bin_hz);
    double sum = 0, moment = 0;
    for (int k = -reach; k <= reach; k++) {
        const int at = bin + k < 0 ? 0 : bin + k < gate->n_bins ? bin + k : gate->n_bins - 1;
        const double along =
            fmax((double)line->re[at] * line_re + (double)line->im[at] * line_im, 0);
        sum += along;
        moment += k * along;
    }
    return bin + (sum > 0 ? moment / sum : 0);
}

/* Clock error of a pair in the window that ends with block b: between the steps, and not further
 * from the nominal clock than the line tells. */
static double clock_error(struct tone_gate *gate, uint64_t b, const struct tone_pair *pair)
{
    double size[TONE_RATES];
    sum_window(gate, b, told_step, gate->lines);
    for (int rate = 0; rate < TONE_RATES; rate++)
        size[rate] = sqrt((double)line_power(&gate->lines[rate], pair->lower, pair->upper));
    const double error = told_step * top(size[0], size[1], size[2]);
    const double over = (double)(pair->strength / gate->threshold) * (double)min_over_noise;
    const double told = rate_told * rate_told * 36 / over;
    return error * rate_known * rate_known / (rate_known * rate_known + told);
}

/* The strongest window where the preamble ends: there chips and carrier are wanted. */
static struct tone_pair find_peak(struct tone_gate *gate, int band, uint64_t *block)
{
    enum { BACK = 3 };
    const uint64_t start = gate->runs[band].start, last = gate->runs[band].last_block;
    struct tone_pair peak = { .strength = 0 };
    for (uint64_t b = last > start + BACK ? last - BACK : start; b <= last; b++) {
        sum_window(gate, b, rate_step, gate->lines);
        for (int rate = 0; rate < TONE_RATES; rate++)
            take_off_common(gate, &gate->lines[rate]);
        const struct tone_pair pair = look(gate, b, band, threshold_now(gate));
        if (pair.strength > peak.strength) {
            peak = pair;
            *block = b;
        }
    }
    return peak;
}

/* The pair was the strongest against the noise of either frequency; a strong burst shows in their
 * neighbours, too, and is where it has most power. */
static void climb(const struct tone_gate *gate, const struct tone_line *line,
                  struct tone_pair *pair)
{
    static const int steps[][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
    enum { N_STEPS = sizeof steps / sizeof steps[0], MOST = 8 };
    for (int k = 0, since = 0; k < N_STEPS * MOST && since < N_STEPS; k++, since++) {
        const int lower = pair->lower + steps[k % N_STEPS][0];
        const int upper = pair->upper + steps[k % N_STEPS][1];
        if (lower >= 0 && upper < gate->n_bins && lower < upper &&
            line_power(line, lower, upper) > line_power(line, pair->lower, pair->upper)) {
            pair->lower = lower;
            pair->upper = upper;
            since = 0;
        }
    }
}

/* What the run in a band was; false if, looked at again, it was nothing. */
static bool end_run(struct tone_gate *gate, int band, struct tone_candidate *candidate)
{
    const struct tone_gate_config *c = &gate->config;
    uint64_t block = 0;
    struct tone_pair pair = find_peak(gate, band, &block);
    gate->runs[band].on = false;
    if (pair.strength <= 0)
        return false;
    sum_window(gate, block, 0, gate->lines);
    climb(gate, &gate->lines[0], &pair);
    const int l = pair.lower, u = pair.upper;
    const double bin_hz = c->rate_sps / gate->fft_size, error = clock_error(gate, block, &pair);
    sum_window(gate, block, error, gate->lines);
    const struct tone_line *line = &gate->lines[TONE_RATES - 1];
    const double line_re = (double)(line->re[u] - line->re[l]);
    const double line_im = (double)(line->im[u] - line->im[l]);
    const double size = line_re * line_re + line_im * line_im;
    const double share = ((double)line->re[u] * line_re + (double)line->im[u] * line_im) / size;
    if (!(share > least_share && share < 1 - least_share))
        return false;
    const double lower = gate->first_bin + tone_bin(gate, line, l, -line_re, -line_im);
    const double upper = gate->first_bin + tone_bin(gate, line, u, line_re, line_im);
    /* The line goes round a quarter turn a hop. */
    const double middle = (double)block * TONE_HOPS + (TONE_HOPS - 1) / 2.0;
    const double late = atan2(line_im, line_re) / (PI / 2) + fmod(middle, 4);
    *candidate = (struct tone_candidate){
        .line_end = hop_middle(gate, (double)(gate->runs[band].last_block + 1) * TONE_HOPS),
        .one_center = hop_middle(gate, middle) - late / (1 + error) * gate->hop_samples,
        .chip_rate_cps = c->rate_sps / (2 * gate->hop_samples) * (1 + error),
        .offset_hz = ((lower + upper) / 2 - c->rotation_cycles * gate->fft_size) * bin_hz,
        .deviation_hz =
            fmax(c->deviation_min_hz, fmin(c->deviation_max_hz, (upper - lower) / 2 * bin_hz)),
        .noise_density =
            (double)(noise_bias * (gate->noise[l] + gate->noise[u])) /
            (2 * (double)gate->window_samples * c->rate_sps * (double)(input_scale * input_scale)),
    };
    return true;
}

/* Decides on block b in one band; true if a run ended and *candidate is filled. */
static bool decide(struct tone_gate *gate, uint64_t b, int band, struct tone_candidate *candidate)
{
    const float strength = gate->pairs[band].strength;
    struct tone_run *run = &gate->runs[band];
    if (strength > 0) {
        if (!run->on)
            *run = (struct tone_run){ .on = true, .start = b };
        run->misses = 0;
        run->recent = fmaxf(strength, recent_keep * run->recent);
        if (strength > lasting * run->recent)
            run->last_block = b;
        if (b - run->start < TONE_MAX_RUN)
            return false;
    } else if (!run->on || ++run->misses <= MAX_MISSES) {
        return false;
    }
    return end_run(gate, band, candidate);
}

bool tone_gate_next(struct tone_gate *gate, bool last, struct tone_candidate *candidate)
{
    if (!last && gate->n_blocks < gate->first_block + TONE_FIRST_GROUPS * TONE_GROUP)
        return false;
    for (; gate->n_decided < gate->n_blocks; gate->n_decided++) {
        if (gate->n_decided < gate->first_block + gate->window)
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
