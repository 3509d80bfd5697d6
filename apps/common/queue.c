/* SPDX-License-Identifier: MIT */
#include "apps/common/queue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

bool queue_open(struct queue *q, size_t item_bytes, size_t capacity)
{
    *q = (struct queue){ .item_bytes = item_bytes, .capacity = capacity };
    q->items = calloc(capacity, item_bytes);
    if (!q->items)
        return false;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->mutex, NULL);
    pthread_cond_init(&q->may_put, NULL);
    pthread_cond_init(&q->may_take, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return true;
}

void queue_close(struct queue *q)
{
    pthread_cond_destroy(&q->may_put);
    pthread_cond_destroy(&q->may_take);
    pthread_mutex_destroy(&q->mutex);
    free(q->items);
    q->items = NULL;
}

bool queue_put(struct queue *q, const void *item, bool may_wait)
{
    pthread_mutex_lock(&q->mutex);
    while (may_wait && !q->shut && q->n == q->capacity)
        pthread_cond_wait(&q->may_put, &q->mutex);
    const bool put = !q->shut && q->n < q->capacity;
    if (put) {
        memcpy(q->items + q->item_bytes * ((q->first + q->n++) % q->capacity), item, q->item_bytes);
        pthread_cond_signal(&q->may_take);
    }
    pthread_mutex_unlock(&q->mutex);
    return put;
}

static struct timespec after_ms(int timeout_ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += timeout_ms / 1000;
    t.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

enum queue_taken queue_take(struct queue *q, void *item, int timeout_ms)
{
    const struct timespec end = after_ms(timeout_ms < 0 ? 0 : timeout_ms);
    pthread_mutex_lock(&q->mutex);
    for (int failed = 0; q->n == 0 && !q->shut && !failed;)
        failed = timeout_ms < 0 ? pthread_cond_wait(&q->may_take, &q->mutex)
                                : pthread_cond_timedwait(&q->may_take, &q->mutex, &end);
    const enum queue_taken taken = q->n > 0 ? QUEUE_ITEM : q->shut ? QUEUE_END : QUEUE_TIMEOUT;
    if (taken == QUEUE_ITEM) {
        memcpy(item, q->items + q->item_bytes * q->first, q->item_bytes);
        q->n--;
        q->first = q->n ? (q->first + 1) % q->capacity : 0;
        pthread_cond_signal(&q->may_put);
    }
    pthread_mutex_unlock(&q->mutex);
    return taken;
}

void queue_shut(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->shut = true;
    pthread_cond_broadcast(&q->may_put);
    pthread_cond_broadcast(&q->may_take);
    pthread_mutex_unlock(&q->mutex);
}

size_t queue_fill(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    const size_t n = q->n;
    pthread_mutex_unlock(&q->mutex);
    return n;
}
