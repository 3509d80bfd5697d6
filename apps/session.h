/* SPDX-License-Identifier: MIT
 * All sources from their first to their last sample: listeners receive, and what they report is
 * published here, in one thread and in order. */
#ifndef APPS_SESSION_H
#define APPS_SESSION_H

#include "apps/err.h"
#include "apps/listener.h"
#include "apps/progress.h"
#include "apps/publisher.h"

struct session {
    /* set by the caller; they live longer than the session */
    struct publisher *publisher;
    struct listeners_config listeners;
    unsigned threads;   /* 1 ... LISTENERS_MAX */
    bool name_files;    /* there are several                                                      */
    bool records;       /* show the records of telegrams as they were sent                        */
    bool show_progress; /* a line on standard error                                             */
    /* Called when a job was opened, and when it ended, which may have failed. */
    void (*tell)(void *user, const struct job *job, enum report_kind kind);
    void *user;
    /* the session's own */
    struct progress progress;
    struct receiver_stats radio; /* of the source whose reports come                          */
    const struct job *open;      /* the job of that source that was opened last               */
    int64_t base_us;             /* of a source that knows no date                            */
    double next_stats_s;
    bool skip_source; /* it failed                                                            */
    int exit_code;    /* of the last source that failed                                       */
};

/* Receives all sources. Goes on after one that cannot be read, not after an output that cannot be
 * written: false with *err. The exit code of what tell was called for is in session->exit_code. */
bool session_run(struct session *session, const struct source_config *sources, size_t n,
                 struct err *err);

#endif
