/* SPDX-License-Identifier: MIT
 * One source from its first to its last sample: source, receiver, publisher. */
#ifndef APPS_SESSION_H
#define APPS_SESSION_H

#include "apps/err.h"
#include "apps/publisher.h"
#include "apps/receiver.h"
#include "apps/source.h"

struct session {
    /* set by the caller; they live longer than the session */
    struct source *source;
    struct publisher *publisher;
    const char *simd;
    unsigned modes; /* see receiver_config; 0, and no channels: receiver_default_modes */
    const struct channel_list *channels;
    bool iq_swap;
    bool name_files; /* there are several                                                      */
    bool records;    /* show the records of telegrams as they were sent                        */
    bool progress;   /* a line on standard error                                               */
    /* the session's own */
    struct err *err;
    bool failed;
};

/* Sends an event such as "start" for the session's source. */
bool session_event(struct session *session, const char *event, struct err *err);

/* False with *err if reading or writing failed, or the receiver cannot work with the source. */
bool session_run(struct session *session, struct err *err);

#endif
