/* SPDX-License-Identifier: MIT
 * What the files of channel_receiver share. */
#ifndef APPS_RECEIVER_CHANNEL_RECEIVER_PARTS_H
#define APPS_RECEIVER_CHANNEL_RECEIVER_PARTS_H

#include "apps/receiver/channel_receiver.h"
#include "apps/receiver/preamble_search.h"
#include "decode/framer.h"
#include "dsp/fsk_demod.h"

enum {
    MAX_WAITING = 64, /* bursts that wait for their last chip             */
    MAX_PLACES = 8,   /* of the sync word of one preamble that are fitted */
    RASTER_CHANNELS = 16,
};

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
const void *channel_of(const struct channel_receiver *c, double offset_hz);

/* Samples of the stream, and those for n_chips of a burst. */
struct iq_span channel_span(const struct channel_receiver *c, double first, double last);
struct iq_span channel_burst_span(const struct channel_receiver *c, const struct fsk_burst *burst,
                                  size_t n_chips);

static inline void channel_turn(const struct channel_receiver *c, enum receiver_stage stage)
{
    stage_turn(&c->shared->stages, stage, c->row->name);
}

/* Finds where the sync word of a preamble ends. Places that are nearly as good as the best are
 * tried if that fails. *known: it waits already. */
bool channel_find_sync(struct channel_receiver *c, const struct preamble *p, struct waiting *w,
                       bool *known);

/* A frame, right or not, unless it is one that was reported before: to the sink, and to who wants
 * to know all. */
void channel_report_frame(struct channel_receiver *c, const struct waiting *w, struct attempt *a);
/* All places of its sync word failed. */
void channel_report_failed(struct channel_receiver *c, const struct waiting *w);
void channel_report_no_sync(const struct channel_receiver *c, const struct preamble *p);

#endif
