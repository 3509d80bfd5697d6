/* SPDX-License-Identifier: MIT */
#include "apps/receiver/channel_receiver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/receiver/preamble_search.h"
#include "decode/framer.h"
#include "dsp/fsk_demod.h"

enum {
    MAX_WAITING = 64,    /* bursts that wait for their last chip                              */
    MAX_PLACES = 3,      /* of the sync word of one preamble that are fitted                   */
    THOROUGH_PASSES = 3, /* of the demodulator, if one does not suffice */
    FIT_CHIPS = 128,     /* that tell shape and index */
    RASTER_CHANNELS = 16,
    NEXT_BURST_CHIPS = 48, /* before the end of a burst the next may begin and be heard */
    LOOK_AHEAD = 1,        /* chips behind the last one: half of it counts, noise behind it harms */
};

/* A training sequence that explains less of the signal than this is none: noise reaches 0.3, a
 * burst of 4 dB 0.55; and the data of a burst 0.6 of what its own training sequence would reach. */
static const float min_match = 1.11f, min_of_expected = 0.62f;
/* From here on a burst that fails is worth the search for a better pulse. */
static const float good_of_expected = 0.80f;

/* A preamble, until the samples are there in which its sync word may end. */
struct pending {
    struct preamble preamble;
    uint64_t due_sample; /* of the stream */
};

/* What the demodulator and the framer make of a burst now. */
struct attempt {
    struct fsk_burst burst;
    struct fsk_result result;
    size_t n_chips; /* asked for */
    struct frame frame;
    struct framer_trace trace;
    size_t need_chips; /* that the frame takes of them, or needs to be one */
};

/* A burst whose sync word was found, until its last chip is there. */
struct waiting {
    struct fsk_burst burst;
    struct fsk_burst others[MAX_PLACES - 1]; /* places of the sync word to try if this is none */
    size_t n_others;
    bool fitted;           /* to its first chips, or not worth it */
    struct attempt failed; /* of the places so far the first that held a frame, or just the first */
    double preamble_first; /* sample of the stream */
    double noise_density;
    size_t n_chips;      /* that are needed next */
    uint64_t due_sample; /* of the stream        */
};

struct channel_receiver {
    struct receiver_shared *shared;
    const struct iq_stream *stream;
    const struct radio_channel *row;
    double frequency_hz;
    unsigned modes; /* of the row that are wanted, see radio_modes_parse */
    struct preamble_search *search;
    struct fsk_demod demod;
    struct framer framer;
    size_t first_chips; /* that tell what a burst is                            */
    struct pending pending[MAX_WAITING];
    size_t n_pending;
    struct waiting waiting[MAX_WAITING];
    size_t n_waiting;
    char raster[RASTER_CHANNELS]; /* whose addresses stand for the channels of the row */
};

/* The channel that a carrier, given from the middle of the row, belongs to. */
static const void *channel_of(const struct channel_receiver *c, double offset_hz)
{
    if (c->row->raster_hz <= 0)
        return c;
    const double step = floor(offset_hz / c->row->raster_hz) + RASTER_CHANNELS / 2.0;
    return &c->raster[(size_t)fmax(0, fmin(RASTER_CHANNELS - 1, step))];
}

static void turn(const struct channel_receiver *c, enum receiver_stage stage)
{
    stage_turn(&c->shared->stages, stage, c->row->name);
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
                                                   .watch = &shared->stages };
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

static struct iq_span span_of(const struct channel_receiver *c, double first, double last)
{
    return iq_stream_span(c->stream, first, last);
}

/* Samples for n_chips of a burst. */
static struct iq_span burst_span(const struct channel_receiver *c, const struct fsk_burst *burst,
                                 size_t n_chips)
{
    return span_of(c, burst->first_chip - (double)fsk_demod_before(&c->demod),
                   burst->first_chip + (double)n_chips * 1.02 * burst->chip_samples +
                       (double)fsk_demod_after(&c->demod));
}

static void set_due(const struct channel_receiver *c, struct waiting *w, size_t n_chips)
{
    w->n_chips = n_chips + LOOK_AHEAD;
    w->due_sample =
        (uint64_t)(w->burst.first_chip + (double)w->n_chips * 1.01 * w->burst.chip_samples) +
        fsk_demod_after(&c->demod);
}

static enum decode_status try_burst(struct channel_receiver *c, const struct waiting *w,
                                    int max_passes, struct attempt *a)
{
    turn(c, STAGE_DEMOD);
    const struct iq_span span = burst_span(c, &w->burst, w->n_chips);
    struct chip_span chips;
    a->burst = w->burst;
    a->n_chips = w->n_chips;
    fsk_demod_chips(&c->demod, &span, &a->burst, w->n_chips, max_passes, w->noise_density, &chips,
                    &a->result);
    turn(c, STAGE_FRAMER);
    const enum decode_status status =
        framer_read(&c->framer, c->row, &chips, &a->frame, &a->need_chips);
    a->trace = c->framer.trace;
    return status;
}

/* A quick look, and a thorough one if that does not give a telegram that needs no mending. */
static enum decode_status look_at_burst(struct channel_receiver *c, const struct waiting *w,
                                        struct attempt *a)
{
    const enum decode_status status = try_burst(c, w, 1, a);
    if (status == DECODE_MORE || (status == DECODE_OK && a->frame.rx.mended == 0) ||
        (status == DECODE_BAD_CODE && w->fitted))
        return status;
    return try_burst(c, w, THOROUGH_PASSES, a);
}

/* ---- reporting ---------------------------------------------------------------------------- */

static const struct radio_mode *mode_of(const struct channel_receiver *c, const struct frame *frame)
{
    for (size_t k = 0; k < c->row->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[c->row->first_mode + k];
        if (mode->format == frame->format && strcmp(mode->name, frame->rx.mode) == 0)
            return mode;
    }
    return &radio_modes[c->row->first_mode];
}

static float power_db(double power)
{
    return (float)(10 * log10(fmax(power, 1e-20)));
}

/* The noise before a burst, or what its own chips leave unexplained if that is less: then there was
 * no quiet before it, or nothing at all. The rest holds the noise, and of a clean burst what
 * differs from its ideal shape, some 25 dB below it. */
static double least_noise_density(const struct channel_receiver *c, const struct waiting *w,
                                  const struct fsk_result *result)
{
    const double rest = (double)result->noise_power / c->demod.noise_bandwidth_hz;
    return rest > 0 ? fmin(w->noise_density, rest) : w->noise_density;
}

/* Measures a burst again without what follows its frame. */
static void measure_frame(struct channel_receiver *c, const struct waiting *w, struct attempt *a)
{
    turn(c, STAGE_DEMOD);
    const struct iq_span span = burst_span(c, &a->burst, a->need_chips);
    struct chip_span chips;
    if (a->need_chips + LOOK_AHEAD < a->n_chips)
        fsk_demod_chips(&c->demod, &span, &a->burst, a->need_chips, 1, w->noise_density, &chips,
                        &a->result);
}

static void fill_reception(const struct channel_receiver *c, const struct waiting *w,
                           const struct attempt *a, struct reception *rx)
{
    const struct fsk_result *result = &a->result;
    const double full = (double)sample_ring_full_scale(c->stream->ring) * FIR_UNITY;
    const double power = (double)result->amplitude * (double)result->amplitude / (full * full);
    const double noise = least_noise_density(c, w, result) * c->row->chip_rate_cps / (full * full);
    rx->rssi_dbfs = power_db(power);
    rx->noise_dbfs = power_db(noise);
    rx->snr_db = power_db(power / fmax(noise, 1e-20));
    /* the raster's first channel lies half a step beside the middle of all */
    const double raster_hz = c->row->raster_hz, offset_hz = (double)result->offset_hz;
    rx->offset_hz =
        (float)(raster_hz > 0 ? remainder(offset_hz - raster_hz / 2, raster_hz) : offset_hz);
    rx->channel_hz = c->frequency_hz + offset_hz - (double)rx->offset_hz;
    rx->chip_rate_cps = result->chip_rate_cps;
    rx->deviation_hz = result->deviation_hz;
}

/* Times of the stream become those of the recording. */
static void tell_in_recording(const struct channel_receiver *c, struct burst_report *report)
{
    report->first_sample = iq_stream_recorded(c->stream, report->first_sample);
    report->last_sample = iq_stream_recorded(c->stream, report->last_sample);
    report->rx.first_chip_sample = iq_stream_recorded(c->stream, report->rx.first_chip_sample);
    c->shared->bursts(c->shared->user, report);
}

/* Tells who wants to know all. The demodulator has looked at other bursts since. */
static void tell(struct channel_receiver *c, const struct waiting *w, const struct attempt *a,
                 enum burst_result result)
{
    struct chip_span chips;
    struct fsk_result measured;
    struct fsk_burst burst = a->burst;
    const size_t n_chips = result == BURST_TELEGRAM ? a->need_chips : a->n_chips;
    if (!c->shared->bursts)
        return;
    const struct iq_span span = burst_span(c, &burst, n_chips);
    fsk_demod_chips(&c->demod, &span, &burst, n_chips, 1, w->noise_density, &chips, &measured);
    struct burst_report report = { .result = result,
                                   .channel = c->row,
                                   .first_sample = w->preamble_first,
                                   .rx = a->frame.rx,
                                   .trace = a->trace,
                                   .frame = a->frame.n > 0 ? &a->frame : NULL,
                                   .demod = &c->demod,
                                   .burst = &burst,
                                   .measured = &measured,
                                   .chips = &chips };
    burst_report_complete(&report);
    tell_in_recording(c, &report);
}

/* Data look like a preamble now and then, and nobody needs to know. */
static bool is_data(const struct channel_receiver *c, double first, double offset_hz)
{
    return transmissions_hold(&c->shared->transmissions, channel_of(c, offset_hz),
                              iq_stream_recorded(c->stream, first));
}

/* All places of its sync word failed. */
static void tell_failed(struct channel_receiver *c, const struct waiting *w)
{
    struct attempt a = w->failed;
    if (a.n_chips == 0 || is_data(c, w->preamble_first, a.burst.offset_hz))
        return;
    fill_reception(c, w, &a, &a.frame.rx);
    tell(c, w, &a, a.trace.finding == FRAMER_BAD_BLOCK ? BURST_BAD_CRC : BURST_NO_FRAME);
}

static void tell_no_sync(const struct channel_receiver *c, const struct preamble *p)
{
    const double full = (double)sample_ring_full_scale(c->stream->ring) * FIR_UNITY;
    const double rate_sps = c->stream->sample_rate_sps;
    const double longest_s = CPFSK_MAX_CHIPS / c->row->chip_rate_cps;
    const double offset_hz = p->scans[0].offset_hz;
    const float unknown = NAN;
    struct burst_report report = {
        .result = BURST_NO_SYNC,
        .channel = c->row,
        .first_sample = p->line_first,
        .last_sample = p->line_end + longest_s * rate_sps,
        .rx = { .channel_hz = c->frequency_hz,
                .first_chip_sample = p->line_first,
                .rssi_dbfs = unknown,
                .snr_db = unknown,
                .deviation_hz = unknown,
                .noise_dbfs = power_db(p->noise_density * c->row->chip_rate_cps / (full * full)),
                .offset_hz = p->n_scans == 1 ? (float)offset_hz : unknown,
                .chip_rate_cps = (float)(rate_sps / p->scans[0].chip_samples) },
    };
    if (c->shared->bursts && !is_data(c, p->line_first, offset_hz))
        tell_in_recording(c, &report);
}

static void report(struct channel_receiver *c, const struct waiting *w, struct attempt *a)
{
    struct frame *frame = &a->frame;
    const struct radio_mode *mode = mode_of(c, frame);
    const double chip = a->burst.chip_samples * c->stream->step; /* samples of the recording */
    const double first_chip = iq_stream_recorded(c->stream, a->burst.first_chip);
    const unsigned in_training = mode->sync_chips - radio_mode_rest_of_sync(c->row, mode);
    const double amplitude = (double)a->result.amplitude;
    const struct transmission now = {
        .channel = channel_of(c, a->burst.offset_hz),
        .first_chip = first_chip,
        .last_chip = first_chip + (double)a->need_chips * chip,
        .offset_hz = a->burst.offset_hz,
        .power = amplitude * amplitude + w->noise_density * c->demod.noise_bandwidth_hz,
    };
    if (transmissions_known(&c->shared->transmissions, frame, &now)) {
        c->shared->stats.duplicates += frame->status == DECODE_OK;
        return;
    }
    if (!(c->modes >> (mode - radio_modes) & 1))
        return; /* it shares the channel with one that is wanted */
    fill_reception(c, w, a, &frame->rx);
    frame->rx.first_chip_sample = first_chip - in_training * chip;
    if (frame->status == DECODE_OK) {
        c->shared->stats.frames_ok++;
        c->shared->stats.frames_mended += frame->rx.mended > 0;
    } else {
        c->shared->stats.frames_bad_crc++;
    }
    turn(c, STAGE_SINK);
    c->shared->sink(c->shared->user, frame);
    tell(c, w, a, frame->status == DECODE_OK ? BURST_TELEGRAM : BURST_BAD_CRC);
}

/* ---- places of a sync word ------------------------------------------------------------------ */

enum burst_state { BURST_WAITS, BURST_RIGHT, BURST_FAILED };

/* No more chips will make another frame of this place. */
static enum burst_state end_burst(struct channel_receiver *c, struct waiting *w,
                                  enum decode_status status, struct attempt *a)
{
    if (status == DECODE_OK) {
        measure_frame(c, w, a);
        report(c, w, a);
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
            turn(c, STAGE_FIT);
            const struct iq_span span = burst_span(c, &w->burst, w->n_chips);
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
            report(c, w, &w->failed);
        else if (state == BURST_FAILED && w->n_others == 0)
            tell_failed(c, w);
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

/* Samples for a scan. */
static struct iq_span scan_span(const struct channel_receiver *c, const struct fsk_scan *scan)
{
    return span_of(c, scan->first - (double)fsk_demod_before(&c->demod),
                   scan->first + 2 * (double)scan->n * scan->chip_samples +
                       (double)fsk_demod_after(&c->demod));
}

/* Scans for each carrier that is possible; returns the best places of the best. */
static size_t scan_preamble(struct channel_receiver *c, const struct preamble *p,
                            struct fsk_burst *best)
{
    size_t n_best = 0;
    turn(c, STAGE_SCAN);
    for (size_t k = 0; k < p->n_scans; k++) {
        struct fsk_burst places[MAX_PLACES];
        const struct iq_span span = scan_span(c, &p->scans[k]);
        const size_t n = fsk_demod_scan(&c->demod, &span, &p->scans[k], places, MAX_PLACES);
        if (n > 0 && (n_best == 0 || places[0].match > best[0].match)) {
            memcpy(best, places, sizeof places);
            n_best = n;
        }
    }
    return n_best;
}

static bool already_waiting(const struct channel_receiver *c, const struct fsk_burst *burst)
{
    for (size_t k = 0; k < c->n_waiting; k++) {
        const struct fsk_burst *other = &c->waiting[k].burst;
        if (fabs(other->first_chip - burst->first_chip) < 1.5 * burst->chip_samples &&
            channel_of(c, other->offset_hz) == channel_of(c, burst->offset_hz))
            return true;
    }
    return false;
}

/* Share of the signal in the power of a training sequence, the rest being noise. */
static double signal_share(const struct channel_receiver *c, const struct preamble *p,
                           const struct fsk_burst *place)
{
    const double noise = p->noise_density * c->demod.noise_bandwidth_hz;
    return fmax(1 - noise / fmax((double)place->power, 1e-12), 0);
}

/* Is the best place of a scan by tones none? Data look like a preamble now and then; the lead of
 * the right tone is then far below what it must be at that Ec/N0. */
static bool is_hopeless(const struct channel_receiver *c, const struct preamble *p,
                        const struct fsk_burst *place)
{
    static const double of_expected = 0.6, rayleigh = 0.8; /* noise is in the other tone, too */
    const double signal = signal_share(c, p, place);
    const double ecn0 = fmax(
        signal * (double)place->power / fmax(p->noise_density * c->row->chip_rate_cps, 1e-12), 1.0);
    const double expected = sqrt(signal) * (1 - rayleigh / sqrt(ecn0));
    return p->scans[0].by_tones && (double)place->match < of_expected * expected;
}

/* How well a place fits, as a share of what a training sequence in the noise of the preamble would
 * reach; 0 if it is none. */
static float fit_place(struct channel_receiver *c, const struct preamble *p,
                       struct fsk_burst *place)
{
    turn(c, STAGE_FIT);
    const struct iq_span span = span_of(c, place->first_chip - (double)fsk_demod_before(&c->demod),
                                        place->first_chip + (double)fsk_demod_after(&c->demod));
    const float match = fsk_demod_acquire(&c->demod, &span, place);
    const double expected = sqrt(signal_share(c, p, place));
    return match > min_match * c->demod.hopeless_match
               ? (float)((double)match / fmax(expected, 0.1))
               : 0.0f;
}

/* Finds where the sync word of a preamble ends. Places that are nearly as good as the best are
 * tried if that fails. *known: it waits already. */
static bool find_places(struct channel_receiver *c, const struct preamble *p, struct waiting *w,
                        bool *known)
{
    static const float good_enough = 0.85f;
    struct fsk_burst places[MAX_PLACES];
    const size_t n = scan_preamble(c, p, places);
    if (n == 0 || is_hopeless(c, p, &places[0]))
        return false;
    const float least = good_enough * places[0].match;
    bool found = false;
    for (size_t k = 0; k < n && places[k].match > least; k++) {
        const float fit = fit_place(c, p, &places[k]);
        if (fit < min_of_expected)
            continue;
        if (already_waiting(c, &places[k])) {
            *known = true;
        } else if (found) {
            w->others[w->n_others++] = places[k];
        } else {
            found = true;
            w->burst = places[k];
            w->fitted = k > 0 || fit < good_of_expected;
        }
    }
    return found;
}

static void find_sync(struct channel_receiver *c, const struct preamble *p)
{
    bool known = false;
    struct waiting w = { .noise_density = p->noise_density, .preamble_first = p->line_first };
    if (!find_places(c, p, &w, &known)) {
        if (!known)
            tell_no_sync(c, p);
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
    const struct iq_span span = span_of(c, p->line_first - (double)fsk_demod_before(&c->demod),
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

void channel_receiver_run(struct channel_receiver *c, bool last)
{
    while (preamble_search_run(c->search, c->stream->ring)) {
        take_preambles(c, false);
        run_due(c, false);
    }
    if (!last)
        return;
    take_preambles(c, true);
    do
        run_due(c, true);
    while (c->n_pending > 0);
}
