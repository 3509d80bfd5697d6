/* SPDX-License-Identifier: MIT
 * What is told of what was received: frames are decoded, and telegrams, statistics and events go to
 * all outputs. */
#ifndef APPS_RX_PUBLISHER_H
#define APPS_RX_PUBLISHER_H

#include <signal.h>

#include "apps/common/err.h"
#include "apps/config/selection.h"
#include "apps/outputs/output.h"
#include "apps/rx/summary.h"
#include "apps/telegrams/telegram_json.h"
#include "decode/decoder.h"

struct publisher {
    /* set by the caller; they live longer */
    struct decoder *decoder;
    struct outputs *outputs;
    struct summary *summary;
    struct heard *heard;
    void (*say)(const char *text); /* to people, on standard error */
    bool all;  /* frames with wrong CRCs as well                                     */
    bool live; /* sources may come in real time                                      */
    struct selection *selection;
    volatile sig_atomic_t *hangup; /* set by SIGHUP: files are opened anew; or NULL           */
    void (*reload)(struct publisher *publisher, void *user); /* then, and what it is given    */
    void *user;
    int64_t now_us; /* its own: what the stream has come to                                */
    double start_s; /* monotonic, when receiving began                                    */
};

/* Each is false with *err if an output failed. */

/* origin says when, and from which source. */
bool publisher_frame(struct publisher *publisher, const struct frame *frame,
                     const struct telegram_origin *origin, struct err *err);
/* To be called about once a second; the stream has come to t_us. */
bool publisher_tick(struct publisher *publisher, int64_t t_us, struct err *err);
/* What was counted up to now; outputs and meters are added. Puts stats back. */
bool publisher_stats(struct publisher *publisher, struct json_object *stats, struct err *err);
/* Puts the event back. */
bool publisher_event(struct publisher *publisher, struct json_object *event, struct err *err);

#endif
