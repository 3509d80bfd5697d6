/* SPDX-License-Identifier: MIT */
#include "apps/receiver/preamble_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/receiver/preamble_search_parts.h"
#include "base/array_len.h"

/* The first that suits a channel is taken; the last one suits all. */
static const struct preamble_gate *const gates[] = { &preamble_by_sync, &preamble_by_tones,
                                                     &preamble_by_line };

/* So much of the recording at either edge is the tuner's filter. */
static const double edge_share = 0.02;

/* ---- set-up ------------------------------------------------------------------------------- */

static const struct preamble_gate *gate_for(const struct radio_channel *row)
{
    size_t k = 0;
    while (k + 1 < ARRAY_LEN(gates) && !gates[k]->suits(row))
        k++;
    return gates[k];
}

bool preamble_search_is_costly(const struct radio_channel *row)
{
    return gate_for(row)->costly;
}

static double edge_hz(const struct preamble_search_config *config)
{
    return (0.5 - edge_share) * config->sample_rate_sps;
}

double preamble_low_hz(const struct preamble_search_config *config)
{
    return fmax(-config->row->pass_hz, -edge_hz(config) - config->center_hz);
}

double preamble_high_hz(const struct preamble_search_config *config)
{
    return fmin(config->row->pass_hz, edge_hz(config) - config->center_hz);
}

static void init_channel(struct preamble_search *s, const struct kernels *kernels)
{
    const struct radio_channel *row = s->config.row;
    channel_init(&s->channel,
                 &(struct channel_config){ .sample_rate_sps = s->config.sample_rate_sps,
                                           .center_hz = s->config.center_hz,
                                           .chip_rate_cps = row->chip_rate_cps,
                                           .pass_hz = row->pass_hz,
                                           .stop_db = CHANNEL_STOP_DB },
                 kernels);
}

/* Where the channel's bursts show. Of 3.5 dB next to none is right, if redundant line codes do not
 * help of 5.2 dB. */
static struct activity_band band_of(const struct preamble_search_config *config)
{
    static const double least_ecn0 = 2.2, least_ecn0_nrz = 3.3;
    enum { SHORTEST_FRAME = 12 }; /* bytes, of format A with the fewest fields */
    const struct radio_channel *row = config->row;
    const enum line_code line = radio_modes[row->first_mode].line;
    struct activity_band band = {
        .low_hz = config->center_hz + preamble_low_hz(config) - row->chip_rate_cps / 2,
        .high_hz = config->center_hz + preamble_high_hz(config) + row->chip_rate_cps / 2,
        .chip_rate_cps = row->chip_rate_cps,
        .least_ecn0 = line == LINE_NRZ ? least_ecn0_nrz : least_ecn0,
        .burst_chips = row->preamble_chips + radio_modes[row->first_mode].sync_chips +
                       SHORTEST_FRAME * line_code_byte_chips(line),
    };
    radio_channel_deviations(row, &band.deviation_min_hz, &band.deviation_max_hz);
    return band;
}

static void watch_band(struct preamble_search *s)
{
    const struct activity_band band = band_of(&s->config);
    if (!s->config.activity)
        return;
    s->band = activity_add_band(s->config.activity, &band);
    s->lead = activity_delay(s->config.activity, s->band) + (s->gate->first_groups + 1) * s->hop;
    s->tail = activity_delay(s->config.activity, s->band) / 4 + s->hop;
}

void preamble_search_close(struct preamble_search *s)
{
    if (!s)
        return;
    s->gate->deinit(s);
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
    s->gate = gate_for(config->row);
    init_channel(s, kernels);
    const bool ok = s->gate->init(s, kernels);
    s->hop = s->group * s->channel.decimation;
    watch_band(s);
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
static void start(struct preamble_search *s, uint64_t first_sample, bool wakes)
{
    const uint64_t first_hop = (first_sample + s->hop - 1) / s->hop;
    s->next_sample = first_hop * s->hop;
    s->asleep = false;
    memset(s->hop_i, 0, (s->group + s->history) * sizeof *s->hop_i);
    memset(s->hop_q, 0, (s->group + s->history) * sizeof *s->hop_q);
    s->gate->reset(s, first_hop, wakes);
}

void preamble_search_reset(struct preamble_search *s, uint64_t first_sample)
{
    s->heard_until = first_sample;
    start(s, first_sample, false);
}

void preamble_search_stay_awake(struct preamble_search *s, uint64_t until)
{
    s->heard_until = until > s->heard_until ? until : s->heard_until;
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

/* Sample up to which there is something on the air, as far as it came by now. */
static uint64_t on_air_until(const struct preamble_search *s, const struct sample_ring *ring)
{
    const uint64_t active = activity_until(s->config.activity, s->band);
    const uint64_t end = sample_ring_end(ring);
    const uint64_t heard = s->heard_until < end ? s->heard_until : end;
    return active > heard ? active : heard;
}

/* A search falls asleep when nothing is on the air any more, and wakes up at the next activity with
 * what was before it, from which it learns the noise. */
static bool sleeps(struct preamble_search *s, const struct sample_ring *ring)
{
    if (!s->config.activity)
        return false;
    const uint64_t until = on_air_until(s, ring);
    if (!s->asleep) {
        s->asleep = s->next_sample > until + s->tail;
        s->slept_at = until;
    } else if (until > s->slept_at) {
        s->asleep = false;
        if (until > s->next_sample + s->lead)
            start(s, until - s->lead, true);
    }
    return s->asleep;
}

bool preamble_search_sleeps(const struct preamble_search *s)
{
    return s->asleep || !s->config.activity;
}

bool preamble_search_run(struct preamble_search *s, const struct sample_ring *ring)
{
    if (sleeps(s, ring) || s->next_sample + s->hop > sample_ring_end(ring))
        return false;
    memmove(s->hop_i, s->hop_i + s->group, s->history * sizeof *s->hop_i);
    memmove(s->hop_q, s->hop_q + s->group, s->history * sizeof *s->hop_q);
    stage_turn(s->config.watch, STAGE_FILTER, s->config.row->name);
    filter_hop(s, ring);
    s->next_sample += s->hop;
    stage_turn(s->config.watch, STAGE_GATE, s->config.row->name);
    s->gate->push(s, s->hop_i + s->history, s->hop_q + s->history);
    return true;
}

/* ---- places ------------------------------------------------------------------------------- */

double preamble_stream_sample(const struct preamble_search *s, double n)
{
    return n * (double)s->channel.decimation + (double)s->channel.decimation -
           (double)s->channel.fir.n_taps + (double)(s->channel.fir.n_taps - 1) / 2;
}

void preamble_add_scan(const struct preamble_search *s, struct preamble *preamble, double from,
                       double to, double end_of_one, double chip_rate_cps,
                       const struct fsk_scan *scan)
{
    const double chip = s->channel.rate_sps / chip_rate_cps;
    const double first = end_of_one + 2 * chip * ceil((from - end_of_one) / (2 * chip));
    if (preamble->n_scans == PREAMBLE_MAX_SCANS)
        return;
    struct fsk_scan *added = &preamble->scans[preamble->n_scans++];
    *added = *scan;
    added->first = preamble_stream_sample(s, first);
    added->n = (size_t)((to - first) / (2 * chip)) + 1;
    added->chip_samples = s->config.sample_rate_sps / chip_rate_cps;
}

bool preamble_search_next(struct preamble_search *s, bool last, struct preamble *preamble)
{
    preamble->n_scans = 0;
    return s->gate->next(s, last || s->asleep, preamble);
}
