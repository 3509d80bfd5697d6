/* SPDX-License-Identifier: MIT
 * A bounded queue of items of one size between threads. Items pass some ten to a thousand times a
 * second: a mutex and condition variables do. Once empty it starts at its first place again, so it
 * takes as much memory, and cache, as it ever was full. */
#ifndef APPS_COMMON_QUEUE_H
#define APPS_COMMON_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t may_put, may_take;
    size_t item_bytes, capacity;
    unsigned char *items; /* a ring */
    size_t first, n;
    bool shut;
};

/* False without memory. queue_close only after true. */
bool queue_open(struct queue *queue, size_t item_bytes, size_t capacity);
void queue_close(struct queue *queue);

/* Copies an item in; while the queue is full it waits, if it may. False: full, or shut. */
bool queue_put(struct queue *queue, const void *item, bool may_wait);
enum queue_taken { QUEUE_ITEM, QUEUE_TIMEOUT, QUEUE_END };
/* Copies the oldest item out; waits for one, timeout_ms at most, -1: without end. QUEUE_END: shut,
 * and everything taken. */
enum queue_taken queue_take(struct queue *queue, void *item, int timeout_ms);
/* Nothing can be put from now on; what is in can still be taken. */
void queue_shut(struct queue *queue);
/* Items that are in. */
size_t queue_fill(struct queue *queue);

#endif
