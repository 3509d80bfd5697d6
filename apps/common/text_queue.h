/* SPDX-License-Identifier: MIT
 * A bounded queue of texts between who says something and a thread that writes it to where writing
 * may take long. When it is full, the oldest text goes and is counted, or who pushes waits. */
#ifndef APPS_COMMON_TEXT_QUEUE_H
#define APPS_COMMON_TEXT_QUEUE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_item {
    struct text_item *next;
    bool retain;  /* of MQTT                          */
    size_t n;     /* bytes of the text                */
    char *text;   /* zero-terminated, behind the topic */
    char topic[]; /* "" where there are none          */
};

struct text_queue;

/* For at most most_items texts, at least 1. Once *stop is set (NULL: never), waiting soon ends.
 * NULL without memory or file descriptors. */
struct text_queue *text_queue_open(size_t most_items, const volatile sig_atomic_t *stop);

/* Copies both. In a full queue the oldest text makes room; with wait, waits for room first, as long
 * as somebody takes texts. */
void text_queue_push(struct text_queue *queue, const char *topic, const char *text, bool retain,
                     bool wait);

/* The next text, which the caller frees; NULL: there is none now. */
struct text_item *text_queue_pop(struct text_queue *queue);
/* What became of a text that was popped. */
void text_queue_done(struct text_queue *queue, bool written);
/* Does anybody take texts now? At first it counts as so. */
void text_queue_set_taken(struct text_queue *queue, bool taken);
/* Readable for poll while there are texts, and once the queue is closed. */
int text_queue_fd(const struct text_queue *queue);
/* Closed, and nothing is left in it. */
bool text_queue_is_over(struct text_queue *queue);

/* From now on nothing is pushed. Waits until everything was popped and done, at most limit_s, or,
 * once *stop is set, as long as that goes on; what is in it then is dropped. */
void text_queue_close(struct text_queue *queue, double limit_s);
/* Share of it that is full, 0 ... 1. */
double text_queue_fill(struct text_queue *queue);
/* Texts that were dropped, or not written; once the queue is closed, also those not done yet. */
uint64_t text_queue_lost(struct text_queue *queue);
void text_queue_free(struct text_queue *queue);

#endif
