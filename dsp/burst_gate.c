/* SPDX-License-Identifier: MIT */
#include "dsp/burst_gate.h"

#include <assert.h>
#include <math.h>

#include "dsp/math_const.h"

/* Against noise alone: the sum of the two lines, over the root of the samples. Of a 6 dB burst
 * about 12 is left, noise reaches 7 less than once a second. */
static const float min_over_noise = 6.0f;
/* Against the line that noise shows ordinarily: 1.4 on that scale if it is white, but noise on the
 * air is not. */
static const float min_over_ordinary = 5.4f;
/* The least of four parts of a group, and the quarter of the groups with least of that, is so much
 * below the mean of white noise. */
static const float least_part_bias = 1.12f;
/* Against the burst's own power: random data shows lines, too. A perfect preamble gives 0.8. */
static const float min_of_signal = 0.36f;
/* A run goes on through so many blocks without the line. */
enum { MAX_MISSES = 2 };
/* Clock errors tried: +-RATE_BINS steps of RATE_STEP cycles of the line a block. */
enum { RATE_BINS = 4 };
static const double rate_step_cycles = 0.1;

void burst_gate_init(struct burst_gate *gate, double rate_sps, double chip_rate_cps,
                     const struct kernels *kernels)
{
    *gate = (struct burst_gate){ .kernels = kernels,
                                 .rate_sps = rate_sps,
                                 .chip_rate_cps = chip_rate_cps };
    gate->block = (size_t)lrint(GATE_BLOCK_CHIPS * rate_sps / chip_rate_cps);
    assert(gate->block <= GATE_MAX_BLOCK);
    gate->delay = (size_t)lrint(0.5 * rate_sps / chip_rate_cps);
    const double line_cycles = 0.5 * chip_rate_cps / rate_sps;
    gate->block_cycles = fmod(line_cycles * (double)gate->block, 1.0);
    for (size_t n = 0; n < gate->block; n++) {
        gate->cosine[n] = (float)cos(TWO_PI * line_cycles * (double)n);
        gate->sine[n] = (float)sin(TWO_PI * line_cycles * (double)n);
    }
}

size_t burst_gate_group(const struct burst_gate *gate)
{
    return GATE_GROUP * gate->block;
}

static float strength_of(const struct gate_block *sum)
{
    return sqrtf(sum->upper_re * sum->upper_re + sum->upper_im * sum->upper_im) +
           sqrtf(sum->lower_re * sum->lower_re + sum->lower_im * sum->lower_im);
}

static struct gate_block *block_at(struct burst_gate *gate, uint64_t b)
{
    return &gate->blocks[b % GATE_RING];
}

/* Least mean power of a sample in the parts of the group that was pushed last. */
static float least_power(struct burst_gate *gate)
{
    float least = 0;
    for (uint64_t part = gate->n_blocks - GATE_GROUP; part < gate->n_blocks; part += GATE_PART) {
        float sum = 0;
        for (uint64_t b = part; b < part + GATE_PART; b++)
            sum += block_at(gate, b)->energy;
        if (part == gate->n_blocks - GATE_GROUP || sum < least)
            least = sum;
    }
    return least_part_bias * least / (float)(GATE_PART * gate->block);
}

/* The same for the strongest line in a window, at the nominal clock. */
static float least_line(struct burst_gate *gate)
{
    float least = 0;
    for (uint64_t part = gate->n_blocks - GATE_GROUP; part < gate->n_blocks; part += GATE_PART) {
        float most = 0;
        for (uint64_t b = part + GATE_WINDOW - 1; b < part + GATE_PART; b++) {
            float ur = 0, ui = 0, lr = 0, li = 0;
            for (uint64_t k = 0; k < GATE_WINDOW; k++) {
                const struct gate_block *w = block_at(gate, b - k);
                ur += w->upper_re;
                ui += w->upper_im;
                lr += w->lower_re;
                li += w->lower_im;
            }
            const float line = sqrtf(ur * ur + ui * ui) + sqrtf(lr * lr + li * li);
            most = line > most ? line : most;
        }
        if (part == gate->n_blocks - GATE_GROUP || most < least)
            least = most;
    }
    return least;
}

void burst_gate_push(struct burst_gate *gate, const float *i, const float *q)
{
    /* The phase of the line at the start of each block. */
    const double turn = TWO_PI * gate->block_cycles;
    const double start = fmod(turn * (double)(gate->n_blocks % 1000000), TWO_PI);
    const float turn_re = (float)cos(turn), turn_im = (float)sin(turn);
    float c = (float)cos(start), d = (float)sin(start);
    for (size_t k = 0; k < GATE_GROUP; k++) {
        struct gate_sums s;
        gate->kernels->gate_sums(&s, i + k * gate->block, q + k * gate->block, gate->delay,
                                 gate->cosine, gate->sine, gate->block);
        const float upper_re = s.re_cos + s.im_sin, upper_im = s.im_cos - s.re_sin;
        const float lower_re = s.re_cos - s.im_sin, lower_im = s.im_cos + s.re_sin;
        struct gate_block *block = block_at(gate, gate->n_blocks++);
        *block = (struct gate_block){
            .upper_re = upper_re * c + upper_im * d,
            .upper_im = upper_im * c - upper_re * d,
            .lower_re = lower_re * c - lower_im * d,
            .lower_im = lower_im * c + lower_re * d,
            .energy = s.energy,
        };
        block->strength = strength_of(block);
        const float c_before = c;
        c = c * turn_re - d * turn_im;
        d = d * turn_re + c_before * turn_im;
    }
    const uint64_t group = gate->n_blocks / GATE_GROUP - 1;
    gate->group_power[group % GATE_GROUPS] = least_power(gate);
    gate->group_line[group % GATE_GROUPS] = least_line(gate);
}

/* Quarter of the figures around a group that are smallest: their largest. So bursts do not count,
 * nor does silence, with which a stream is filled up at its end. At its start the groups that
 * follow help. */
static float lower_quarter(const struct burst_gate *gate, const float figures[GATE_GROUPS],
                           uint64_t group)
{
    enum { MOST = GATE_GROUPS / 2 };
    float least[MOST / 4 + 1], there[MOST]; /* least: sorted */
    const uint64_t n_pushed = gate->n_blocks / GATE_GROUP;
    const uint64_t last = group + 1 > GATE_FIRST_GROUPS ? group + 1 : GATE_FIRST_GROUPS;
    const uint64_t end = last < n_pushed ? last : n_pushed;
    const uint64_t start = end > MOST ? end - MOST : 0;
    size_t n = 0, n_least = 0;
    for (uint64_t g = start; g < end; g++)
        if (figures[g % GATE_GROUPS] > 0)
            there[n++] = figures[g % GATE_GROUPS];
    for (size_t k = 0; k < n; k++) {
        if (n_least == n / 4 + 1 && there[k] >= least[n_least - 1])
            continue;
        size_t at = n_least < n / 4 + 1 ? n_least++ : n_least - 1;
        for (; at > 0 && least[at - 1] > there[k]; at--)
            least[at] = least[at - 1];
        least[at] = there[k];
    }
    return n ? least[n / 4] : 0.0f;
}

/* The two lines over the window that ends with block b, for a clock error in cycles a block, as
 * they stand in the middle of block b. */
static struct gate_block sum_window(struct burst_gate *gate, uint64_t b, double error_cycles)
{
    struct gate_block sum = { 0 };
    const float c = (float)cos(TWO_PI * error_cycles), s = (float)sin(TWO_PI * error_cycles);
    float re = 1, im = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++) {
        const struct gate_block *w = block_at(gate, b - k);
        sum.upper_re += w->upper_re * re - w->upper_im * im;
        sum.upper_im += w->upper_im * re + w->upper_re * im;
        sum.lower_re += w->lower_re * re + w->lower_im * im;
        sum.lower_im += w->lower_im * re - w->lower_re * im;
        const float r = re;
        re = re * c - im * s;
        im = im * c + r * s;
    }
    return sum;
}

/* What the line in the window that ends with block b reaches at most, whatever the clock error. */
static float strength_bound(struct burst_gate *gate, uint64_t b)
{
    float sum = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++)
        sum += block_at(gate, b - k)->strength;
    return sum;
}

/* Strength of the line in the window that ends with block b, and its clock error in cycles a block.
 */
static float line_strength(struct burst_gate *gate, uint64_t b, double *error_cycles)
{
    float strength[2 * RATE_BINS + 1];
    int best = 0;
    for (int bin = 0; bin <= 2 * RATE_BINS; bin++) {
        const struct gate_block window = sum_window(gate, b, rate_step_cycles * (bin - RATE_BINS));
        strength[bin] = strength_of(&window);
        if (strength[bin] > strength[best])
            best = bin;
    }
    double shift = 0;
    if (best > 0 && best < 2 * RATE_BINS) {
        const double a = (double)strength[best - 1], m = (double)strength[best],
                     z = (double)strength[best + 1];
        shift = a - 2 * m + z < 0 ? 0.5 * (a - z) / (a - 2 * m + z) : 0;
    }
    *error_cycles = rate_step_cycles * (best - RATE_BINS + shift);
    return strength[best];
}

/* A chip 1 turns the product by a quarter turn more than the carrier does, a chip 0 by as much
 * less: j e^(j turn) cos(w (n - one_center)), of which the two lines are the halves. */
static void end_run(struct burst_gate *gate, struct burst_candidate *candidate)
{
    const struct gate_block sum = sum_window(gate, gate->peak_block, gate->peak_error_cycles);
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

/* Decides on block b; true if a run ended and *candidate is filled. */
static bool decide(struct burst_gate *gate, uint64_t b, float noise, float ordinary_line,
                   struct burst_candidate *candidate)
{
    const float n = (float)(GATE_WINDOW * gate->block);
    const float bound = strength_bound(gate, b);
    float least = fmaxf(min_over_noise * sqrtf(n) * noise, min_over_ordinary * ordinary_line);
    float strength = 0;
    double error_cycles = 0;
    if (bound > least) {
        float energy = 0;
        for (uint64_t k = 0; k < GATE_WINDOW; k++)
            energy += block_at(gate, b - k)->energy;
        least = fmaxf(least, min_of_signal * (energy - n * noise));
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
        if (strength > gate->peak) {
            gate->peak = strength;
            gate->peak_block = gate->last_block = b;
            gate->peak_error_cycles = error_cycles;
        } else if (strength > 0.75f * gate->peak) {
            gate->last_block = b;
        }
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
    if (!last && gate->n_blocks < GATE_FIRST_GROUPS * GATE_GROUP)
        return false;
    while (gate->n_decided < gate->n_blocks) {
        const uint64_t b = gate->n_decided;
        const float noise = lower_quarter(gate, gate->group_power, b / GATE_GROUP);
        const float ordinary = lower_quarter(gate, gate->group_line, b / GATE_GROUP);
        /* Only the first block of a group may need other figures. */
        do {
            if (gate->n_decided++ >= GATE_WINDOW - 1 &&
                decide(gate, gate->n_decided - 1, noise, ordinary, candidate))
                return true;
        } while (gate->n_decided % GATE_GROUP != 0);
    }
    if (last && gate->in_run) {
        end_run(gate, candidate);
        return true;
    }
    return false;
}
