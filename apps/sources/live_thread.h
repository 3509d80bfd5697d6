/* SPDX-License-Identifier: MIT
 * A device's own thread: it opens it, runs it, opens it again, and puts what comes into a queue. */
#ifndef APPS_SOURCES_LIVE_THREAD_H
#define APPS_SOURCES_LIVE_THREAD_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "apps/common/queue.h"
#include "apps/sources/live.h"
#include "apps/sources/live_clock.h"

/* Between receiver and device: four seconds of 1.6 Msps, for a computer that is held up. */
enum { LIVE_QUEUE_BLOCKS = 800 };

enum { LIVE_NO_PPM = INT_MAX };

/* What passes from the device's thread to the receiver's; the first one, without samples, says that
 * the device is open. */
struct live_item {
    struct source_note note; /* note.event NULL: samples */
    size_t n;
    uint64_t lost; /* before them */
    int64_t t_us;
    unsigned char iq[LIVE_BLOCK_BYTES];
};

struct live {
    const struct live_device *device;
    struct live_settings settings; /* the thread's, once that runs                              */
    struct live_settings opened;   /* the same when it was open for the first time               */
    struct err open_err;           /* why it could not be opened then                            */
    void *handle;
    pthread_mutex_t run_mutex; /* of running: while it is set, the handle may be used by others */
    bool running;
    pthread_t thread;
    atomic_bool ended; /* the thread                                                       */
    struct queue items;
    atomic_bool over;               /* the reader wants no more */
    atomic_bool stalled;            /* the reader gave up waiting for this run */
    atomic_int_fast64_t awaited_ms; /* since when samples are waited for; 0: none are */
    atomic_bool started;            /* samples came in this run */
    atomic_int gain_index;          /* that was found best; < 0: none was tried */
    atomic_int ppm;                 /* that was set while it ran; LIVE_NO_PPM: none was */
    /* the thread's */
    struct live_clock clock;
    uint64_t lost; /* not told yet */
    bool dropping;
    double wait_s; /* before the next attempt to open it */
    struct live_item filled;
    size_t kept; /* bytes at the start of filled.iq: of a sample that has not come whole */
    /* the reader's */
    struct live_item taken;
    uint64_t position;
};

/* Of struct live *: started by the reader; shuts the queue and sets ended at its end. */
void *live_thread(void *live);
/* On the clock of awaited_ms. */
int64_t live_now_ms(void);

#endif
