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

enum {
    MAX_CHANNELS = 8,
    MAX_WAITING = 64,  /* bursts that wait for their last chip                              */
    MAX_GUESSES = 4,   /* places of the sync word that are tried for one preamble           */
    MAX_REPORTED = 32, /* frames that a new one is compared with                            */
    CHANNEL_RING = 1 << 14,
    FIRST_CHIPS = 16 + 12 * 12, /* rest of the sync word, and block 1 in 3-of-6 */
    LOOK_AHEAD = 12, /* chips behind the last one that make it sure                       */
};

/* Half width of a channel: carrier offsets up to 120 kHz still show their inner lines. */
static const double channel_pass_hz = 150e3;
/* A training sequence that explains less of the signal than this is none. */
static const float min_match = 0.30f;

/* A preamble, until the samples are there in which its sync word may end. */
struct preamble {
    struct burst_candidate candidate;
    uint64_t due_sample; /* of the stream */
};

/* A burst whose sync word was found, until its last chip is there. */
struct waiting {
    struct fsk_burst burst;
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
    size_t hop;                             /* input samples taken at once */
    uint64_t next_sample;                   /* of the stream: start of the next hop */
    uint64_t n_out;                         /* channel samples so far */
    float i[CHANNEL_RING], q[CHANNEL_RING]; /* ring */
    float *hop_i, *hop_q;                   /* one hop, with the gate's delay in front */
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
    soft_chip_t soft[CPFSK_MAX_CHIPS];
    float sync_i[SYNC_MAX_SPAN], sync_q[SYNC_MAX_SPAN]; /* of one sync search */
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

static float power_db(double power)
{
    return (float)(10 * log10(fmax(power, 1e-20)));
}

static void report(struct receiver *r, struct channel_receiver *c, const struct waiting *w,
                   const struct fsk_result *result, struct frame *frame, size_t n_chips,
                   const struct radio_mode *mode)
{
    const double chip = w->burst.chip_samples;
    const unsigned in_training = mode->sync_chips - radio_mode_rest_of_sync(c->row, mode);
    const struct reported now = { .first_chip = w->burst.first_chip,
                                  .last_chip = w->burst.first_chip + (double)n_chips * chip,
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

static const struct radio_mode *mode_of(const struct channel_receiver *c, const struct frame *frame)
{
    for (size_t k = 0; k < c->row->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[c->row->first_mode + k];
        if (mode->format == frame->format && strcmp(mode->name, frame->rx.mode) == 0)
            return mode;
    }
    return &radio_modes[c->row->first_mode];
}

/* Demodulates what is needed now and asks the framer. Returns DECODE_MORE if w has to wait for more
 * samples than there are. */
static enum decode_status try_burst(struct receiver *r, struct channel_receiver *c,
                                    const struct waiting *w, float bt, struct frame *frame,
                                    struct fsk_result *result, size_t *need)
{
    struct fsk_burst burst = w->burst;
    const struct iq_span span =
        span_of(r, burst.first_chip - (double)fsk_demod_before(&c->demod),
                burst.first_chip + (double)w->n_chips * 1.02 * burst.chip_samples +
                    (double)fsk_demod_after(&c->demod));
    float llr_per_step = 0;
    fsk_demod_chips(&c->demod, &span, &burst, bt, w->n_chips, w->noise_density, r->soft,
                    &llr_per_step, result);
    const struct chip_span chips = { .chips = r->soft,
                                     .n = result->n_chips,
                                     .llr_per_step = llr_per_step };
    return framer_read(&c->framer, c->row, &chips, frame, need);
}

static void set_due(const struct channel_receiver *c, struct waiting *w, size_t n_chips)
{
    w->n_chips = n_chips + LOOK_AHEAD;
    w->due_sample =
        (uint64_t)(w->burst.first_chip + (double)w->n_chips * 1.01 * w->burst.chip_samples) +
        fsk_demod_after(&c->demod);
}

/* Returns true if w is done with. */
static bool run_burst(struct receiver *r, struct channel_receiver *c, struct waiting *w, bool last)
{
    static const float shapes[] = { 0.0f, 0.5f };
    struct frame frame, kept = { 0 };
    struct fsk_result result, kept_result = { 0 };
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        size_t need = 0;
        const enum decode_status status = try_burst(r, c, w, shapes[k], &frame, &result, &need);
        if (status == DECODE_MORE && need + LOOK_AHEAD > w->n_chips) {
            set_due(c, w, need);
            if (w->n_chips > CPFSK_MAX_CHIPS)
                return true;
            if (!last && w->due_sample > sample_ring_end(r->ring))
                return false;
            k--; /* the same shape with more chips: they are there */
            continue;
        }
        if (status == DECODE_OK) {
            report(r, c, w, &result, &frame, w->n_chips, mode_of(c, &frame));
            return true;
        }
        if (status == DECODE_BAD_CRC && kept.n == 0) {
            kept = frame;
            kept_result = result;
        }
    }
    if (kept.n > 0)
        report(r, c, w, &kept_result, &kept, w->n_chips, mode_of(c, &kept));
    return true;
}

/* ---- preambles ---------------------------------------------------------------------------- */

/* Sample of the stream that channel sample n is the centre of. */
static double stream_sample(const struct channel_receiver *c, double n)
{
    return n * (double)c->channel.decimation + (double)c->channel.decimation -
           (double)c->channel.fir.n_taps + (double)(c->channel.fir.n_taps - 1) / 2;
}

/* Where the sync word of a preamble may end, in channel samples. */
static void sync_range(const struct channel_receiver *c, const struct burst_candidate *candidate,
                       double *from, double *to)
{
    const double chip = c->channel.rate_sps / (double)candidate->chip_rate_cps;
    const double training = c->row->training_chips;
    *from = fmax((double)candidate->peak_end - (training + 24) * chip, (double)c->gate.delay);
    *to = (double)candidate->line_end + 36 * chip;
}

/* Copies channel samples from the ring; i, q hold delay samples more in front. Returns the number
 * of samples from from on. */
static size_t copy_channel(const struct channel_receiver *c, uint64_t from, uint64_t to, float *i,
                           float *q, size_t capacity)
{
    const uint64_t oldest = c->n_out > CHANNEL_RING ? c->n_out - CHANNEL_RING : 0;
    if (to > c->n_out)
        to = c->n_out;
    if (from < oldest + c->gate.delay)
        from = oldest + c->gate.delay;
    size_t n = 0;
    for (uint64_t k = from - c->gate.delay; k < to && n < capacity; k++, n++) {
        i[n] = c->i[k % CHANNEL_RING];
        q[n] = c->q[k % CHANNEL_RING];
    }
    return n > c->gate.delay ? n - c->gate.delay : 0;
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

/* Fits the training sequence at one place. The carrier offset of a guess is known up to a turn over
 * the delay of the gate; the best is taken. Returns how good it is, 1 = no noise at all. */
static float fit_guess(struct receiver *r, struct channel_receiver *c, const struct preamble *p,
                       const struct sync_guess *g, double first_sample, struct fsk_burst *best)
{
    const double turn_hz = c->channel.rate_sps / (double)c->gate.delay;
    const double raw =
        ((double)g->offset_cycles - c->channel.rotation_cycles) * c->channel.rate_sps;
    const double offset_hz = raw - turn_hz * floor(raw / turn_hz + 0.5);
    best->match = 0;
    for (int turn = -1; turn <= 1; turn++) {
        struct fsk_burst burst = {
            .first_chip = stream_sample(c, first_sample + (double)g->end),
            .chip_samples = r->config.sample_rate_sps / (double)p->candidate.chip_rate_cps,
            .offset_hz = offset_hz + turn * turn_hz,
        };
        if (fabs(burst.offset_hz) > channel_pass_hz)
            continue;
        const struct iq_span span =
            span_of(r, burst.first_chip - (double)fsk_demod_before(&c->demod),
                    burst.first_chip + (double)fsk_demod_after(&c->demod));
        if (fsk_demod_acquire(&c->demod, &span, &burst) > best->match)
            *best = burst;
    }
    return best->match < min_match ? 0 : best->match * g->strength;
}

static void add_waiting(struct receiver *r, struct channel_receiver *c, const struct preamble *p,
                        const struct fsk_burst *burst)
{
    if (c->n_waiting == MAX_WAITING || already_waiting(c, burst))
        return;
    struct waiting *w = &c->waiting[c->n_waiting++];
    *w = (struct waiting){
        .burst = *burst,
        .noise_density = (double)p->candidate.noise_power / c->channel.noise_bandwidth_hz,
    };
    r->stats.syncs++;
    set_due(c, w, FIRST_CHIPS);
}

/* Finds where the sync word of a preamble ends; a second place is tried, too, if it is nearly as
 * good. */
static void find_sync(struct receiver *r, struct channel_receiver *c, const struct preamble *p)
{
    static const float good_enough = 0.75f;
    const struct training training = training_of(c->row);
    double from, to;
    sync_range(c, &p->candidate, &from, &to);
    if (to - from > SYNC_MAX_SPAN)
        from = to - SYNC_MAX_SPAN;
    from = floor(from);
    const size_t n =
        copy_channel(c, (uint64_t)from, (uint64_t)to, r->sync_i, r->sync_q, SYNC_MAX_SPAN);
    struct sync_guess guesses[MAX_GUESSES];
    const float chip = (float)(c->channel.rate_sps / (double)p->candidate.chip_rate_cps);
    const size_t n_guesses =
        sync_search(&training, r->sync_i + c->gate.delay, r->sync_q + c->gate.delay, n,
                    c->gate.delay, chip, guesses, MAX_GUESSES);
    struct fsk_burst best[2];
    float score[2] = { 0, 0 };
    for (size_t k = 0; k < n_guesses; k++) {
        struct fsk_burst burst;
        const float s = fit_guess(r, c, p, &guesses[k], from, &burst);
        if (s > score[0]) {
            best[1] = best[0];
            score[1] = score[0];
            best[0] = burst;
            score[0] = s;
        } else if (s > score[1]) {
            best[1] = burst;
            score[1] = s;
        }
    }
    if (score[0] > 0)
        add_waiting(r, c, p, &best[0]);
    if (score[1] > good_enough * score[0])
        add_waiting(r, c, p, &best[1]);
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
        if ((!last && w.due_sample > end) || !run_burst(r, c, &w, last))
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
    sample_ring_copy(r->ring, (int64_t)c->next_sample - (int64_t)channel_history(&c->channel),
                     c->hop + channel_history(&c->channel), c->hop_iq);
    channel_push(&c->channel, c->hop_iq, group, c->hop_i + delay, c->hop_q + delay);
    for (size_t k = 0; k < group; k++) {
        c->i[(c->n_out + k) % CHANNEL_RING] = c->hop_i[delay + k];
        c->q[(c->n_out + k) % CHANNEL_RING] = c->hop_q[delay + k];
    }
    c->n_out += group;
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
