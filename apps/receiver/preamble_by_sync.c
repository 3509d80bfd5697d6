/* SPDX-License-Identifier: MIT
 * Preambles too short to show a line, together with the sync word. */
#include "apps/receiver/preamble_search_parts.h"

enum { TOO_FEW_CHIPS = 23 };

static bool suits(const struct radio_channel *row)
{
    return radio_channel_preamble_chips(row) <= TOO_FEW_CHIPS;
}

static bool init(struct preamble_search *s, const struct kernels *kernels)
{
    const struct radio_channel *row = s->config.row;
    struct sync_gate *gate = &s->by.sync;
    struct sync_gate_config config = {
        .rate_sps = s->channel.rate_sps,
        .chip_rate_cps = row->chip_rate_cps,
        .rotation_cycles = s->channel.rotation_cycles,
        .low_hz = -row->pass_hz,
        .high_hz = row->pass_hz,
        .band_hz = row->raster_hz,
        .silence_power = preamble_silence,
        .training = { .chips = row->training, .n = row->training_chips },
    };
    (void)kernels;
    radio_channel_deviations(row, &config.deviation_min_hz, &config.deviation_max_hz);
    config.tail.n = radio_channel_tail(row, &config.tail.chips);
    const bool ok = sync_gate_init(gate, &config);
    s->group = gate->group_samples;
    s->history = gate->window_samples;
    return ok;
}

static void deinit(struct preamble_search *s)
{
    sync_gate_deinit(&s->by.sync);
}

static void reset(struct preamble_search *s, uint64_t first_hop, bool wakes)
{
    (void)wakes;
    sync_gate_reset(&s->by.sync, first_hop);
}

static void push(struct preamble_search *s, const float *i, const float *q)
{
    sync_gate_push(&s->by.sync, i, q);
}

/* One place. */
static void place_of_sync(const struct preamble_search *s, const struct sync_candidate *c,
                          struct preamble *preamble)
{
    const double chip = s->channel.rate_sps / s->config.row->chip_rate_cps;
    preamble->scans[preamble->n_scans++] = (struct fsk_scan){
        .first = preamble_stream_sample(s, c->end),
        .n = 1,
        .chip_samples = s->config.sample_rate_sps / s->config.row->chip_rate_cps,
        .offset_hz = c->offset_hz,
        .h = (float)(2 * c->deviation_hz / s->config.row->chip_rate_cps),
        .by_tones = true,
    };
    preamble->line_first =
        preamble_stream_sample(s, c->end - (double)s->config.row->training_chips * chip);
    preamble->line_end = preamble->last_place = preamble_stream_sample(s, c->end);
    preamble->noise_density = c->noise_density;
}

static bool next(struct preamble_search *s, bool last, struct preamble *preamble)
{
    struct sync_candidate candidate;
    if (!sync_gate_next(&s->by.sync, last, &candidate))
        return false;
    place_of_sync(s, &candidate, preamble);
    return true;
}

const struct preamble_gate preamble_by_sync = { suits, init, deinit, reset, push, next, 0, true };
