/* SPDX-License-Identifier: MIT
 * Threads that receive: each takes samples of a source, or of a part of one, through a receiver of
 * its own, and reports what it heard to a queue. */
#ifndef APPS_LISTENER_H
#define APPS_LISTENER_H

#include <pthread.h>

#include "apps/observer.h"
#include "apps/queue.h"
#include "apps/receiver.h"
#include "apps/source.h"

/* What a listener does for one source, or for a part of one. */
struct job {
    /* set by the caller */
    struct source_config config;
    uint64_t reported_from; /* samples before this one only tell the receiver what is usual      */
    bool is_first, is_last; /* part of its source                                                */
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
    REPORT_END,      /* the last one of a job                                                     */
};

struct report {
    enum report_kind kind;
    struct job *job;
    union {
        struct frame frame;
        struct receiver_stats stats; /* of REPORT_PROGRESS: up to now */
    };
};

/* What is the same for all jobs. */
struct listeners_config {
    const char *simd;
    unsigned modes; /* see receiver_config; 0, and no channels: receiver_default_modes */
    const struct channel_list *channels;
    bool iq_swap;
    bool realtime; /* files at the speed of the air */
    struct observers *observers;
};

enum { LISTENERS_MAX = 64 };

struct listener {
    const struct listeners *all;
    size_t index;
    pthread_t thread;
    struct queue reports;
};

/* Listener k takes jobs k, k + n, ... one after the other. */
struct listeners {
    struct listeners_config config;
    struct job *jobs;
    size_t n_jobs;
    struct listener listener[LISTENERS_MAX];
    size_t n;
};

/* Starts n threads. The jobs, and listeners, stay where they are until listeners_end. */
bool listeners_start(struct listeners *listeners, size_t n, struct err *err);
/* The next report of a job; waits for it. They come in the order of the stream; all of a job are to
 * be taken, up to REPORT_END, before those of the next. False: the program was asked to stop before
 * the job began. */
bool listeners_take(struct listeners *listeners, size_t job, struct report *report);
/* Nobody takes reports any more: waits for the threads, which give up. */
void listeners_end(struct listeners *listeners);

/* The configuration of the receiver for this source. */
struct receiver_config listener_receiver(const struct listeners_config *config,
                                         const struct source *source);

#endif
