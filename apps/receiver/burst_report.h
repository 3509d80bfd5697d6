/* SPDX-License-Identifier: MIT
 * What the receiver made of one burst, a telegram or not: for people, and for recordings of single
 * bursts. */
#ifndef APPS_RECEIVER_BURST_REPORT_H
#define APPS_RECEIVER_BURST_REPORT_H

#include "decode/framer.h"
#include "dsp/fsk_demod.h"

enum burst_result {
    BURST_TELEGRAM, /* as it was sent, or mended                                    */
    BURST_BAD_CRC,  /* the CRC of a block is wrong                                  */
    BURST_NO_FRAME, /* a sync word, but what follows is no frame                    */
    BURST_NO_SYNC,  /* a preamble, but no sync word behind it                       */
};

/* Measured figures that are not known are NAN. */
struct burst_report {
    enum burst_result result;
    const struct radio_channel *channel;
    double first_sample, last_sample; /* of the stream: it takes no more                       */
    struct reception rx;              /* .mode is NULL if it is not known                      */
    /* unless BURST_NO_SYNC: */
    unsigned sync_chips, sync_errors; /* of the training sequence and the rest of the sync word */
    struct framer_trace trace;
    const struct frame *frame;     /* NULL: no header could be read                            */
    const struct fsk_demod *demod; /* that holds the burst                                     */
    const struct fsk_burst *burst; /* as the demodulator took it                               */
    const struct fsk_result *measured;
    const struct chip_span *chips; /* behind the training sequence                             */
};

/* Called for each burst, in the order in which they are decided on, for a telegram after its frame
 * was handed over. All it points to is the callee's only during the call. */
typedef void burst_report_sink(void *user, const struct burst_report *report);

/* Of a burst that was demodulated: fills what follows from the other fields, and takes first_sample
 * for where its preamble was seen. */
void burst_report_complete(struct burst_report *report);

/* Of a telegram, or a frame that was too doubtful to be one, how much likelier all of it is right
 * than wrong, as a power of ten; else NAN. */
double burst_odds_log10(const struct burst_report *report);

/* "telegram", "bad_crc", "no_frame", "no_sync". */
const char *burst_result_name(enum burst_result result);

#endif
