/* SPDX-License-Identifier: MIT */
#include "apps/receiver/channel_receiver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/receiver/channel_receiver_parts.h"

enum {
    FIT_CHIPS = 256,       /* that tell shape and index, at most: as many as there are by then */
    NEXT_BURST_CHIPS = 48, /* before the end of a burst the next may begin and be heard */
    LOOK_AHEAD = 1,        /* chips behind the last one: half of it counts, noise behind it harms */
};

const void *channel_of(const struct channel_receiver *c, double offset_hz)
{
    if (c->row->raster_hz <= 0)
        return c;
    const double step = floor(offset_hz / c->row->raster_hz) + RASTER_CHANNELS / 2.0;
    return &c->raster[(size_t)fmax(0, fmin(RASTER_CHANNELS - 1, step))];
}

/* ---- set-up ------------------------------------------------------------------------------- */

static struct training training_of(const struct radio_channel *row)
{
    return (struct training){ .chips = row->training, .n = row->training_chips };
}

void channel_receiver_close(struct channel_receiver *c)
{
    if (!c)
        return;
    preamble_search_close(c->search);
    fsk_demod_deinit(&c->demod);
    free(c);
}

struct channel_receiver *channel_receiver_open(struct receiver_shared *shared,
                                               const struct iq_stream *stream,
                                               const struct channel_choice *choice)
{
    const struct radio_channel *row = choice->row;
    struct channel_receiver *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    const double center_hz = choice->frequency_hz - stream->center_hz;
    c->shared = shared;
    c->stream = stream;
    c->row = row;
    c->frequency_hz = choice->frequency_hz;
    c->modes = choice->modes;
    c->first_chips = framer_first_chips(row);
    const struct preamble_search_config search = { .sample_rate_sps = stream->sample_rate_sps,
                                                   .center_hz = center_hz,
                                                   .row = row,
                                                   .watch = &shared->stages,
                                                   .activity = stream->activity };
    c->search = preamble_search_open(&search, shared->kernels);
    struct fsk_demod_config demod = { .sample_rate_sps = stream->sample_rate_sps,
                                      .channel_hz = center_hz,
                                      .chip_rate_cps = row->chip_rate_cps,
                                      .deviation_hz = row->deviation_hz,
                                      .manchester =
                                          radio_modes[row->first_mode].line == LINE_MANCHESTER,
                                      .training = training_of(row) };
    radio_channel_deviations(row, &demod.deviation_min_hz, &demod.deviation_max_hz);
    if (c->search && fsk_demod_init(&c->demod, &demod, shared->kernels))
        return c;
    channel_receiver_close(c);
    return NULL;
}

void channel_receiver_reset(struct channel_receiver *c)
{
    c->n_pending = c->n_waiting = 0;
    preamble_search_reset(c->search, c->stream->start);
}

/* ---- bursts ------------------------------------------------------------------------------- */

struct iq_span channel_span(const struct channel_receiver *c, double first, double last)
{
    return iq_stream_span(c->stream, first, last);
}

struct iq_span channel_burst_span(const struct channel_receiver *c, const struct fsk_burst *burst,
                                  size_t n_chips)
{
    return channel_span(c, burst->first_chip - (double)fsk_demod_before(&c->demod),
                        burst->first_chip + (double)n_chips * 1.02 * burst->chip_samples +
                            (double)fsk_demod_after(&c->demod));
}

static void set_due(const struct channel_receiver *c, struct waiting *w, size_t n_chips)
{
    w->n_chips = n_chips + LOOK_AHEAD;
    w->due_sample =
        (uint64_t)(w->burst.first_chip + (double)w->n_chips * 1.01 * w->burst.chip_samples) +
        fsk_demod_after(&c->demod);
    /* For as long again: a burst makes its own power usual, and one that answers it is hidden. */
    const double length = (double)w->n_chips * w->burst.chip_samples;
    preamble_search_stay_awake(c->search, w->due_sample + (uint64_t)length);
}

/* Demodulates a->burst and reads it. */
static enum decode_status try_burst(struct channel_receiver *c, const struct waiting *w,
                                    bool thorough, struct attempt *a)
{
    channel_turn(c, STAGE_DEMOD);
    const struct iq_span span = channel_burst_span(c, &a->burst, w->n_chips);
    struct chip_span chips;
    a->n_chips = w->n_chips;
    fsk_demod_chips(&c->demod, &span, &a->burst, w->n_chips, thorough, w->noise_density, &chips,
                    &a->result);
    channel_turn(c, STAGE_FRAMER);
    const enum decode_status status =
        framer_read(&c->framer, c->row, &chips, &a->frame, &a->need_chips);
    a->trace = c->framer.trace;
    return status;
}

/* Is what a quick look gave all that can be had? A telegram is if it needs no mending and is beyond
 * doubt: of such one in 40,000 is wrong at 8 dB, of others that only the quick look takes for right
 * one in 300. First chips that tell more are needed are, unless they told another index than the
 * training sequence, as those of a meter that overshoots do: that is rough then. */
static bool is_clear(const struct waiting *w, const struct attempt *a, enum decode_status status)
{
    static const float beyond_doubt = 14; /* odds, natural logarithm; a strong burst has 15 to 18 */
    static const float another_index = 0.03f;
    switch (status) {
    case DECODE_OK:
        return a->frame.rx.mended == 0 && a->trace.log_odds > beyond_doubt;
    case DECODE_MORE:
        return fabsf(a->burst.h - w->burst.h) < another_index;
    case DECODE_BAD_CODE:
        return w->fitted;
    default:
        return false;
    }
}

/* A quick look, and a thorough one from what it told if that is not clear. */
static enum decode_status look_at_burst(struct channel_receiver *c, const struct waiting *w,
                                        struct attempt *a)
{
    a->burst = w->burst;
    const enum decode_status status = try_burst(c, w, false, a);
    return is_clear(w, a, status) ? status : try_burst(c, w, true, a);
}

/* Measures a burst again without what follows its frame. */
static void measure_frame(struct channel_receiver *c, const struct waiting *w, struct attempt *a)
{
    channel_turn(c, STAGE_DEMOD);
    const struct iq_span span = channel_burst_span(c, &a->burst, a->need_chips);
    struct chip_span chips;
    if (a->need_chips + LOOK_AHEAD < a->n_chips)
        fsk_demod_chips(&c->demod, &span, &a->burst, a->need_chips, false, w->noise_density, &chips,
                        &a->result);
}

/* ---- places of a sync word ------------------------------------------------------------------ */

enum burst_state { BURST_WAITS, BURST_RIGHT, BURST_FAILED };

/* No more chips will make another frame of this place. */
static enum burst_state end_burst(struct channel_receiver *c, struct waiting *w,
                                  enum decode_status status, struct attempt *a)
{
    if (status == DECODE_OK) {
        measure_frame(c, w, a);
        channel_report_frame(c, w, a);
        return BURST_RIGHT;
    }
    const bool is_frame = status == DECODE_BAD_CRC && a->frame.n > 0;
    if (is_frame)
        measure_frame(c, w, a);
    else
        a->frame.n = 0;
    if (w->failed.n_chips == 0 || (is_frame && w->failed.frame.n == 0))
        w->failed = *a;
    return BURST_FAILED;
}

/* Demodulates the chips that are needed now and asks the framer, until it has enough, or has to
 * wait for more samples. */
static enum burst_state run_burst(struct channel_receiver *c, struct waiting *w, bool last)
{
    while (w->n_chips <= CPFSK_MAX_CHIPS) {
        struct attempt a = { .need_chips = 0 };
        const enum decode_status status = look_at_burst(c, w, &a);
        if (status == DECODE_MORE && a.need_chips + LOOK_AHEAD > w->n_chips) {
            w->burst = a.burst; /* carrier and index as the first chips tell them */
            set_due(c, w, a.need_chips);
            if (!last && w->due_sample > sample_ring_end(c->stream->ring))
                return BURST_WAITS;
        } else if (status != DECODE_OK && !w->fitted) {
            /* A better hypothesis: the pulse that suits the first chips best. */
            channel_turn(c, STAGE_FIT);
            const struct iq_span span = channel_burst_span(c, &w->burst, w->n_chips);
            fsk_demod_fit_pulse(&c->demod, &span, &w->burst, FIT_CHIPS);
            w->fitted = true;
        } else {
            return end_burst(c, w, status, &a);
        }
    }
    return BURST_FAILED;
}

/* Runs a burst, and the other places of its sync word if it fails; only if all do, a frame with
 * wrong CRCs is worth a report. Returns true if w is done with. */
static bool run_places(struct channel_receiver *c, struct waiting *w, bool last)
{
    for (;;) {
        const enum burst_state state = run_burst(c, w, last);
        if (state == BURST_WAITS)
            return false;
        if (state == BURST_FAILED && w->n_others == 0 && w->failed.frame.n > 0)
            channel_report_frame(c, w, &w->failed);
        else if (state == BURST_FAILED && w->n_others == 0)
            channel_report_failed(c, w);
        if (state == BURST_RIGHT || w->n_others == 0)
            return true;
        w->burst = w->others[0];
        w->n_others--;
        memmove(w->others, w->others + 1, w->n_others * sizeof *w->others);
        w->fitted = true; /* not worth it */
        set_due(c, w, c->first_chips);
        if (!last && w->due_sample > sample_ring_end(c->stream->ring))
            return false;
    }
}

/* ---- preambles ---------------------------------------------------------------------------- */

static void find_sync(struct channel_receiver *c, const struct preamble *p)
{
    bool known = false;
    struct waiting w = { .noise_density = p->noise_density, .preamble_first = p->line_first };
    if (!channel_find_sync(c, p, &w, &known)) {
        if (!known)
            channel_report_no_sync(c, p);
        return;
    }
    if (c->n_waiting == MAX_WAITING)
        return;
    c->shared->stats.syncs++;
    set_due(c, &w, c->first_chips);
    c->waiting[c->n_waiting++] = w;
}

/* Takes all preambles that the search has found by now. What seems to be one in the silence behind
 * the end of the source is none. */
static void take_preambles(struct channel_receiver *c, bool last)
{
    const double source_end = (double)sample_ring_source_end(c->shared->recording);
    struct pending p;
    while (preamble_search_next(c->search, last, &p.preamble)) {
        if (iq_stream_recorded(c->stream, p.preamble.line_end) > source_end)
            continue;
        c->shared->stats.bursts++;
        p.due_sample = (uint64_t)(p.preamble.last_place + (double)fsk_demod_after(&c->demod));
        if (c->n_pending < MAX_WAITING)
            c->pending[c->n_pending++] = p;
    }
}

void channel_receiver_tell(struct channel_receiver *c, const struct told_burst *burst)
{
    const struct radio_mode *first = &radio_modes[c->row->first_mode], *mode = burst->mode;
    const double full = (double)sample_ring_full_scale(c->stream->ring) * FIR_UNITY;
    const double chip = c->stream->sample_rate_sps / burst->chip_rate_cps;
    if (mode < first || mode >= first + c->row->n_modes || c->n_pending == MAX_WAITING)
        return;
    const unsigned in_training = mode->sync_chips - radio_mode_rest_of_sync(c->row, mode);
    const double first_sync = iq_stream_heard(c->stream, burst->first_sync_sample);
    const double place = first_sync + in_training * chip;
    const double from_row_hz = mode->frequency_hz - c->row->frequency_hz;
    struct pending *p = &c->pending[c->n_pending++];
    *p = (struct pending){ .due_sample = (uint64_t)place + fsk_demod_after(&c->demod) };
    p->preamble.scans[p->preamble.n_scans++] = (struct fsk_scan){
        .first = place, .n = 1, .chip_samples = chip, .offset_hz = burst->offset_hz + from_row_hz
    };
    p->preamble.line_first = place - c->row->training_chips * chip;
    p->preamble.line_end = first_sync;
    p->preamble.last_place = place;
    p->preamble.noise_density = burst->noise_density * full * full;
}

/* Is more heard in the preamble than the transmission around it, which came out right? */
static bool somebody_else(struct channel_receiver *c, const struct transmission *around,
                          const struct preamble *p)
{
    static const double least_ratio = 1.5; /* both as strong: 2, but for noise */
    const struct iq_span span = channel_span(c, p->line_first - (double)fsk_demod_before(&c->demod),
                                             p->line_end + (double)fsk_demod_after(&c->demod));
    return fsk_demod_power(&c->demod, &span, p->line_first, p->line_end, around->offset_hz) >
           least_ratio * around->power;
}

/* Inside of a burst its data looks like a preamble now and then. A preamble there waits for what
 * becomes of the burst: if that is right, only somebody who is not much weaker can be heard beside
 * it. */
enum preamble_state { PREAMBLE_DUE, PREAMBLE_WAITS, PREAMBLE_IS_DATA };

static enum preamble_state preamble_state(struct channel_receiver *c, const struct pending *p,
                                          bool last)
{
    const double chip = c->stream->sample_rate_sps / c->row->chip_rate_cps;
    const double first = p->preamble.line_first;
    const double end = p->preamble.line_end + NEXT_BURST_CHIPS * chip;
    const void *channel = channel_of(c, p->preamble.scans[0].offset_hz);
    const struct transmission *around = transmissions_cover(&c->shared->transmissions, channel,
                                                            iq_stream_recorded(c->stream, first),
                                                            iq_stream_recorded(c->stream, end));
    if (around && !somebody_else(c, around, &p->preamble))
        return PREAMBLE_IS_DATA;
    for (size_t k = 0; k < c->n_waiting; k++) {
        const struct waiting *w = &c->waiting[k];
        const double last_chip = w->burst.first_chip + (double)w->n_chips * w->burst.chip_samples;
        if (w->burst.first_chip < first && end < last_chip &&
            channel_of(c, w->burst.offset_hz) == channel)
            return PREAMBLE_WAITS;
    }
    return last || p->due_sample <= sample_ring_end(c->stream->ring) ? PREAMBLE_DUE
                                                                     : PREAMBLE_WAITS;
}

static void run_waiting(struct channel_receiver *c, bool last)
{
    const uint64_t end = sample_ring_end(c->stream->ring);
    size_t kept = 0;
    for (size_t k = 0; k < c->n_waiting; k++) {
        struct waiting w = c->waiting[k];
        if ((!last && w.due_sample > end) || !run_places(c, &w, last))
            c->waiting[kept++] = w;
    }
    c->n_waiting = kept;
}

/* Works on all that has its samples by now; bursts before preambles, which may lie inside of one.
 */
static void run_due(struct channel_receiver *c, bool last)
{
    size_t kept = 0;
    run_waiting(c, last);
    for (size_t k = 0; k < c->n_pending; k++) {
        switch (preamble_state(c, &c->pending[k], last)) {
        case PREAMBLE_DUE:
            find_sync(c, &c->pending[k].preamble);
            run_waiting(c, last);
            break;
        case PREAMBLE_WAITS:
            c->pending[kept++] = c->pending[k];
            break;
        case PREAMBLE_IS_DATA:
            break;
        }
    }
    c->n_pending = kept;
}

/* ---- samples ------------------------------------------------------------------------------ */

bool channel_receiver_is_idle(const struct channel_receiver *c)
{
    return c->n_pending == 0 && c->n_waiting == 0 && preamble_search_sleeps(c->search);
}

void channel_receiver_run(struct channel_receiver *c, bool last)
{
    while (preamble_search_run(c->search, c->stream->ring)) {
        take_preambles(c, false);
        run_due(c, false);
    }
    /* Bursts come to their end while the search sleeps. */
    take_preambles(c, false);
    run_due(c, false);
    if (!last)
        return;
    take_preambles(c, true);
    do
        run_due(c, true);
    while (c->n_pending > 0);
}
