/* SPDX-License-Identifier: MIT
 * What the receiver is working on, for whoever measures where the time goes. The receiver itself
 * has no clock. */
#ifndef APPS_RECEIVER_STAGE_H
#define APPS_RECEIVER_STAGE_H

#include <stddef.h>

enum receiver_stage {
    STAGE_INPUT,    /* samples into the ring, their mean                             */
    STAGE_ACTIVITY, /* is there more power than usual?                               */
    STAGE_FILTER,   /* one channel, filtered and decimated                           */
    STAGE_GATE,     /* is there a preamble?                                          */
    STAGE_SCAN,     /* where does its sync word end?                                 */
    STAGE_FIT,      /* carrier, clock and deviation of the training sequence         */
    STAGE_DEMOD,    /* soft chips                                                    */
    STAGE_FRAMER,   /* line code, CRC, mending                                       */
    STAGE_SINK,     /* what the caller does with a telegram                          */
    RECEIVER_STAGES
};

struct stage_watch {
    /* From now on it is this stage, of the channel of that name; NULL: of no channel. turn itself
     * may be NULL. */
    void (*turn)(void *user, enum receiver_stage stage, const char *channel);
    void *user;
};

static inline void stage_turn(const struct stage_watch *watch, enum receiver_stage stage,
                              const char *channel)
{
    if (watch->turn)
        watch->turn(watch->user, stage, channel);
}

#endif
