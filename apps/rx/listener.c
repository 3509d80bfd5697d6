/* SPDX-License-Identifier: MIT */
#include "apps/rx/listener.h"

#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"
#include "apps/common/thread.h"
#include "apps/rx/listener_job.h"

/* Frames that a listener may be ahead: a minute of the busiest street. */
enum { MAX_REPORTS = 1024 };

static void *listen(void *listener)
{
    struct listener *l = listener;
    struct listeners *all = l->all;
    struct queue *reports = &all->listener[all->side_by_side ? 0 : l->index].reports;
    for (size_t j = l->index; j < all->n_jobs && (j == l->index || !stop_asked()); j += all->n)
        listener_run_job(all, &all->jobs[j], reports);
    if (!all->side_by_side)
        queue_shut(reports);
    return NULL;
}

/* The first n threads, and all queues. */
static void end_threads(struct listeners *all, size_t n)
{
    for (size_t k = 0; k < all->n; k++)
        queue_shut(&all->listener[k].reports);
    for (size_t k = 0; k < n; k++)
        pthread_join(all->listener[k].thread, NULL);
    for (size_t k = 0; k < all->n; k++)
        queue_close(&all->listener[k].reports);
}

bool listeners_start(struct listeners *all, size_t n, struct err *err)
{
    for (all->n = 0; all->n < n; all->n++) {
        struct listener *l = &all->listener[all->n];
        *l = (struct listener){ .all = all, .index = all->n };
        if (!queue_open(&l->reports, sizeof(struct report), MAX_REPORTS))
            break;
    }
    size_t running = 0;
    for (; all->n == n && running < n; running++) {
        struct listener *l = &all->listener[running];
        if (!thread_start(&l->thread, listen, l))
            break;
    }
    if (running == n)
        return true;
    end_threads(all, running);
    return err_set(err, EXIT_INTERNAL, "cannot start %zu threads", n);
}

void listeners_end(struct listeners *all)
{
    end_threads(all, all->n);
}

enum queue_taken listeners_take(struct listeners *all, size_t job, int timeout_ms,
                                struct report *report)
{
    const size_t k = all->side_by_side ? 0 : job % all->n;
    return queue_take(&all->listener[k].reports, report, timeout_ms);
}
