/* SPDX-License-Identifier: MIT
 * What a channel reports of its bursts. */
#include <math.h>
#include <string.h>

#include "apps/receiver/channel_receiver_parts.h"

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
    const struct iq_span span = channel_burst_span(c, &burst, n_chips);
    fsk_demod_chips(&c->demod, &span, &burst, n_chips, false, w->noise_density, &chips, &measured);
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

void channel_report_failed(struct channel_receiver *c, const struct waiting *w)
{
    struct attempt a = w->failed;
    if (a.n_chips == 0 || is_data(c, w->preamble_first, a.burst.offset_hz))
        return;
    fill_reception(c, w, &a, &a.frame.rx);
    tell(c, w, &a, a.trace.finding == FRAMER_BAD_BLOCK ? BURST_BAD_CRC : BURST_NO_FRAME);
}

void channel_report_no_sync(const struct channel_receiver *c, const struct preamble *p)
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

void channel_report_frame(struct channel_receiver *c, const struct waiting *w, struct attempt *a)
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
    channel_turn(c, STAGE_SINK);
    c->shared->sink(c->shared->user, frame);
    tell(c, w, a, frame->status == DECODE_OK ? BURST_TELEGRAM : BURST_BAD_CRC);
}
