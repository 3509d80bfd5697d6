/* SPDX-License-Identifier: MIT */
#include "apps/receiver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/exit_codes.h"
#include "apps/sample_ring.h"
#include "decode/framer.h"
#include "dsp/burst_gate.h"
#include "dsp/channel.h"
#include "dsp/fsk_demod.h"
#include "dsp/math_const.h"

enum {
    MAX_CHANNELS = 8,
    MAX_WAITING = 64,  /* bursts that wait for their last chip                              */
    MAX_PLACES = 3,    /* of the sync word of one preamble that are fitted                   */
    MAX_REPORTED = 32, /* frames that a new one is compared with                            */
    FIRST_CHIPS = 16 + 12 * 12, /* rest of the sync word, and block 1 in 3-of-6 */
    THOROUGH_PASSES = 3,        /* of the demodulator, if one does not suffice */
    FIT_CHIPS = 128,            /* that tell shape and index */
    LOOK_AHEAD = 12, /* chips behind the last one that make it sure                       */
};

/* Half width of a channel: carrier offsets up to 120 kHz still show their inner lines. */
static const double channel_pass_hz = 150e3;
/* A training sequence that explains less of the signal than this is none: noise reaches 0.3, a
 * burst of 4 dB 0.55; and the data of a burst 0.6 of what its own training sequence would reach. */
static const float min_match = 0.40f, min_of_expected = 0.62f;
/* From here on a burst that fails is worth the search for a better pulse. */
static const float good_of_expected = 0.80f;

/* A preamble, until the samples are there in which its sync word may end. */
struct preamble {
    struct burst_candidate candidate;
    uint64_t due_sample; /* of the stream */
};

/* A burst whose sync word was found, until its last chip is there. */
struct waiting {
    struct fsk_burst burst;
    struct fsk_burst others[MAX_PLACES - 1]; /* places of the sync word to try if this is none */
    size_t n_others;
    bool fitted; /* to its first chips, or not worth it */
    double noise_density;
    size_t n_chips;      /* that are needed next */
    uint64_t due_sample; /* of the stream        */
};

struct reported {
    double first_chip, last_chip; /* samples of the stream */
    uint64_t hash;
    bool ok;
};

struct channel_receiver {
    const struct radio_channel *row;
    struct channel channel;
    struct burst_gate gate;
    struct fsk_demod demod;
    struct framer framer;
    size_t hop;           /* input samples taken at once */
    uint64_t next_sample; /* of the stream: start of the next hop */
    float *hop_i, *hop_q; /* one hop, with the gate's delay in front */
    int16_t *hop_iq;
    struct preamble preambles[MAX_WAITING];
    size_t n_preambles;
    struct waiting waiting[MAX_WAITING];
    size_t n_waiting;
};

struct receiver {
    struct receiver_config config;
    const struct kernels *kernels;
    receiver_sink *sink;
    void *user;
    struct receiver_stats stats;
    struct sample_ring *ring;
    struct channel_receiver *channels[MAX_CHANNELS];
    size_t n_channels;
    struct reported reported[MAX_REPORTED];
    size_t n_reported;
    int16_t *span_iq;
    size_t span_capacity;
};

/* ---- set-up ------------------------------------------------------------------------------- */

static struct training training_of(const struct radio_channel *row)
{
    return (struct training){ .chips = row->training, .n = row->training_chips };
}

static void channel_receiver_close(struct channel_receiver *c)
{
    if (!c)
        return;
    fsk_demod_deinit(&c->demod);
    free(c->hop_i);
    free(c->hop_q);
    free(c->hop_iq);
    free(c);
}

static struct channel_receiver *channel_receiver_open(const struct receiver *r,
                                                      const struct radio_channel *row)
{
    struct channel_receiver *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    const double center_hz = row->frequency_hz - r->config.center_hz;
    c->row = row;
    channel_init(&c->channel,
                 &(struct channel_config){ .sample_rate_sps = r->config.sample_rate_sps,
                                           .center_hz = center_hz,
                                           .chip_rate_cps = row->chip_rate_cps,
                                           .pass_hz = channel_pass_hz },
                 r->kernels);
    burst_gate_init(&c->gate, c->channel.rate_sps, row->chip_rate_cps, r->kernels);
    const size_t group = burst_gate_group(&c->gate);
    c->hop = group * c->channel.decimation;
    c->hop_i = calloc(group + c->gate.delay, sizeof *c->hop_i);
    c->hop_q = calloc(group + c->gate.delay, sizeof *c->hop_q);
    c->hop_iq = calloc(2 * (c->hop + channel_history(&c->channel)), sizeof *c->hop_iq);
    const struct fsk_demod_config demod = { .sample_rate_sps = r->config.sample_rate_sps,
                                            .channel_hz = center_hz,
                                            .chip_rate_cps = row->chip_rate_cps,
                                            .deviation_hz = row->deviation_hz,
                                            .training = training_of(row) };
    if (c->hop_i && c->hop_q && c->hop_iq && fsk_demod_init(&c->demod, &demod, r->kernels))
        return c;
    channel_receiver_close(c);
    return NULL;
}

static bool inside_band(const struct receiver_config *config, const struct radio_channel *row)
{
    return fabs(row->frequency_hz - config->center_hz) + 100e3 <= config->sample_rate_sps / 2;
}

static struct receiver *fail(struct receiver *r, struct err *err, int exit_code, const char *text)
{
    snprintf(err->text, sizeof err->text, "%s", text);
    err->exit_code = exit_code;
    receiver_close(r);
    return NULL;
}

struct receiver *receiver_open(const struct receiver_config *config, receiver_sink *sink,
                               void *user, struct err *err)
{
    char text[sizeof err->text];
    if (!(config->sample_rate_sps >= 0.8e6 && config->sample_rate_sps <= 3.2e6)) {
        snprintf(text, sizeof text,
                 "the sample rate is %.6g Msps; rates from 0.8 to 3.2 Msps can be received",
                 config->sample_rate_sps / 1e6);
        return fail(NULL, err, EXIT_USAGE, text);
    }
    struct receiver *r = calloc(1, sizeof *r);
    if (!r)
        return fail(r, err, EXIT_INTERNAL, "out of memory");
    r->config = *config;
    r->sink = sink;
    r->user = user;
    r->kernels = kernels_find(config->simd);
    if (!r->kernels) {
        snprintf(text, sizeof text, "this computer has no kernels named \"%s\"", config->simd);
        return fail(r, err, EXIT_USAGE, text);
    }
    for (size_t k = 0; k < n_radio_channels; k++) {
        if (!inside_band(config, &radio_channels[k]))
            continue;
        r->channels[r->n_channels] = channel_receiver_open(r, &radio_channels[k]);
        if (!r->channels[r->n_channels++])
            return fail(r, err, EXIT_INTERNAL, "out of memory");
    }
    if (r->n_channels == 0) {
        snprintf(
            text, sizeof text,
            "the recording holds %.3f to %.3f MHz, but no channel with 100 kHz on each side of "
            "it lies in there (T and C modes are sent at 868.95 MHz); are centre and rate right?",
            (config->center_hz - config->sample_rate_sps / 2) / 1e6,
            (config->center_hz + config->sample_rate_sps / 2) / 1e6);
        return fail(r, err, EXIT_USAGE, text);
    }
    r->ring =
        sample_ring_open(config->format, config->iq_swap, config->sample_rate_sps, r->kernels);
    r->span_capacity = r->ring ? sample_ring_capacity(r->ring) : 0;
    r->span_iq = calloc(2 * r->span_capacity, sizeof *r->span_iq);
    if (!r->ring || !r->span_iq)
        return fail(r, err, EXIT_INTERNAL, "out of memory");
    return r;
}

void receiver_close(struct receiver *r)
{
    if (!r)
        return;
    for (size_t k = 0; k < r->n_channels; k++)
        channel_receiver_close(r->channels[k]);
    sample_ring_close(r->ring);
    free(r->span_iq);
    free(r);
}

const struct receiver_stats *receiver_stats(const struct receiver *r)
{
    return &r->stats;
}

/* ---- reporting ---------------------------------------------------------------------------- */

static uint64_t hash_of(const struct frame *frame)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t k = 0; k < frame->n; k++)
        h = (h ^ frame->bytes[k]) * 1099511628211u;
    return h;
}

/* Is it the same transmission, found once more? The same bytes cannot be sent again before the
 * first time ended; and what fails inside a frame that is right was data that looked like a
 * preamble. */
static bool known(const struct receiver *r, const struct reported *now)
{
    const size_t n = r->n_reported < MAX_REPORTED ? r->n_reported : MAX_REPORTED;
    for (size_t k = 0; k < n; k++) {
        const struct reported *old = &r->reported[k];
        const bool overlap = now->first_chip < old->last_chip && old->first_chip < now->last_chip;
        if (overlap && (now->ok ? old->ok && old->hash == now->hash : true))
            return true;
    }
    return false;
}

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

static void report(struct receiver *r, struct channel_receiver *c, const struct waiting *w,
                   const struct fsk_result *result, struct frame *frame)
{
    const struct radio_mode *mode = mode_of(c, frame);
    const double chip = w->burst.chip_samples;
    const unsigned in_training = mode->sync_chips - radio_mode_rest_of_sync(c->row, mode);
    const struct reported now = { .first_chip = w->burst.first_chip,
                                  .last_chip = w->burst.first_chip + (double)w->n_chips * chip,
                                  .hash = hash_of(frame),
                                  .ok = frame->status == DECODE_OK };
    if (known(r, &now)) {
        r->stats.duplicates += now.ok;
        return;
    }
    r->reported[r->n_reported++ % MAX_REPORTED] = now;
    const double full = (double)sample_ring_full_scale(r->ring) * FIR_UNITY;
    const double power = (double)result->amplitude * (double)result->amplitude / (full * full);
    const double noise = w->noise_density * c->row->chip_rate_cps / (full * full);
    frame->rx.first_chip_sample = w->burst.first_chip - in_training * chip;
    frame->rx.rssi_dbfs = power_db(power);
    frame->rx.noise_dbfs = power_db(noise);
    frame->rx.snr_db = power_db(power / fmax(noise, 1e-20));
    frame->rx.offset_hz = result->offset_hz;
    frame->rx.chip_rate_cps = result->chip_rate_cps;
    frame->rx.deviation_hz = result->deviation_hz;
    if (frame->status == DECODE_OK) {
        r->stats.frames_ok++;
        r->stats.frames_mended += frame->rx.mended > 0;
    } else {
        r->stats.frames_bad_crc++;
    }
    r->sink(r->user, frame);
}

/* ---- bursts ------------------------------------------------------------------------------- */

static struct iq_span span_of(struct receiver *r, double first, double last)
{
    return sample_ring_span(r->ring, first, last, r->span_iq, r->span_capacity);
}

/* Samples for n_chips of a burst. */
static struct iq_span burst_span(struct receiver *r, const struct channel_receiver *c,
                                 const struct fsk_burst *burst, size_t n_chips)
{
    return span_of(r, burst->first_chip - (double)fsk_demod_before(&c->demod),
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

/* What the demodulator and the framer make of a burst now. */
struct attempt {
    struct fsk_burst burst;
    struct fsk_result result;
    struct frame frame;
    size_t need_chips;
};

static enum decode_status try_burst(struct receiver *r, struct channel_receiver *c,
                                    const struct waiting *w, int max_passes, struct attempt *a)
{
    const struct iq_span span = burst_span(r, c, &w->burst, w->n_chips);
    struct chip_span chips;
    a->burst = w->burst;
    fsk_demod_chips(&c->demod, &span, &a->burst, w->n_chips, max_passes, w->noise_density, &chips,
                    &a->result);
    return framer_read(&c->framer, c->row, &chips, &a->frame, &a->need_chips);
}

/* A quick look, and a thorough one if that does not give a telegram that needs no mending. */
static enum decode_status look_at_burst(struct receiver *r, struct channel_receiver *c,
                                        const struct waiting *w, struct attempt *a)
{
    const enum decode_status status = try_burst(r, c, w, 1, a);
    if (status == DECODE_MORE || (status == DECODE_OK && a->frame.rx.mended == 0) ||
        (status == DECODE_BAD_CODE && w->fitted))
        return status;
    return try_burst(r, c, w, THOROUGH_PASSES, a);
}

static void report_burst(struct receiver *r, struct channel_receiver *c, struct waiting *w,
                         struct attempt *a)
{
    if (a->need_chips + LOOK_AHEAD < w->n_chips) { /* measure without what follows the frame */
        const struct iq_span span = burst_span(r, c, &w->burst, a->need_chips);
        struct chip_span chips;
        w->n_chips = a->need_chips;
        fsk_demod_chips(&c->demod, &span, &a->burst, w->n_chips, 1, w->noise_density, &chips,
                        &a->result);
    }
    report(r, c, w, &a->result, &a->frame);
}

enum burst_state { BURST_WAITS, BURST_RIGHT, BURST_FAILED };

/* Demodulates the chips that are needed now and asks the framer, until it has enough, or has to
 * wait for more samples. */
static enum burst_state run_burst(struct receiver *r, struct channel_receiver *c, struct waiting *w,
                                  bool last)
{
    while (w->n_chips <= CPFSK_MAX_CHIPS) {
        struct attempt a = { .need_chips = 0 };
        const enum decode_status status = look_at_burst(r, c, w, &a);
        if (status == DECODE_MORE && a.need_chips + LOOK_AHEAD > w->n_chips) {
            w->burst = a.burst; /* carrier and index as the first chips tell them */
            set_due(c, w, a.need_chips);
            if (!last && w->due_sample > sample_ring_end(r->ring))
                return BURST_WAITS;
        } else if (status != DECODE_OK && !w->fitted) {
            /* A better hypothesis: the pulse that suits the first chips best. */
            const struct iq_span span = burst_span(r, c, &w->burst, w->n_chips);
            fsk_demod_fit_pulse(&c->demod, &span, &w->burst, FIT_CHIPS);
            w->fitted = true;
        } else {
            if (status == DECODE_OK || (status == DECODE_BAD_CRC && a.frame.n > 0))
                report_burst(r, c, w, &a);
            return status == DECODE_OK ? BURST_RIGHT : BURST_FAILED;
        }
    }
    return BURST_FAILED;
}

/* Runs a burst, and the other places of its sync word if it fails. Returns true if w is done with.
 */
static bool run_places(struct receiver *r, struct channel_receiver *c, struct waiting *w, bool last)
{
    for (;;) {
        const enum burst_state state = run_burst(r, c, w, last);
        if (state == BURST_WAITS)
            return false;
        if (state == BURST_RIGHT || w->n_others == 0)
            return true;
        w->burst = w->others[0];
        w->n_others--;
        memmove(w->others, w->others + 1, w->n_others * sizeof *w->others);
        w->fitted = true; /* not worth it */
        set_due(c, w, FIRST_CHIPS);
        if (!last && w->due_sample > sample_ring_end(r->ring))
            return false;
    }
}

/* ---- preambles ---------------------------------------------------------------------------- */

/* Sample of the stream that channel sample n is the centre of. */
static double stream_sample(const struct channel_receiver *c, double n)
{
    return n * (double)c->channel.decimation + (double)c->channel.decimation -
           (double)c->channel.fir.n_taps + (double)(c->channel.fir.n_taps - 1) / 2;
}

/* Where the training sequence of a preamble may end, in channel samples: the window in which the
 * line is strongest may reach a block beyond the preamble; the sync word follows, and as much
 * uncertainty again. */
static void sync_range(const struct channel_receiver *c, const struct burst_candidate *candidate,
                       double *from, double *to)
{
    const double chip = c->channel.rate_sps / (double)candidate->chip_rate_cps;
    *from = (double)candidate->peak_end - GATE_BLOCK_CHIPS * chip;
    *to = (double)candidate->line_end + 4 * GATE_BLOCK_CHIPS * chip;
}

/* Samples for a scan. */
static struct iq_span scan_span(struct receiver *r, const struct channel_receiver *c,
                                const struct fsk_scan *scan)
{
    return span_of(r, scan->first - (double)fsk_demod_before(&c->demod),
                   scan->first + 2 * (double)scan->n * scan->chip_samples +
                       (double)fsk_demod_after(&c->demod));
}

/* The line of the preamble tells the boundaries of its chips, and the carrier offset up to half a
 * turn over the delay of the gate, with which the chips change places. Scans at each offset that is
 * possible; returns the best places of the best. */
static size_t scan_preamble(struct receiver *r, struct channel_receiver *c,
                            const struct burst_candidate *p, struct fsk_burst *best)
{
    const double delay = (double)c->gate.delay;
    const double chip = c->channel.rate_sps / (double)p->chip_rate_cps;
    const double half_turn_hz = 0.5 * c->channel.rate_sps / delay;
    const double from_hz =
        (double)p->turn_rad / PI * half_turn_hz - c->channel.rotation_cycles * c->channel.rate_sps;
    const double end_of_one = p->one_center + (chip - delay) / 2;
    double from, to;
    sync_range(c, p, &from, &to);
    size_t n_best = 0;
    const int least = (int)ceil((-channel_pass_hz - from_hz) / half_turn_hz);
    for (int turn = least; from_hz + turn * half_turn_hz <= channel_pass_hz; turn++) {
        /* The sequence ends an even number of chips behind a chip 1. */
        const double one = end_of_one + (turn & 1) * chip;
        const double first = one + 2 * chip * ceil((from - one) / (2 * chip));
        const struct fsk_scan scan = {
            .first = stream_sample(c, first),
            .n = (size_t)((to - first) / (2 * chip)) + 1,
            .chip_samples = r->config.sample_rate_sps / (double)p->chip_rate_cps,
            .offset_hz = from_hz + turn * half_turn_hz,
        };
        struct fsk_burst places[MAX_PLACES];
        const struct iq_span span = scan_span(r, c, &scan);
        const size_t n = fsk_demod_scan(&c->demod, &span, &scan, places, MAX_PLACES);
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
        if (fabs(other->first_chip - burst->first_chip) < 1.5 * burst->chip_samples)
            return true;
    }
    return false;
}

/* Noise power a hertz, of samples behind a filter of gain FIR_UNITY. */
static double noise_density(const struct channel_receiver *c,
                            const struct burst_candidate *candidate)
{
    return (double)candidate->noise_power / c->channel.noise_bandwidth_hz;
}

/* How well a place fits, as a share of what a training sequence in the noise of the preamble would
 * reach; 0 if it is none. */
static float fit_place(struct receiver *r, struct channel_receiver *c,
                       const struct burst_candidate *p, struct fsk_burst *place)
{
    const struct iq_span span = span_of(r, place->first_chip - (double)fsk_demod_before(&c->demod),
                                        place->first_chip + (double)fsk_demod_after(&c->demod));
    const float match = fsk_demod_acquire(&c->demod, &span, place);
    const double noise = noise_density(c, p) * c->demod.noise_bandwidth_hz;
    const double signal = fmax((double)place->power - noise, 0);
    const double expected = sqrt(signal / fmax((double)place->power, 1e-12));
    return match > min_match ? (float)((double)match / fmax(expected, 0.1)) : 0.0f;
}

/* Finds where the sync word of a preamble ends. Places that are nearly as good as the best are
 * tried if that fails. */
static void find_sync(struct receiver *r, struct channel_receiver *c, const struct preamble *p)
{
    static const float good_enough = 0.85f;
    struct fsk_burst places[MAX_PLACES];
    const size_t n = scan_preamble(r, c, &p->candidate, places);
    const float least = n > 0 ? good_enough * places[0].match : 0;
    struct waiting w = { .noise_density = noise_density(c, &p->candidate) };
    bool found = false;
    for (size_t k = 0; k < n && places[k].match > least; k++) {
        const float fit = fit_place(r, c, &p->candidate, &places[k]);
        if (fit < min_of_expected || already_waiting(c, &places[k]))
            continue;
        if (found) {
            w.others[w.n_others++] = places[k];
            continue;
        }
        found = true;
        w.burst = places[k];
        w.fitted = k > 0 || fit < good_of_expected;
    }
    if (!found || c->n_waiting == MAX_WAITING)
        return;
    r->stats.syncs++;
    set_due(c, &w, FIRST_CHIPS);
    c->waiting[c->n_waiting++] = w;
}

static void add_preamble(struct receiver *r, struct channel_receiver *c,
                         const struct burst_candidate *candidate)
{
    r->stats.bursts++;
    if (c->n_preambles == MAX_WAITING)
        return;
    double from, to;
    sync_range(c, candidate, &from, &to);
    c->preambles[c->n_preambles++] = (struct preamble){
        .candidate = *candidate,
        .due_sample = (uint64_t)(stream_sample(c, to) + (double)fsk_demod_after(&c->demod) +
                                 (double)c->channel.fir.n_taps),
    };
}

/* Works on all that has its samples by now. */
static void run_due(struct receiver *r, struct channel_receiver *c, bool last)
{
    const uint64_t end = sample_ring_end(r->ring);
    size_t kept = 0;
    for (size_t k = 0; k < c->n_preambles; k++) {
        if (!last && c->preambles[k].due_sample > end)
            c->preambles[kept++] = c->preambles[k];
        else
            find_sync(r, c, &c->preambles[k]);
    }
    c->n_preambles = kept;
    kept = 0;
    for (size_t k = 0; k < c->n_waiting; k++) {
        struct waiting w = c->waiting[k];
        if ((!last && w.due_sample > end) || !run_places(r, c, &w, last))
            c->waiting[kept++] = w;
    }
    c->n_waiting = kept;
}

/* ---- samples ------------------------------------------------------------------------------ */

static void run_hop(struct receiver *r, struct channel_receiver *c)
{
    const size_t group = burst_gate_group(&c->gate), delay = c->gate.delay;
    memmove(c->hop_i, c->hop_i + group, delay * sizeof *c->hop_i);
    memmove(c->hop_q, c->hop_q + group, delay * sizeof *c->hop_q);
    const size_t history = channel_history(&c->channel);
    const int16_t *iq = sample_ring_view(r->ring, (int64_t)c->next_sample - (int64_t)history,
                                         c->hop + history, c->hop_iq);
    channel_push(&c->channel, iq, group, c->hop_i + delay, c->hop_q + delay);
    c->next_sample += c->hop;
    burst_gate_push(&c->gate, c->hop_i + delay, c->hop_q + delay);
}

static void run_channels(struct receiver *r, bool last)
{
    for (size_t k = 0; k < r->n_channels; k++) {
        struct channel_receiver *c = r->channels[k];
        while (c->next_sample + c->hop <= sample_ring_end(r->ring)) {
            run_hop(r, c);
            struct burst_candidate candidate;
            while (burst_gate_next(&c->gate, false, &candidate))
                add_preamble(r, c, &candidate);
            run_due(r, c, false);
        }
        if (!last)
            continue;
        struct burst_candidate candidate;
        while (burst_gate_next(&c->gate, true, &candidate))
            add_preamble(r, c, &candidate);
        run_due(r, c, true);
    }
}

void receiver_push(struct receiver *r, const void *iq, size_t n)
{
    const char *bytes = iq;
    r->stats.samples += n;
    while (n > 0) {
        const size_t taken = sample_ring_push(r->ring, bytes, n);
        bytes += taken * iq_sample_bytes(r->config.format);
        n -= taken;
        run_channels(r, false);
    }
}

void receiver_flush(struct receiver *r)
{
    /* What follows the end is silence; the last hop gets filled with it. */
    sample_ring_finish(r->ring);
    run_channels(r, true);
}
