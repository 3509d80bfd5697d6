/* SPDX-License-Identifier: MIT
 * Preambles by their two tones, which take turns. */
#include <math.h>

#include "apps/receiver/preamble_search_parts.h"

/* Tones that lie so many chip rates apart are found one by one. */
static const double min_index = 1.7;
/* Chips of a preamble that are looked at: more would blur the line of a clock that is off. */
static const unsigned most_window_chips = 60;
/* By how much a tone is told wrong, in chip rates: at 5.5 dB 0.12 rms, more than this is rare. */
static const double tone_reach = 0.3;

static bool suits(const struct radio_channel *row)
{
    return 2 * row->deviation_hz > min_index * row->chip_rate_cps;
}

static bool init(struct preamble_search *s, const struct kernels *kernels)
{
    const struct radio_channel *row = s->config.row;
    struct tone_gate *gate = &s->by.tones;
    double least_hz, most_hz;
    radio_channel_deviations(row, &least_hz, &most_hz);
    const struct tone_gate_config config = {
        .rate_sps = s->channel.rate_sps,
        .chip_rate_cps = row->chip_rate_cps,
        .rotation_cycles = s->channel.rotation_cycles,
        .low_hz = preamble_low_hz(&s->config),
        .high_hz = preamble_high_hz(&s->config),
        .band_hz = row->raster_hz,
        .deviation_min_hz = least_hz,
        .deviation_max_hz = most_hz,
        .silence_power = preamble_silence,
        .window_chips =
            row->preamble_chips < most_window_chips ? row->preamble_chips : most_window_chips,
    };
    const bool ok = tone_gate_init(gate, &config, kernels);
    s->group = gate->spectra.group_samples;
    s->history = gate->spectra.window_samples;
    return ok;
}

static void deinit(struct preamble_search *s)
{
    tone_gate_deinit(&s->by.tones);
}

static void reset(struct preamble_search *s, uint64_t first_hop, bool wakes)
{
    (void)wakes;
    tone_gate_reset(&s->by.tones, first_hop * TONE_GROUP);
}

static void push(struct preamble_search *s, const float *i, const float *q)
{
    tone_gate_push(&s->by.tones, i, q);
}

/* The tones of the preamble tell carrier and deviation, and roughly where it ends. */
static void places_of_tones(const struct preamble_search *s, const struct tone_candidate *c,
                            struct preamble *preamble)
{
    /* Chips that the end of the line may be wrong by: in noise that of a long preamble may become
     * weak long before it ends; and the sync word, and data behind it, look a little like one, so
     * that the line may last on, or show only then. */
    const double early = 8 + 0.75 * s->by.tones.config.window_chips, late = 18;
    const double chip = s->channel.rate_sps / c->chip_rate_cps;
    const unsigned sync =
        s->config.row->training_chips - radio_channel_preamble_chips(s->config.row);
    const double from = c->line_end + ((double)sync - early) * chip;
    const double to = c->seen_end + ((double)sync + late) * chip;
    const struct fsk_scan scan = { .offset_hz = c->offset_hz,
                                   .h = (float)(2 * c->deviation_hz / c->chip_rate_cps),
                                   .by_tones = true,
                                   .tone_reach = tone_reach };
    preamble_add_scan(s, preamble, from, to, c->one_center + chip / 2, c->chip_rate_cps, &scan);
    preamble->line_first =
        preamble_stream_sample(s, c->line_end - (double)s->by.tones.config.window_chips * chip);
    preamble->line_end = preamble_stream_sample(s, c->line_end);
    preamble->last_place = preamble_stream_sample(s, to) + (double)s->channel.fir.n_taps;
    preamble->noise_density = c->noise_density;
}

static bool next(struct preamble_search *s, bool last, struct preamble *preamble)
{
    struct tone_candidate candidate;
    if (!tone_gate_next(&s->by.tones, last, &candidate))
        return false;
    places_of_tones(s, &candidate, preamble);
    return true;
}

const struct preamble_gate preamble_by_tones = {
    suits, init, deinit, reset, push, next, 2 * TONE_FIRST_GROUPS, true,
};
