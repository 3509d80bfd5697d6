/* SPDX-License-Identifier: MIT */
#include "apps/receiver/preamble_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/burst_gate.h"
#include "dsp/channel.h"
#include "dsp/math_const.h"
#include "dsp/sync_gate.h"
#include "dsp/tone_gate.h"

/* So much of the recording at either edge is the tuner's filter. */
static const double edge_share = 0.02;
/* Tones that lie so many chip rates apart are found one by one. */
static const double min_index_of_tones = 1.7;
/* Chips of a preamble that are looked at: more would blur the line of a clock that is off. */
static const unsigned most_window_chips = 60;
/* A preamble of fewer chips shows no line: it is found together with its sync word. */
enum { MIN_PREAMBLE_CHIPS = 24 };
/* Power of a sample: a 500th of a step of 8 bits. */
static const double silence_power = 1e6;

enum gate { GATE_LINE, GATE_TONES, GATE_SYNC };

struct preamble_search {
    struct preamble_search_config config;
    struct channel channel;
    enum gate by;
    struct burst_gate line;
    struct tone_gate tones;
    struct sync_gate sync;
    size_t group, history; /* samples of the channel taken at once, and those before them */
    size_t hop;            /* input samples taken at once */
    uint64_t next_sample;  /* of the stream: start of the next hop */
    float *hop_i, *hop_q;  /* one hop, with the gate's history in front */
    int16_t *hop_iq;
};

/* ---- set-up ------------------------------------------------------------------------------- */

static void init_channel(struct preamble_search *s, const struct kernels *kernels)
{
    const struct radio_channel *row = s->config.row;
    channel_init(&s->channel,
                 &(struct channel_config){ .sample_rate_sps = s->config.sample_rate_sps,
                                           .center_hz = s->config.center_hz,
                                           .chip_rate_cps = row->chip_rate_cps,
                                           .pass_hz = row->pass_hz,
                                           .stop_db = 33 },
                 kernels);
}

static enum gate gate_for(const struct radio_channel *row)
{
    if (radio_channel_preamble_chips(row) < MIN_PREAMBLE_CHIPS)
        return GATE_SYNC;
    return 2 * row->deviation_hz > min_index_of_tones * row->chip_rate_cps ? GATE_TONES : GATE_LINE;
}

static bool init_line(struct preamble_search *s, const struct kernels *kernels)
{
    burst_gate_init(&s->line, s->channel.rate_sps, s->config.row->chip_rate_cps, kernels);
    s->group = burst_gate_group(&s->line);
    s->history = s->line.delay;
    return true;
}

static bool init_tones(struct preamble_search *s, const struct kernels *kernels)
{
    const struct radio_channel *row = s->config.row;
    const unsigned window_chips =
        row->preamble_chips < most_window_chips ? row->preamble_chips : most_window_chips;
    const double edge_hz = (0.5 - edge_share) * s->config.sample_rate_sps;
    double least_hz, most_hz;
    radio_channel_deviations(row, &least_hz, &most_hz);
    const struct tone_gate_config config = {
        .rate_sps = s->channel.rate_sps,
        .chip_rate_cps = row->chip_rate_cps,
        .rotation_cycles = s->channel.rotation_cycles,
        .low_hz = fmax(-row->pass_hz, -edge_hz - s->config.center_hz),
        .high_hz = fmin(row->pass_hz, edge_hz - s->config.center_hz),
        .band_hz = row->raster_hz,
        .deviation_min_hz = least_hz,
        .deviation_max_hz = most_hz,
        .silence_power = silence_power,
        .window_chips = window_chips,
    };
    const bool ok = tone_gate_init(&s->tones, &config, kernels);
    s->group = s->tones.spectra.group_samples;
    s->history = s->tones.spectra.window_samples;
    return ok;
}

static bool init_sync(struct preamble_search *s)
{
    const struct radio_channel *row = s->config.row;
    struct sync_gate_config config = {
        .rate_sps = s->channel.rate_sps,
        .chip_rate_cps = row->chip_rate_cps,
        .rotation_cycles = s->channel.rotation_cycles,
        .low_hz = -row->pass_hz,
        .high_hz = row->pass_hz,
        .band_hz = row->raster_hz,
        .silence_power = silence_power,
        .training = { .chips = row->training, .n = row->training_chips },
    };
    radio_channel_deviations(row, &config.deviation_min_hz, &config.deviation_max_hz);
    config.tail.n = radio_channel_tail(row, &config.tail.chips);
    const bool ok = sync_gate_init(&s->sync, &config);
    s->group = s->sync.group_samples;
    s->history = s->sync.window_samples;
    return ok;
}

static bool init_gate(struct preamble_search *s, const struct kernels *kernels)
{
    switch (s->by) {
    case GATE_LINE:
        return init_line(s, kernels);
    case GATE_TONES:
        return init_tones(s, kernels);
    case GATE_SYNC:
        return init_sync(s);
    }
    return false;
}

void preamble_search_close(struct preamble_search *s)
{
    if (!s)
        return;
    tone_gate_deinit(&s->tones);
    sync_gate_deinit(&s->sync);
    free(s->hop_i);
    free(s->hop_q);
    free(s->hop_iq);
    free(s);
}

struct preamble_search *preamble_search_open(const struct preamble_search_config *config,
                                             const struct kernels *kernels)
{
    struct preamble_search *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->config = *config;
    s->by = gate_for(config->row);
    init_channel(s, kernels);
    const bool ok = init_gate(s, kernels);
    s->hop = s->group * s->channel.decimation;
    s->hop_i = calloc(s->group + s->history, sizeof *s->hop_i);
    s->hop_q = calloc(s->group + s->history, sizeof *s->hop_q);
    s->hop_iq = calloc(2 * (s->hop + channel_history(&s->channel)), sizeof *s->hop_iq);
    if (ok && s->hop_i && s->hop_q && s->hop_iq)
        return s;
    preamble_search_close(s);
    return NULL;
}

/* Hops lie where they do in a stream without a gap, so that what is found does not depend on where
 * it begins. */
void preamble_search_reset(struct preamble_search *s, uint64_t first_sample)
{
    const uint64_t first_hop = (first_sample + s->hop - 1) / s->hop;
    s->next_sample = first_hop * s->hop;
    memset(s->hop_i, 0, (s->group + s->history) * sizeof *s->hop_i);
    memset(s->hop_q, 0, (s->group + s->history) * sizeof *s->hop_q);
    switch (s->by) {
    case GATE_LINE:
        burst_gate_reset(&s->line, first_hop * GATE_GROUP);
        break;
    case GATE_TONES:
        tone_gate_reset(&s->tones, first_hop * TONE_GROUP);
        break;
    case GATE_SYNC:
        sync_gate_reset(&s->sync, first_hop);
        break;
    }
}

/* ---- samples ------------------------------------------------------------------------------ */

/* group samples of the channel; zeros for what lies behind the end of the source. */
static void filter_hop(struct preamble_search *s, const struct sample_ring *ring)
{
    const size_t history = channel_history(&s->channel);
    float dc[2], scale, *i = s->hop_i + s->history, *q = s->hop_q + s->history;
    const int64_t first = (int64_t)s->next_sample - (int64_t)history;
    const void *iq = sample_ring_view(ring, first, s->hop + history, s->hop_iq);
    if (sample_ring_bytes(ring, dc, &scale))
        channel_push_bytes(&s->channel, iq, dc, scale, s->group, i, q);
    else
        channel_push(&s->channel, iq, s->group, i, q);
    const int64_t rest = (int64_t)sample_ring_source_end(ring) - first;
    const size_t n = rest > 0 ? (size_t)rest / s->channel.decimation + 1 : 0;
    for (size_t m = n; m < s->group; m++)
        i[m] = q[m] = 0;
}

static void push_hop(struct preamble_search *s, const float *i, const float *q)
{
    switch (s->by) {
    case GATE_LINE:
        burst_gate_push(&s->line, i, q);
        break;
    case GATE_TONES:
        tone_gate_push(&s->tones, i, q);
        break;
    case GATE_SYNC:
        sync_gate_push(&s->sync, i, q);
        break;
    }
}

bool preamble_search_run(struct preamble_search *s, const struct sample_ring *ring)
{
    if (s->next_sample + s->hop > sample_ring_end(ring))
        return false;
    memmove(s->hop_i, s->hop_i + s->group, s->history * sizeof *s->hop_i);
    memmove(s->hop_q, s->hop_q + s->group, s->history * sizeof *s->hop_q);
    stage_turn(s->config.watch, STAGE_FILTER, s->config.row->name);
    filter_hop(s, ring);
    s->next_sample += s->hop;
    stage_turn(s->config.watch, STAGE_GATE, s->config.row->name);
    push_hop(s, s->hop_i + s->history, s->hop_q + s->history);
    return true;
}

/* ---- places ------------------------------------------------------------------------------- */

/* Sample of the stream that channel sample n is the centre of. */
static double stream_sample(const struct preamble_search *s, double n)
{
    return n * (double)s->channel.decimation + (double)s->channel.decimation -
           (double)s->channel.fir.n_taps + (double)(s->channel.fir.n_taps - 1) / 2;
}

/* Places where the training sequence may end, between two samples of the channel: an even number of
 * chips behind the end of a chip 1. */
static void add_scan(const struct preamble_search *s, struct preamble *preamble, double from,
                     double to, double end_of_one, double chip_rate_cps,
                     const struct fsk_scan *scan)
{
    const double chip = s->channel.rate_sps / chip_rate_cps;
    const double first = end_of_one + 2 * chip * ceil((from - end_of_one) / (2 * chip));
    if (preamble->n_scans == PREAMBLE_MAX_SCANS)
        return;
    struct fsk_scan *added = &preamble->scans[preamble->n_scans++];
    *added = *scan;
    added->first = stream_sample(s, first);
    added->n = (size_t)((to - first) / (2 * chip)) + 1;
    added->chip_samples = s->config.sample_rate_sps / chip_rate_cps;
}

/* The line of the preamble tells the boundaries of its chips, and the carrier offset up to half a
 * turn over the delay of the gate, with which the chips change places: a scan at each offset that
 * is possible. The window in which the line is strongest may reach a block beyond the preamble; the
 * sync word follows, and as much uncertainty again. */
static void places_of_burst(const struct preamble_search *s, const struct burst_candidate *c,
                            struct preamble *preamble)
{
    const double delay = (double)s->line.delay, rate = (double)c->chip_rate_cps;
    const double chip = s->channel.rate_sps / rate;
    const double half_turn_hz = 0.5 * s->channel.rate_sps / delay;
    const double from_hz =
        (double)c->turn_rad / PI * half_turn_hz - s->channel.rotation_cycles * s->channel.rate_sps;
    const double end_of_one = c->one_center + (chip - delay) / 2;
    const double from = (double)c->peak_end - GATE_BLOCK_CHIPS * chip;
    const double to = (double)c->line_end + 4 * GATE_BLOCK_CHIPS * chip;
    const double pass_hz = s->config.row->pass_hz;
    const int least = (int)ceil((-pass_hz - from_hz) / half_turn_hz);
    for (int turn = least; from_hz + turn * half_turn_hz <= pass_hz; turn++) {
        const struct fsk_scan scan = { .offset_hz = from_hz + turn * half_turn_hz };
        add_scan(s, preamble, from, to, end_of_one + (turn & 1) * chip, rate, &scan);
    }
    preamble->line_first =
        stream_sample(s, (double)c->peak_end - GATE_WINDOW * GATE_BLOCK_CHIPS * chip);
    preamble->line_end = stream_sample(s, (double)c->line_end);
    preamble->last_place = stream_sample(s, to) + (double)s->channel.fir.n_taps;
    preamble->noise_density = (double)c->noise_power / s->channel.noise_bandwidth_hz;
}

/* The tones of the preamble tell carrier and deviation, and where it ends within a window's
 * quarter.
 */
static void places_of_tones(const struct preamble_search *s, const struct tone_candidate *c,
                            struct preamble *preamble)
{
    /* Chips that the end of the line may be wrong by; the sync word looks a little like a preamble.
     */
    const double early = 8 + s->tones.config.window_chips / 2.0, late = 18;
    const double chip = s->channel.rate_sps / c->chip_rate_cps;
    const unsigned sync =
        s->config.row->training_chips - radio_channel_preamble_chips(s->config.row);
    const double from = c->line_end + ((double)sync - early) * chip;
    const double to = c->line_end + ((double)sync + late) * chip;
    const struct fsk_scan scan = { .offset_hz = c->offset_hz,
                                   .h = (float)(2 * c->deviation_hz / c->chip_rate_cps),
                                   .by_tones = true };
    add_scan(s, preamble, from, to, c->one_center + chip / 2, c->chip_rate_cps, &scan);
    preamble->line_first =
        stream_sample(s, c->line_end - (double)s->tones.config.window_chips * chip);
    preamble->line_end = stream_sample(s, c->line_end);
    preamble->last_place = stream_sample(s, to) + (double)s->channel.fir.n_taps;
    preamble->noise_density = c->noise_density;
}

/* One place. */
static void place_of_sync(const struct preamble_search *s, const struct sync_candidate *c,
                          struct preamble *preamble)
{
    const double chip = s->channel.rate_sps / s->config.row->chip_rate_cps;
    preamble->scans[preamble->n_scans++] = (struct fsk_scan){
        .first = stream_sample(s, c->end),
        .n = 1,
        .chip_samples = s->config.sample_rate_sps / s->config.row->chip_rate_cps,
        .offset_hz = c->offset_hz,
        .h = (float)(2 * c->deviation_hz / s->config.row->chip_rate_cps),
        .by_tones = true,
    };
    preamble->line_first = stream_sample(s, c->end - (double)s->config.row->training_chips * chip);
    preamble->line_end = preamble->last_place = stream_sample(s, c->end);
    preamble->noise_density = c->noise_density;
}

bool preamble_search_next(struct preamble_search *s, bool last, struct preamble *preamble)
{
    struct burst_candidate line;
    struct tone_candidate tones;
    struct sync_candidate sync;
    preamble->n_scans = 0;
    switch (s->by) {
    case GATE_LINE:
        if (burst_gate_next(&s->line, last, &line)) {
            places_of_burst(s, &line, preamble);
            return true;
        }
        break;
    case GATE_TONES:
        if (tone_gate_next(&s->tones, last, &tones)) {
            places_of_tones(s, &tones, preamble);
            return true;
        }
        break;
    case GATE_SYNC:
        if (sync_gate_next(&s->sync, last, &sync)) {
            place_of_sync(s, &sync, preamble);
            return true;
        }
        break;
    }
    return false;
}
