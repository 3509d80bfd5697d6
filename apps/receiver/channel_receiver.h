/* SPDX-License-Identifier: MIT
 * One radio channel of the receiver: search for preambles, find the sync word, demodulate, ask the
 * framer, try again with a better hypothesis. */
#ifndef APPS_RECEIVER_CHANNEL_RECEIVER_H
#define APPS_RECEIVER_CHANNEL_RECEIVER_H

#include "apps/receiver/iq_stream.h"
#include "apps/receiver/receiver.h"
#include "apps/receiver/transmissions.h"
#include "decode/radio_mode.h"
#include "dsp/kernels/kernels.h"

/* What all channels of a receiver share. */
struct receiver_shared {
    struct receiver_config config;
    const struct kernels *kernels;
    receiver_sink *sink;
    struct stage_watch stages;
    burst_report_sink *bursts; /* NULL: nobody wants to know, which saves some work */
    void *user;
    struct receiver_stats stats;
    const struct sample_ring *recording;
    struct transmissions transmissions; /* in samples of the recording */
};

struct channel_receiver;

/* NULL without memory. shared and stream must outlive it. Plans an FFT: not thread-safe. */
struct channel_receiver *channel_receiver_open(struct receiver_shared *shared,
                                               const struct iq_stream *stream,
                                               const struct channel_choice *choice);
void channel_receiver_close(struct channel_receiver *channel);
/* The stream starts, or goes on after a gap, where its ring does. */
void channel_receiver_reset(struct channel_receiver *channel);
/* As receiver_tell has it, if it is a burst of this channel. */
void channel_receiver_tell(struct channel_receiver *channel, const struct told_burst *burst);
/* Does it neither hear a burst nor wait for the rest of one? */
bool channel_receiver_is_idle(const struct channel_receiver *channel);
/* Works on what the stream holds by now. last: nothing follows, decide on all that waits. */
void channel_receiver_run(struct channel_receiver *channel, bool last);

#endif
