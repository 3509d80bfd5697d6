/* SPDX-License-Identifier: MIT
 * The receiver: IQ samples in, frames out. It owns the loop between the demodulator (dsp) and the
 * framer (decode): search, demodulate, decode, try again with a better hypothesis. */
#ifndef APPS_RECEIVER_RECEIVER_H
#define APPS_RECEIVER_RECEIVER_H

#include "apps/common/err.h"
#include "apps/receiver/burst_report.h"
#include "apps/receiver/channel_list.h"
#include "apps/receiver/stage.h"
#include "decode/radio_mode.h"
#include "dsp/iq.h"
#include "dsp/signal_level.h"

struct receiver;

struct receiver_config {
    double center_hz;
    double sample_rate_sps; /* 0.8e6 ... 3.2e6                                          */
    enum iq_format format;
    bool iq_swap;     /* mirrored spectrum: I and Q exchanged                     */
    const char *simd; /* "scalar", "avx2", ...; NULL = the best of this CPU       */
    unsigned modes;   /* that are received: radio_modes_parse; 0 = all, or none but   */
                      /* channels                                                     */
    const struct channel_list *channels; /* that are received as well; NULL = none            */
};

struct receiver_stats {
    uint64_t samples;
    uint64_t samples_lost;   /* in gaps                                               */
    uint64_t bursts;         /* the preamble search stopped there                     */
    uint64_t syncs;          /* a sync word was found                                 */
    uint64_t frames_ok;      /* reported with DECODE_OK, once per transmission        */
    uint64_t frames_bad_crc; /* plausible header, wrong CRC                           */
    uint64_t frames_mended;
    uint64_t duplicates;       /* the same transmission found again                     */
    struct level_counts level; /* counters as well                                        */
};

void receiver_stats_add(struct receiver_stats *to, const struct receiver_stats *more);
void receiver_stats_subtract(struct receiver_stats *from, const struct receiver_stats *less);

enum receiver_fit { RECEIVER_FITS, RECEIVER_BAD_RATE, RECEIVER_NO_CHANNEL };

/* Can any of the channels be received in samples of this centre and rate? If not, *err says why,
 * with EXIT_USAGE. */
enum receiver_fit receiver_fit(const struct receiver_config *config, struct err *err);

/* Called for each transmission, in the order in which they end; frame->status is DECODE_OK, or
 * DECODE_BAD_CRC for a frame with a plausible header whose CRC failed. The frame is the callee's
 * only during the call.
 */
typedef void receiver_sink(void *user, const struct frame *frame);

/* NULL with *err filled if receiver_fit says no or the simd level is unknown. The caller closes. */
struct receiver *receiver_open(const struct receiver_config *config, receiver_sink *sink,
                               void *user, struct err *err);
/* From now on every burst is told to bursts, with the user of the sink. */
void receiver_watch(struct receiver *receiver, burst_report_sink *bursts);
/* From now on the watch is told what the receiver works on. */
void receiver_watch_stages(struct receiver *receiver, const struct stage_watch *watch);
/* n complex samples of config.format, any n. The frames do not depend on how samples are cut into
 * pushes. */
void receiver_push(struct receiver *receiver, const void *iq, size_t n);
/* Is nobody on the air, as far as it knows, so that the next samples may come a little later? */
bool receiver_is_idle(const struct receiver *receiver);
/* The stream starts, or goes on after a gap, with this sample: times are counted from sample 0.
 * What was pushed before and not flushed is forgotten. */
void receiver_reset(struct receiver *receiver, uint64_t first_sample);
/* So many samples are missing: what waits for them is decided now, and the stream goes on behind.
 */
void receiver_skip(struct receiver *receiver, uint64_t lost);
/* How long what was received may have an influence on what is: after so many seconds a receiver
 * that was reset does what one does that heard all that was before. */
double receiver_memory_s(const struct receiver_config *config);
/* Where a burst is, for who wants to know what the search loses. */
struct told_burst {
    const struct radio_mode *mode;
    double first_sync_sample;
    double chip_rate_cps, offset_hz; /* its own rate; carrier minus the mode's frequency */
    double noise_density;            /* noise power a hertz, full scale being 1          */
};

/* The search need not find this burst. To be told before its samples come. */
void receiver_tell(struct receiver *receiver, const struct told_burst *burst);
/* End of the stream, or a gap in it: what waits for more samples is decided now. Only
 * receiver_reset, receiver_stats and receiver_close may follow. */
void receiver_flush(struct receiver *receiver);
const struct receiver_stats *receiver_stats(const struct receiver *receiver);
void receiver_close(struct receiver *receiver);

#endif
