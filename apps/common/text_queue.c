/* SPDX-License-Identifier: MIT */
#include "apps/common/text_queue.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apps/common/clock.h"

struct text_queue {
    pthread_mutex_t mutex;
    pthread_cond_t less; /* a text was popped or done                             */
    int wake[2];         /* a pipe that holds one byte while there is work to do  */
    bool awake, closed, taken;
    struct text_item *first, **end;
    size_t n, most, in_hand; /* in_hand: popped, but not done */
    uint64_t lost;
    const volatile sig_atomic_t *stop;
};

/* Programs shall end in less than a second after a signal, unless texts are still being taken. */
static const double patience_when_stopped_s = 0.6, longest_when_stopped_s = 5;

static bool open_wake(int wake[2])
{
    if (pipe(wake) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(wake[i], F_SETFD, FD_CLOEXEC);
        fcntl(wake[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

struct text_queue *text_queue_open(size_t most_items, const volatile sig_atomic_t *stop)
{
    struct text_queue *q = calloc(1, sizeof *q);
    if (!q || !open_wake(q->wake)) {
        free(q);
        return NULL;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&q->less, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&q->mutex, NULL);
    q->most = most_items;
    q->stop = stop;
    q->end = &q->first;
    q->taken = true;
    return q;
}

/* With the mutex held. */
static void set_awake(struct text_queue *q, bool awake)
{
    char byte = 0;
    if (q->awake != awake &&
        (awake ? write(q->wake[1], &byte, 1) : read(q->wake[0], &byte, 1)) == 1)
        q->awake = awake;
}

/* With the mutex held; the queue is not empty. */
static struct text_item *take_first(struct text_queue *q)
{
    struct text_item *item = q->first;
    q->first = item->next;
    if (!q->first)
        q->end = &q->first;
    q->n--;
    return item;
}

static void drop_first(struct text_queue *q)
{
    free(take_first(q));
    q->lost++;
}

static struct text_item *new_item(const char *topic, const char *text, bool retain)
{
    size_t n_topic = strlen(topic) + 1, n_text = strlen(text) + 1;
    struct text_item *item = malloc(sizeof *item + n_topic + n_text);
    if (!item)
        return NULL;
    *item = (struct text_item){ .retain = retain, .n = n_text - 1, .text = item->topic + n_topic };
    memcpy(item->topic, topic, n_topic);
    memcpy(item->text, text, n_text);
    return item;
}

/* With the mutex held. Waits a little for less to do; a signal's handler cannot wake anybody. */
static void wait_a_little(struct text_queue *q)
{
    enum { SLICE_NS = 50000000, SECOND_NS = 1000000000 };
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += SLICE_NS;
    t.tv_sec += t.tv_nsec / SECOND_NS;
    t.tv_nsec %= SECOND_NS;
    pthread_cond_timedwait(&q->less, &q->mutex, &t);
}

static bool is_stopped(const struct text_queue *q)
{
    return q->stop && *q->stop;
}

void text_queue_push(struct text_queue *q, const char *topic, const char *text, bool retain,
                     bool wait)
{
    struct text_item *item = new_item(topic, text, retain);
    pthread_mutex_lock(&q->mutex);
    while (item && wait && q->n >= q->most && q->taken && !q->closed && !is_stopped(q))
        wait_a_little(q);
    if (item && !q->closed) {
        if (q->n >= q->most)
            drop_first(q);
        *q->end = item;
        q->end = &item->next;
        q->n++;
        item = NULL;
        set_awake(q, true);
    } else {
        q->lost++;
    }
    pthread_mutex_unlock(&q->mutex);
    free(item);
}

struct text_item *text_queue_pop(struct text_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    struct text_item *item = q->first ? take_first(q) : NULL;
    q->in_hand += item != NULL;
    set_awake(q, q->first || q->closed);
    pthread_cond_broadcast(&q->less);
    pthread_mutex_unlock(&q->mutex);
    return item;
}

void text_queue_done(struct text_queue *q, bool written)
{
    pthread_mutex_lock(&q->mutex);
    q->in_hand--;
    q->lost += !written;
    pthread_cond_broadcast(&q->less);
    pthread_mutex_unlock(&q->mutex);
}

void text_queue_set_taken(struct text_queue *q, bool taken)
{
    pthread_mutex_lock(&q->mutex);
    q->taken = taken;
    pthread_cond_broadcast(&q->less);
    pthread_mutex_unlock(&q->mutex);
}

int text_queue_fd(const struct text_queue *q)
{
    return q->wake[0];
}

bool text_queue_is_over(struct text_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    bool over = q->closed && q->n == 0;
    pthread_mutex_unlock(&q->mutex);
    return over;
}

void text_queue_close(struct text_queue *q, double limit_s)
{
    double last_s = monotonic_s() + limit_s, end_s = last_s;
    bool stopped = false;
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    set_awake(q, true);
    for (size_t left; (left = q->n + q->in_hand) > 0 && monotonic_s() < end_s;) {
        wait_a_little(q);
        if (!is_stopped(q))
            continue;
        if (!stopped)
            last_s = fmin(last_s, monotonic_s() + longest_when_stopped_s);
        if (!stopped || q->n + q->in_hand < left)
            end_s = fmin(last_s, monotonic_s() + patience_when_stopped_s);
        stopped = true;
    }
    while (q->n > 0)
        drop_first(q);
    pthread_mutex_unlock(&q->mutex);
}

double text_queue_fill(struct text_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    const size_t n = q->n;
    pthread_mutex_unlock(&q->mutex);
    return (double)n / (double)q->most;
}

uint64_t text_queue_lost(struct text_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    uint64_t lost = q->lost + (q->closed ? q->in_hand : 0);
    pthread_mutex_unlock(&q->mutex);
    return lost;
}

void text_queue_free(struct text_queue *q)
{
    if (!q)
        return;
    while (q->n > 0)
        drop_first(q);
    close(q->wake[0]);
    close(q->wake[1]);
    pthread_cond_destroy(&q->less);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}
