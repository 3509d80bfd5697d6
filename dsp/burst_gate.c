/* SPDX-License-Identifier: MIT */
#include "dsp/burst_gate.h"

#include <assert.h>
#include <math.h>

#include "dsp/math_const.h"

/* Against noise alone: the sum of the two lines, over the root of the samples. Of a 6 dB burst
 * about 12 is left, noise reaches 7 less than once a second. */
static const float min_over_noise = 6.0f;
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

static struct gate_block *block_at(struct burst_gate *gate, uint64_t b)
{
    return &gate->blocks[b % GATE_RING];
}

void burst_gate_push(struct burst_gate *gate, const float *i, const float *q)
{
    double power = 0;
    for (size_t k = 0; k < GATE_GROUP; k++) {
        struct gate_sums s;
        gate->kernels->gate_sums(&s, i + k * gate->block, q + k * gate->block, gate->delay,
                                 gate->cosine, gate->sine, gate->block);
        const double phase =
            TWO_PI * fmod(gate->block_cycles * (double)(gate->n_blocks % 1000000), 1.0);
        const float c = (float)cos(phase), d = (float)sin(phase);
        const float upper_re = s.re_cos + s.im_sin, upper_im = s.im_cos - s.re_sin;
        const float lower_re = s.re_cos - s.im_sin, lower_im = s.im_cos + s.re_sin;
        *block_at(gate, gate->n_blocks++) = (struct gate_block){
            .upper_re = upper_re * c + upper_im * d,
            .upper_im = upper_im * c - upper_re * d,
            .lower_re = lower_re * c - lower_im * d,
            .lower_im = lower_im * c + lower_re * d,
            .energy = s.energy,
        };
        power += (double)s.energy;
    }
    const uint64_t group = gate->n_blocks / GATE_GROUP - 1;
    gate->group_power[group % GATE_GROUPS] = (float)(power / (double)burst_gate_group(gate));
}

/* Power of the noise: the quarter of the groups before that are quietest, so that bursts do not
 * count. At the start of a stream the groups after it help. */
static float noise_power(const struct burst_gate *gate, uint64_t group)
{
    float sorted[GATE_GROUPS];
    const uint64_t n_pushed = gate->n_blocks / GATE_GROUP;
    const uint64_t last = group + 1 > GATE_FIRST_GROUPS ? group + 1 : GATE_FIRST_GROUPS;
    const uint64_t end = last < n_pushed ? last : n_pushed;
    const uint64_t start = end > GATE_GROUPS / 2 ? end - GATE_GROUPS / 2 : 0;
    size_t n = 0;
    for (uint64_t g = start; g < end; g++) {
        const float p = gate->group_power[g % GATE_GROUPS];
        size_t k = n++;
        for (; k > 0 && sorted[k - 1] > p; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = p;
    }
    return n ? sorted[n / 4] : 0.0f;
}

/* Strength of the line in the window that ends with block b, and its clock error in cycles a block.
 * Stops early where no clock error can reach least. */
static float line_strength(struct burst_gate *gate, uint64_t b, float least, double *error_cycles)
{
    float sum = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++) {
        const struct gate_block *w = block_at(gate, b - k);
        sum += sqrtf(w->upper_re * w->upper_re + w->upper_im * w->upper_im) +
               sqrtf(w->lower_re * w->lower_re + w->lower_im * w->lower_im);
    }
    if (sum < least)
        return 0.0f;
    float strength[2 * RATE_BINS + 1];
    int best = 0;
    for (int bin = 0; bin <= 2 * RATE_BINS; bin++) {
        float ur = 0, ui = 0, lr = 0, li = 0;
        const double step = TWO_PI * rate_step_cycles * (bin - RATE_BINS);
        for (uint64_t k = 0; k < GATE_WINDOW; k++) {
            const struct gate_block *w = block_at(gate, b - k);
            const float c = (float)cos(step * (double)k), s = (float)sin(step * (double)k);
            ur += w->upper_re * c - w->upper_im * s;
            ui += w->upper_im * c + w->upper_re * s;
            lr += w->lower_re * c + w->lower_im * s;
            li += w->lower_im * c - w->lower_re * s;
        }
        strength[bin] = sqrtf(ur * ur + ui * ui) + sqrtf(lr * lr + li * li);
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

static void end_run(struct burst_gate *gate, struct burst_candidate *candidate)
{
    gate->in_run = false;
    *candidate = (struct burst_candidate){
        .peak_end = (gate->peak_block + 1) * gate->block,
        .line_end = (gate->last_block + 1) * gate->block,
        .chip_rate_cps = gate->peak_rate_cps,
        .noise_power = gate->run_noise,
    };
}

/* Decides on block b; true if a run ended and *candidate is filled. */
static bool decide(struct burst_gate *gate, uint64_t b, float noise,
                   struct burst_candidate *candidate)
{
    float energy = 0;
    for (uint64_t k = 0; k < GATE_WINDOW; k++)
        energy += block_at(gate, b - k)->energy;
    const float n = (float)(GATE_WINDOW * gate->block);
    const float signal = energy - n * noise;
    const float over_noise = min_over_noise * sqrtf(n) * noise;
    const float of_signal = min_of_signal * signal;
    const float least = over_noise > of_signal ? over_noise : of_signal;
    double error_cycles = 0;
    const float strength = line_strength(gate, b, least, &error_cycles);
    if (strength > least && strength > 0) {
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
            gate->peak_rate_cps = (float)(gate->chip_rate_cps +
                                          2 * error_cycles * gate->rate_sps / (double)gate->block);
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
        const float noise = noise_power(gate, b / GATE_GROUP);
        /* Only the first block of a group may need another noise figure. */
        do {
            if (gate->n_decided++ >= GATE_WINDOW - 1 &&
                decide(gate, gate->n_decided - 1, noise, candidate))
                return true;
        } while (gate->n_decided % GATE_GROUP != 0);
    }
    if (last && gate->in_run) {
        end_run(gate, candidate);
        return true;
    }
    return false;
}
