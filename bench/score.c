/* SPDX-License-Identifier: MIT */
#include "bench/score.h"

#include <stdlib.h>
#include <string.h>

void score_init(struct score *score, double sample_rate_sps)
{
    *score = (struct score){ .tolerance_samples = 100e-6 * sample_rate_sps };
}

void score_free(struct score *score)
{
    free(score->sent);
}

bool score_expect(struct score *score, const struct sent *sent)
{
    if (score->n == score->capacity) {
        size_t capacity = score->capacity ? 2 * score->capacity : 64;
        void *more = realloc(score->sent, capacity * sizeof *score->sent);
        if (!more)
            return false;
        score->sent = more;
        score->capacity = capacity;
    }
    score->sent[score->n++] = *sent;
    score->expected += !sent->optional;
    return true;
}

/* The first that was sent at `sample` or later. */
static size_t lower_bound(const struct score *score, double sample)
{
    size_t low = 0, high = score->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (score->sent[middle].first_sync_sample < sample)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_what_was_sent(const struct frame *frame, const struct sent *sent)
{
    return frame->n == sent->n && memcmp(frame->bytes, sent->telegram, sent->n) == 0 &&
           frame->format == sent->mode->format && strcmp(frame->rx.mode, sent->mode->name) == 0;
}

/* Bursts may overlap, so there can be several candidates. */
static struct sent *find(const struct score *score, const struct frame *frame)
{
    double sample = frame->rx.first_chip_sample;
    size_t k = lower_bound(score, sample - score->tolerance_samples);
    for (; k < score->n; k++) {
        struct sent *sent = &score->sent[k];
        if (sent->first_sync_sample > sample + score->tolerance_samples)
            break;
        if (is_what_was_sent(frame, sent))
            return sent;
    }
    return NULL;
}

void score_frame(struct score *score, const struct frame *frame)
{
    if (frame->status != DECODE_OK)
        return;
    struct sent *sent = find(score, frame);
    if (!sent) {
        score->wrong++;
    } else if (sent->found) {
        score->duplicate++;
    } else {
        sent->found = true;
        score->right += !sent->optional;
        score->mended += !sent->optional && frame->rx.mended > 0;
    }
}
