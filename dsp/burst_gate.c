/* SPDX-License-Identifier: MIT */
#include "dsp/burst_gate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dsp/math_const.h"
#include "dsp/parabola.h"

/* Against noise alone: the sum of the two lines, over the root of the samples. Of a 6 dB burst
 * about 12 is left, noise reaches 7 less than once a second. */
static const float min_over_noise = 6.0f;
/* Against the line that noise shows ordinarily: 1.4 on that scale if it is white, but noise on the
 * air is not. With deviations of 80 instead of 50 kHz the line has 0.7 of its strength. */
static const float min_over_ordinary = 4.9f;
/* The least of four parts of a group, and the quarter of the groups with least of that, is so much
 * below the mean of white noise. */
static const float least_part_bias = 1.12f;
/* Against the burst's own power: random data shows lines, too. A perfect preamble gives 0.8. */
static const float min_of_signal = 0.42f;
/* A run goes on through so many blocks without the line. */
enum { MAX_MISSES = 2 };
/* The line lasts while it has this share of its peak. Chips are counted from the peak, so in a long
 * preamble one that is nearly as good takes its place after so many blocks. */
static const float lasting = 0.75f, good_peak = 0.9f;
enum { PEAK_BLOCKS = 6 };
/* Clock errors tried: none, and up to GATE_RATES steps of so many cycles of the line a block up and
 * down. */
enum { ALL_RATES = 2 * GATE_RATES + 1 };
static const double rate_step_cycles = 0.1;

void burst_gate_init(struct burst_gate *gate, double rate_sps, double chip_rate_cps,
                     const struct kernels *kernels)
{
    *gate = (struct burst_gate){ .kernels = kernels,
                                 .rate_sps = rate_sps,
                                 .chip_rate_cps = chip_rate_cps,
                                 .first_groups = GATE_FIRST_GROUPS };
    gate->block = (size_t)lrint(GATE_BLOCK_CHIPS * rate_sps / chip_rate_cps);
    assert(gate->block <= GATE_MAX_BLOCK);
    gate->delay = (size_t)lrint(0.5 * rate_sps / chip_rate_cps);
    const double line_cycles = 0.5 * chip_rate_cps / rate_sps;
    gate->block_cycles = fmod(line_cycles * (double)gate->block, 1.0);
    for (size_t n = 0; n < gate->block; n++) {
        gate->cosine[n] = (float)cos(TWO_PI * line_cycles * (double)n);
        gate->sine[n] = (float)sin(TWO_PI * line_cycles * (double)n);
    }
    for (int k = 0; k < GATE_GROUP; k++) {
        gate->block_cos[k] = (float)cos(TWO_PI * gate->block_cycles * k);
        gate->block_sin[k] = (float)sin(TWO_PI * gate->block_cycles * k);
    }
    for (int k = 0; k < GATE_WINDOW; k++) {
        for (int rate = 0; rate < GATE_RATES; rate++) {
            const double turn = TWO_PI * rate_step_cycles * (rate + 1) * k;
            gate->rate_cos[k][rate] = (float)cos(turn);
            gate->rate_sin[k][rate] = (float)sin(turn);
        }
    }
}

void burst_gate_reset(struct burst_gate *gate, uint64_t first_block, unsigned first_groups)
{
    const struct gate_figures none = { .start = first_block / GATE_GROUP,
                                       .end = first_block / GATE_GROUP };
    gate->power = gate->line = none;
    /* What the rings hold of before is never looked at: no window begins before the first block. */
    gate->first_block = gate->n_blocks = gate->n_decided = first_block;
    gate->first_groups = first_groups;
    gate->in_run = false;
}

size_t burst_gate_group(const struct burst_gate *gate)
{
    return GATE_GROUP * gate->block;
}

/* The two lines of a window. */
struct lines {
    float upper_re, upper_im, lower_re, lower_im;
};

static inline float strength_of(float upper_re, float upper_im, float lower_re, float lower_im)
{
    return sqrtf(upper_re * upper_re + upper_im * upper_im) +
           sqrtf(lower_re * lower_re + lower_im * lower_im);
}

/* Least mean power of a sample in the parts of the group that starts at this place of the ring. */
static float least_power(const struct burst_gate *gate, size_t group)
{
    const float *energy = gate->blocks.energy + group;
    float least = 0;
    for (size_t part = 0; part < GATE_GROUP; part += GATE_PART) {
        float sum = 0;
        for (size_t b = part; b < part + GATE_PART; b++)
            sum += energy[b];
        if (part == 0 || sum < least)
            least = sum;
    }
    return least_part_bias * least / (float)(GATE_PART * gate->block);
}

/* window[b]: the sum of x[b - GATE_WINDOW + 1] ... x[b], as far as they are among x[n]. */
static void sum_windows(float *restrict window, const float *restrict x, size_t n)
{
    for (size_t b = GATE_WINDOW - 1; b < n; b++)
        window[b] = x[b] + x[b - 1] + x[b - 2] + x[b - 3] + x[b - 4];
}

/* The same for the strongest line in a window, at the nominal clock. */
static float least_line(const struct burst_gate *gate, size_t group)
{
    float upper_re[GATE_GROUP], upper_im[GATE_GROUP], lower_re[GATE_GROUP], lower_im[GATE_GROUP];
    float strength[GATE_GROUP], least = 0;
    sum_windows(upper_re, gate->blocks.upper_re + group, GATE_GROUP);
    sum_windows(upper_im, gate->blocks.upper_im + group, GATE_GROUP);
    sum_windows(lower_re, gate->blocks.lower_re + group, GATE_GROUP);
    sum_windows(lower_im, gate->blocks.lower_im + group, GATE_GROUP);
    for (size_t b = GATE_WINDOW - 1; b < GATE_GROUP; b++)
        strength[b] = strength_of(upper_re[b], upper_im[b], lower_re[b], lower_im[b]);
    for (size_t part = 0; part < GATE_GROUP; part += GATE_PART) {
        float most = 0;
        for (size_t b = part + GATE_WINDOW - 1; b < part + GATE_PART; b++)
            most = strength[b] > most ? strength[b] : most;
        if (part == 0 || most < least)
            least = most;
    }
    return least;
}

/* Of the blocks of a group, which are pushed behind others. */
static void sum_strengths(struct gate_blocks *blocks, size_t first)
{
    enum { BEFORE = GATE_WINDOW - 1 };
    float strength[BEFORE + GATE_GROUP], sum[BEFORE + GATE_GROUP];
    memcpy(strength, blocks->strength + (first + GATE_RING - BEFORE) % GATE_RING,
           BEFORE * sizeof *strength);
    memcpy(strength + BEFORE, blocks->strength + first, GATE_GROUP * sizeof *strength);
    sum_windows(sum, strength, BEFORE + GATE_GROUP);
    memcpy(blocks->bound + first, sum + BEFORE, GATE_GROUP * sizeof *sum);
}

/* Sums of the blocks of a group. */
struct group_sums {
    float re_cos[GATE_GROUP], re_sin[GATE_GROUP], im_cos[GATE_GROUP], im_sin[GATE_GROUP];
};

/* The two lines of each block, the phase of the line at the start of the block taken off. */
static void put_lines(struct burst_gate *gate, size_t first, const struct group_sums *s)
{
    const double start =
        fmod(TWO_PI * gate->block_cycles * (double)(gate->n_blocks % 1000000), TWO_PI);
    const float start_re = (float)cos(start), start_im = (float)sin(start);
    float *restrict upper_re = gate->blocks.upper_re + first;
    float *restrict upper_im = gate->blocks.upper_im + first;
    float *restrict lower_re = gate->blocks.lower_re + first;
    float *restrict lower_im = gate->blocks.lower_im + first;
    for (size_t k = 0; k < GATE_GROUP; k++) {
        const float c = gate->block_cos[k] * start_re - gate->block_sin[k] * start_im;
        const float d = gate->block_sin[k] * start_re + gate->block_cos[k] * start_im;
        const float up_re = s->re_cos[k] + s->im_sin[k], up_im = s->im_cos[k] - s->re_sin[k];
        const float low_re = s->re_cos[k] - s->im_sin[k], low_im = s->im_cos[k] + s->re_sin[k];
        upper_re[k] = up_re * c + up_im * d;
        upper_im[k] = up_im * c - up_re * d;
        lower_re[k] = low_re * c - low_im * d;
        lower_im[k] = low_im * c + low_re * d;
    }
}

void burst_gate_push(struct burst_gate *gate, const float *i, const float *q)
{
    const size_t first = gate->n_blocks % GATE_RING;
    struct gate_blocks *blocks = &gate->blocks;
    struct group_sums sums;
    for (size_t k = 0; k < GATE_GROUP; k++) {
        struct gate_sums s;
        gate->kernels->gate_sums(&s, i + k * gate->block, q + k * gate->block, gate->delay,
                                 gate->cosine, gate->sine, gate->block);
        sums.re_cos[k] = s.re_cos;
        sums.re_sin[k] = s.re_sin;
        sums.im_cos[k] = s.im_cos;
        sums.im_sin[k] = s.im_sin;
        blocks->energy[first + k] = s.energy;
    }
    put_lines(gate, first, &sums);
    for (size_t k = first; k < first + GATE_GROUP; k++)
        blocks->strength[k] = strength_of(blocks->upper_re[k], blocks->upper_im[k],
                                          blocks->lower_re[k], blocks->lower_im[k]);
    sum_strengths(blocks, first);
    const uint64_t group = gate->n_blocks / GATE_GROUP;
    gate->power.group[group % GATE_GROUPS] = least_power(gate, first);
    gate->line.group[group % GATE_GROUPS] = least_line(gate, first);
    gate->n_blocks += GATE_GROUP;
}

/* Quarter of the figures around a group that are smallest: their largest. So bursts do not count,
 * nor does silence, with which a stream is filled up at its end. At its start the groups that
 * follow help. Groups are asked for in rising order. */
static float lower_quarter(const struct burst_gate *gate, struct gate_figures *figures,
                           uint64_t group)
{
    const uint64_t first_group = gate->first_block / GATE_GROUP;
    const uint64_t n_pushed = gate->n_blocks / GATE_GROUP;
    const uint64_t first_end = first_group + gate->first_groups;
    const uint64_t last = group + 1 > first_end ? group + 1 : first_end;
    const uint64_t end = last < n_pushed ? last : n_pushed;
    const uint64_t start =
        end > first_group + GATE_GROUPS / 2 ? end - GATE_GROUPS / 2 : first_group;
    for (; figures->start < start; figures->start++) {
        const float old = figures->group[figures->start % GATE_GROUPS];
        if (old > 0 && figures->start < figures->end)
            sorted_window_remove(&figures->sorted, old);
    }
    for (; figures->end < end; figures->end++) {
        const float now = figures->group[figures->end % GATE_GROUPS];
        if (now > 0)
            sorted_window_insert(&figures->sorted, now);
    }
    return figures->sorted.n ? figures->sorted.value[figures->sorted.n / 4] : 0.0f;
}

/* The two lines over the window that ends with block b, for a clock error whose turn a block is c +
 * js, as they stand in the middle of block b. */
static struct lines sum_window(const struct burst_gate *gate, uint64_t b, float c, float s)
{
    const struct gate_blocks *w = &gate->blocks;
    struct lines sum = { 0 };
    float re = 1, im = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++) {
        const size_t at = (b - k) % GATE_RING;
        sum.upper_re += w->upper_re[at] * re - w->upper_im[at] * im;
        sum.upper_im += w->upper_im[at] * re + w->upper_re[at] * im;
        sum.lower_re += w->lower_re[at] * re + w->lower_im[at] * im;
        sum.lower_im += w->lower_im[at] * re - w->lower_re[at] * im;
        const float r = re;
        re = re * c - im * s;
        im = im * c + r * s;
    }
    return sum;
}

static float window_energy(const struct burst_gate *gate, uint64_t b)
{
    float sum = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++)
        sum += gate->blocks.energy[(b - k) % GATE_RING];
    return sum;
}

/* Rows of blocks, turned by each clock error: turns the one way and the other share their products.
 */
struct turned {
    float along[GATE_RATES], across[GATE_RATES]; /* sums times cosine and times sine */
};

static inline struct turned sum_turned(const struct burst_gate *gate, const float *row, uint64_t b)
{
    struct turned sum = { { 0 }, { 0 } };
    for (uint64_t k = 0; k < GATE_WINDOW; k++) {
        const float x = row[(b - k) % GATE_RING];
        for (int rate = 0; rate < GATE_RATES; rate++) {
            sum.along[rate] += x * gate->rate_cos[k][rate];
            sum.across[rate] += x * gate->rate_sin[k][rate];
        }
    }
    return sum;
}

/* The same as by sum_window and strength_of, for all clock errors at once. */
static void strength_by_rate(const struct burst_gate *gate, uint64_t b, float strength[ALL_RATES])
{
    const struct gate_blocks *w = &gate->blocks;
    const struct turned ur = sum_turned(gate, w->upper_re, b);
    const struct turned ui = sum_turned(gate, w->upper_im, b);
    const struct turned lr = sum_turned(gate, w->lower_re, b);
    const struct turned li = sum_turned(gate, w->lower_im, b);
    const struct lines nominal = sum_window(gate, b, 1, 0);
    float up[GATE_RATES], down[GATE_RATES];
    for (int k = 0; k < GATE_RATES; k++) {
        up[k] = strength_of(ur.along[k] - ui.across[k], ui.along[k] + ur.across[k],
                            lr.along[k] + li.across[k], li.along[k] - lr.across[k]);
        down[k] = strength_of(ur.along[k] + ui.across[k], ui.along[k] - ur.across[k],
                              lr.along[k] - li.across[k], li.along[k] + lr.across[k]);
    }
    strength[GATE_RATES] =
        strength_of(nominal.upper_re, nominal.upper_im, nominal.lower_re, nominal.lower_im);
    for (int k = 0; k < GATE_RATES; k++) {
        strength[GATE_RATES + 1 + k] = up[k];
        strength[GATE_RATES - 1 - k] = down[k];
    }
}

/* Strength of the line in the window that ends with block b, and its clock error in cycles a block.
 */
static float line_strength(struct burst_gate *gate, uint64_t b, double *error_cycles)
{
    float strength[ALL_RATES];
    int best = 0;
    strength_by_rate(gate, b, strength);
    for (int k = 1; k < ALL_RATES; k++)
        best = strength[k] > strength[best] ? k : best;
    double shift = 0;
    if (best > 0 && best < ALL_RATES - 1)
        shift = parabola_top((double)strength[best - 1], (double)strength[best],
                             (double)strength[best + 1]);
    *error_cycles = rate_step_cycles * (best - GATE_RATES + shift);
    return strength[best];
}

/* A chip 1 turns the product by a quarter turn more than the carrier does, a chip 0 by as much
 * less: j e^(j turn) cos(w (n - one_center)), of which the two lines are the halves. */
static void end_run(struct burst_gate *gate, struct burst_candidate *candidate)
{
    const double error = TWO_PI * gate->peak_error_cycles;
    const struct lines sum =
        sum_window(gate, gate->peak_block, (float)cos(error), (float)sin(error));
    const double upper = atan2((double)sum.upper_im, (double)sum.upper_re);
    const double lower = atan2((double)sum.lower_im, (double)sum.lower_re);
    const double middle = ((double)gate->peak_block + 0.5) * (double)gate->block;
    const double line = 0.5 * gate->chip_rate_cps / gate->rate_sps; /* cycles a sample */
    const double chip_rate_cps =
        gate->chip_rate_cps + 2 * gate->peak_error_cycles * gate->rate_sps / (double)gate->block;
    const double phase = TWO_PI * fmod(line * middle, 1.0) + (upper - lower) / 2;
    gate->in_run = false;
    *candidate = (struct burst_candidate){
        .peak_end = (gate->peak_block + 1) * gate->block,
        .line_end = (gate->last_block + 1) * gate->block,
        .one_center = middle - phase / (PI * chip_rate_cps / gate->rate_sps),
        .turn_rad = (float)((upper + lower) / 2 - PI / 2),
        .chip_rate_cps = (float)chip_rate_cps,
        .noise_power = gate->run_noise,
    };
}

/* Decides on block b, for noise whose line is less than that; true if a run ended and *candidate is
 * filled. */
static bool decide(struct burst_gate *gate, uint64_t b, float noise, float least,
                   struct burst_candidate *candidate)
{
    const float bound = gate->blocks.bound[b % GATE_RING];
    float strength = 0;
    double error_cycles = 0;
    if (bound > least) {
        const float signal = window_energy(gate, b) - (float)(GATE_WINDOW * gate->block) * noise;
        least = fmaxf(least, min_of_signal * signal);
        strength = bound > least ? line_strength(gate, b, &error_cycles) : 0;
    }
    if (strength > least) {
        if (!gate->in_run) {
            gate->in_run = true;
            gate->run_start = b;
            gate->peak = 0;
            gate->run_noise = noise;
        }
        gate->misses = 0;
        const bool old_peak = b - gate->peak_block > PEAK_BLOCKS;
        if (strength > (old_peak ? good_peak : 1) * gate->peak) {
            gate->peak_block = b;
            gate->peak_error_cycles = error_cycles;
        }
        gate->peak = fmaxf(gate->peak, strength);
        if (strength > lasting * gate->peak)
            gate->last_block = b;
        if (b - gate->run_start < GATE_MAX_RUN)
            return false;
        end_run(gate, candidate);
        return true;
    }
    if (!gate->in_run || ++gate->misses <= MAX_MISSES)
        return false;
    end_run(gate, candidate);
    return true;
}

bool burst_gate_next(struct burst_gate *gate, bool last, struct burst_candidate *candidate)
{
    if (!last && gate->n_blocks < gate->first_block + gate->first_groups * GATE_GROUP)
        return false;
    while (gate->n_decided < gate->n_blocks) {
        const uint64_t group = gate->n_decided / GATE_GROUP;
        const float noise = lower_quarter(gate, &gate->power, group);
        const float ordinary = lower_quarter(gate, &gate->line, group);
        const float least =
            fmaxf(min_over_noise * sqrtf((float)(GATE_WINDOW * gate->block)) * noise,
                  min_over_ordinary * ordinary);
        /* Only the first block of a group may need other figures. */
        do {
            if (gate->n_decided++ >= gate->first_block + GATE_WINDOW - 1 &&
                decide(gate, gate->n_decided - 1, noise, least, candidate))
                return true;
        } while (gate->n_decided % GATE_GROUP != 0);
    }
    if (last && gate->in_run) {
        end_run(gate, candidate);
        return true;
    }
    return false;
}
