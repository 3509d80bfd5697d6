/* SPDX-License-Identifier: MIT */
#include "apps/rx/merger.h"

#include <assert.h>
#include <string.h>

static struct merged *kept_at(struct merger *m, size_t k)
{
    return &m->kept[(m->first + k) % MERGER_MAX];
}

static bool heard_by(const struct merged *t, size_t source_no)
{
    for (size_t k = 0; k < t->n_heard; k++)
        if (t->heard[k].source_no == source_no)
            return true;
    return false;
}

/* A frame with wrong CRCs is like no other. */
static bool same_telegram(const struct frame *a, const struct frame *b)
{
    return a->status == DECODE_OK && b->status == DECODE_OK && a->n == b->n &&
           a->format == b->format && memcmp(a->bytes, b->bytes, a->n) == 0;
}

static bool is_better(const struct reception *a, const struct reception *b)
{
    return a->mended != b->mended ? a->mended < b->mended : a->snr_db > b->snr_db;
}

static struct merged *find(struct merger *m, const struct frame *frame, size_t source_no)
{
    for (size_t k = 0; k < m->n; k++) {
        struct merged *t = kept_at(m, k);
        if (same_telegram(&t->frame, frame) && !heard_by(t, source_no))
            return t;
    }
    return NULL;
}

void merger_add(struct merger *m, const struct frame *frame, size_t source_no, int64_t t_us,
                double now_s)
{
    struct merged *t = find(m, frame, source_no);
    const bool is_new = !t;
    if (is_new) {
        assert(m->n < MERGER_MAX);
        t = kept_at(m, m->n++);
        t->due_s = now_s + MERGER_WINDOW_S;
        t->n_heard = 0;
    }
    if (t->n_heard < MERGER_MAX_COPIES)
        t->heard[t->n_heard++] = (struct merged_copy){ source_no, frame->rx };
    if (!is_new && !is_better(&frame->rx, &t->frame.rx))
        return;
    t->frame = *frame;
    t->source_no = source_no;
    t->t_us = t_us;
}

const struct merged *merger_next(struct merger *m, double now_s, bool all)
{
    if (m->n == 0 || (!all && m->n < MERGER_MAX && kept_at(m, 0)->due_s > now_s))
        return NULL;
    const struct merged *oldest = kept_at(m, 0);
    m->first = (m->first + 1) % MERGER_MAX;
    m->n--;
    return oldest;
}
