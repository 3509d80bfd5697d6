/* SPDX-License-Identifier: MIT
 * A telegram that several sources hear is reported once: it is kept for a while until all had the
 * time to hear it; the best copy stands for it, and how each heard it is listed. */
#ifndef APPS_RX_MERGER_H
#define APPS_RX_MERGER_H

#include "decode/frame.h"

enum {
    MERGER_MAX_COPIES = 16, /* of one telegram; more sources are not listed          */
    MERGER_MAX = 128,       /* telegrams kept: more than are sent in that time       */
};

/* What passes between the same telegram being heard by two; a network may be slow. */
#define MERGER_WINDOW_S 1.5

struct merged_copy {
    size_t source_no;
    struct reception rx;
};

struct merged {
    struct frame frame; /* the best copy */
    size_t source_no;   /* who heard it  */
    int64_t t_us;       /* when it was sent, since 1970 UTC, as that source has it */
    double due_s;
    struct merged_copy heard[MERGER_MAX_COPIES]; /* in the order in which they came */
    size_t n_heard;
};

struct merger {
    struct merged kept[MERGER_MAX]; /* a ring */
    size_t first, n;
};

/* A telegram of a source, now. The same source does not hear a telegram twice: what comes again
 * from it was sent again. */
void merger_add(struct merger *merger, const struct frame *frame, size_t source_no, int64_t t_us,
                double now_s);
/* The oldest telegram, if it was kept long enough, or there is no room, or all are to go. Valid
 * until the next merger_add. NULL: none yet. */
const struct merged *merger_next(struct merger *merger, double now_s, bool all);

#endif
