/* SPDX-License-Identifier: MIT
 * All sources from their first to their last sample: listeners receive, and what they report is
 * published here, in one thread. Recordings come one after the other, in order; devices side by
 * side. */
#ifndef APPS_RX_SESSION_H
#define APPS_RX_SESSION_H

#include "apps/common/err.h"
#include "apps/rx/frequency_error.h"
#include "apps/rx/listener.h"
#include "apps/rx/merger.h"
#include "apps/rx/ppm_file.h"
#include "apps/rx/progress.h"
#include "apps/rx/publisher.h"
#include "apps/rx/vitals.h"

/* A source, of which reports come. */
struct session_source {
    struct job *open; /* the job of it that was opened last; NULL: none, or it ended    */
    struct receiver_stats radio; /* of the parts that ended                                       */
    struct receiver_stats part;  /* of the one that runs                                          */
    int64_t base_us;             /* if it knows no date                                           */
    struct stretch stats_stretch; /* since the last message of this kind                          */
    struct stretch shown[2];      /* what a person is shown: at least one, at most two intervals */
    double queue_fill;            /* the most in that time, see source.h                          */
    struct frequency_error frequency;
    bool failed;
};

struct session {
    /* set by the caller; they live longer than the session */
    struct publisher *publisher;
    struct listeners_config listeners;
    unsigned threads;   /* 1 ... LISTENERS_MAX */
    bool records;       /* show the records of telegrams as they were sent                      */
    bool show_progress; /* a line on standard error                                             */
    bool auto_ppm;      /* devices are corrected by what their meters say                       */
    struct ppm_file *ppm_file; /* NULL: nothing is kept */
    /* Called when a job was opened, and when it ended, which may have failed. */
    void (*tell)(void *user, const struct job *job, enum report_kind kind);
    /* What was learnt of the error of a source's oscillator, when it ends; before that job ends. */
    void (*tell_ppm)(void *user, const struct job *job, const struct ppm_estimate *estimate);
    /* Words of a source, such as that its device was unplugged. */
    void (*tell_note)(void *user, const struct job *job, const struct source_note *note);
    void *user;
    /* the session's own */
    struct session_source *sources;
    size_t n_sources;
    bool side_by_side;
    struct merger merger;
    struct progress progress;
    struct cpu_share cpu, shown_cpu;
    double next_tick_s, next_stats_s; /* by the clock: of devices; else by that of the stream    */
    int exit_code; /* of the last source that failed                                            */
};

/* Receives all n > 0 sources: recordings, or at most LISTENERS_MAX devices. Goes on after one that
 * cannot be read, not after an output that cannot be written: false with *err. The exit code of
 * what tell was called for is in session->exit_code. */
bool session_run(struct session *session, const struct source_config *sources, size_t n,
                 struct err *err);

#endif
