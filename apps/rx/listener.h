/* SPDX-License-Identifier: MIT
 * Threads that receive: each takes samples of a source, or of a part of one, through a receiver of
 * its own, and reports what it heard to a queue. */
#ifndef APPS_RX_LISTENER_H
#define APPS_RX_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

#include "apps/common/queue.h"
#include "apps/observer/observer.h"
#include "apps/receiver/receiver.h"
#include "apps/sources/source.h"

/* What a listener does for one source, or for a part of one. */
struct job {
    /* set by the caller */
    struct source_config config;
    uint64_t reported_from; /* samples before this one only tell the receiver what is usual      */
    size_t source_no;       /* of the source, in the order in which they were asked for          */
    bool is_first, is_last; /* part of its source                                                */
    /* of a device's oscillator, in ppm: what it shall be corrected by, and is; at any time      */
    atomic_int wanted_ppm, set_ppm;
    /* filled in by the listener: source before REPORT_START, the rest before REPORT_END */
    struct source source; /* closed when REPORT_END comes; what it says of itself stays          */
    struct receiver_stats stats; /* of the samples that counted                                  */
    bool ok;
    struct err err; /* if not ok */
};

enum report_kind {
    REPORT_START,    /* the source is open, and the receiver                                      */
    REPORT_FRAME,    /* see receiver_sink                                                         */
    REPORT_PROGRESS, /* a second of the stream went by                                            */
    REPORT_NOTE,     /* of the source                                                             */
    REPORT_LOST,     /* samples are missing, see lost                                             */
    REPORT_END,      /* the last one of a job                                                     */
};

struct report {
    enum report_kind kind;
    struct job *job;
    int64_t t_us; /* when the first chip of the frame was sent, since 1970 UTC; 0: not known      */
    double queue_fill; /* of REPORT_PROGRESS: the most in that second, see source.h            */
    double ppm; /* of REPORT_FRAME: by what the source was corrected then; NAN: nobody knows     */
    union {
        struct frame frame;
        struct receiver_stats stats; /* of REPORT_PROGRESS: up to now */
        struct source_note note;
        uint64_t lost; /* samples */
    };
};

/* What is the same for all jobs. */
struct listeners_config {
    const char *simd;
    unsigned modes; /* see receiver_config */
    const struct channel_list *channels;
    bool iq_swap;
    bool realtime; /* files at the speed of the air */
    struct observers *observers;
};

enum { LISTENERS_MAX = 64 };

struct listener {
    struct listeners *all;
    size_t index;
    pthread_t thread;
    struct queue reports; /* of devices: only that of listener 0 is used */
};

/* Listener k takes jobs k, k + n, ... one after the other. Devices have a listener each. */
struct listeners {
    struct listeners_config config;
    bool side_by_side; /* devices: reports of all jobs come as they happen */
    struct job *jobs;
    size_t n_jobs;
    atomic_size_t n_missing; /* jobs whose source cannot be opened now */
    struct listener listener[LISTENERS_MAX];
    size_t n;
};

/* Starts n threads. The jobs, and listeners, stay where they are until listeners_end. */
bool listeners_start(struct listeners *listeners, size_t n, struct err *err);
/* The next report of a job; waits for it, timeout_ms at most, -1: without end. They come in the
 * order of the stream; all of a job are to be taken, up to REPORT_END, before those of the next.
 * Side by side, job does not matter. QUEUE_END: the program was asked to stop before the job began.
 */
enum queue_taken listeners_take(struct listeners *listeners, size_t job, int timeout_ms,
                                struct report *report);
/* Nobody takes reports any more: waits for the threads, which give up. */
void listeners_end(struct listeners *listeners);

#endif
