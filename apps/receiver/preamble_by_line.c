/* SPDX-License-Identifier: MIT
 * Preambles by the line that the product of a sample and one half a chip before has. */
#include <math.h>

#include "apps/receiver/preamble_search_parts.h"
#include "dsp/math_const.h"

/* A search that wakes up learns the noise from so many groups. */
enum { WOKEN_GROUPS = 4 };

static bool suits(const struct radio_channel *row)
{
    (void)row;
    return true;
}

static bool init(struct preamble_search *s, const struct kernels *kernels)
{
    struct burst_gate *gate = &s->by.line;
    burst_gate_init(gate, s->channel.rate_sps, s->config.row->chip_rate_cps, kernels);
    s->group = burst_gate_group(gate);
    s->history = gate->delay;
    return true;
}

static void deinit(struct preamble_search *s)
{
    (void)s;
}

static void reset(struct preamble_search *s, uint64_t first_hop, bool wakes)
{
    burst_gate_reset(&s->by.line, first_hop * GATE_GROUP, wakes ? WOKEN_GROUPS : GATE_FIRST_GROUPS);
}

static void push(struct preamble_search *s, const float *i, const float *q)
{
    burst_gate_push(&s->by.line, i, q);
}

/* The line of the preamble tells the boundaries of its chips, and the carrier offset up to half a
 * turn over the delay of the gate, with which the chips change places: a scan at each offset that
 * is possible, the least first. In noise the window in which the line is strongest may reach three
 * blocks beyond the training sequence, as the sync words of C begin like a preamble and data may go
 * on so, or end as many before its end. */
static void places_of_burst(const struct preamble_search *s, const struct burst_candidate *c,
                            struct preamble *preamble)
{
    const double delay = (double)s->by.line.delay, rate = (double)c->chip_rate_cps;
    const double chip = s->channel.rate_sps / rate;
    const double half_turn_hz = 0.5 * s->channel.rate_sps / delay;
    const double from_hz =
        (double)c->turn_rad / PI * half_turn_hz - s->channel.rotation_cycles * s->channel.rate_sps;
    const double end_of_one = c->one_center + (chip - delay) / 2;
    const double reach = 3 * GATE_BLOCK_CHIPS * chip;
    const double from = (double)c->peak_end - reach, to = (double)c->line_end + reach;
    const double pass_hz = s->config.row->pass_hz;
    const int least = (int)lrint(-from_hz / half_turn_hz);
    const int other_side = from_hz + least * half_turn_hz > 0 ? -1 : 1;
    for (int k = 0;; k++) {
        const int turn = least + (k & 1 ? other_side : -other_side) * ((k + 1) / 2);
        const struct fsk_scan scan = { .offset_hz = from_hz + turn * half_turn_hz };
        if (!(fabs(scan.offset_hz) <= pass_hz))
            break;
        preamble_add_scan(s, preamble, from, to, end_of_one + (turn & 1) * chip, rate, &scan);
    }
    preamble->line_first =
        preamble_stream_sample(s, (double)c->peak_end - GATE_WINDOW * GATE_BLOCK_CHIPS * chip);
    preamble->line_end = preamble_stream_sample(s, (double)c->line_end);
    preamble->last_place = preamble_stream_sample(s, to) + (double)s->channel.fir.n_taps;
    preamble->noise_density = (double)c->noise_power / s->channel.noise_bandwidth_hz;
}

static bool next(struct preamble_search *s, bool last, struct preamble *preamble)
{
    struct burst_candidate candidate;
    if (!burst_gate_next(&s->by.line, last, &candidate))
        return false;
    places_of_burst(s, &candidate, preamble);
    return true;
}

const struct preamble_gate preamble_by_line = {
    suits, init, deinit, reset, push, next, WOKEN_GROUPS, false,
};
