/* SPDX-License-Identifier: MIT
 * What was sent against what was received. A telegram is right if every byte, its mode and its time
 * are. */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "decode/radio_mode.h"

struct sent {
    double first_sync_sample;
    const struct radio_mode *mode;
    size_t n;
    uint8_t telegram[FRAME_MAX_BYTES]; /* from L on, without CRCs, L as in format A */
    bool optional; /* may be missed, such as a telegram of which the recording holds only a part */
    bool found;
};

struct score {
    struct sent *sent; /* in order of time */
    size_t n, capacity;
    double tolerance_samples;
    unsigned expected; /* not counting the optional ones        */
    unsigned right;
    unsigned wrong;     /* accepted, but not what was sent there */
    unsigned duplicate; /* right, but reported before            */
    unsigned mended;    /* of the right ones                     */
};

/* A reported time may be off by 100 microseconds. */
void score_init(struct score *score, double sample_rate_sps);
void score_free(struct score *score);
/* To be called in order of time. False without memory. */
bool score_expect(struct score *score, const struct sent *sent);
/* frame->rx.first_chip_sample counts as first_sync_sample does. Frames that are not DECODE_OK are
 * not counted. */
void score_frame(struct score *score, const struct frame *frame);

#endif
