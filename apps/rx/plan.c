/* SPDX-License-Identifier: MIT */
#include "apps/rx/plan.h"

#include <math.h>
#include <stdlib.h>

#include "apps/receiver/sample_ring.h"
#include "apps/rx/listener_job.h"

/* Long enough that the overlap costs little; short enough that the reports of a part, which wait
 * for those of the part before it, are few. */
static const double longest_part_s = 256, shortest_part_s = 8;

/* How a source is cut: the first part, which overlaps with none before it, is longer by the
 * overlap, so that all take the same time. */
struct cut {
    size_t n_parts;
    uint64_t part_samples, overlap_samples;
};

static uint64_t whole_hops(double samples)
{
    return (uint64_t)ceil(samples / SAMPLE_RING_HOP) * SAMPLE_RING_HOP;
}

/* Where part k starts to report. */
static uint64_t part_start(const struct cut *cut, size_t k)
{
    return k == 0 ? 0 : k * cut->part_samples + cut->overlap_samples;
}

/* Opens the source to see how long it is. One that cannot be opened is one job, which will say so.
 */
static struct cut cut_source(const struct source_config *config,
                             const struct listeners_config *listeners, size_t threads)
{
    struct cut cut = { .n_parts = 1 };
    struct source source;
    struct err ignored;
    if (threads < 2 || source_may_be_live(config->text) || !source_open(&source, config, &ignored))
        return cut;
    const struct receiver_config receiver = listener_receiver(listeners, &source);
    const double rate_sps = source.sample_rate_sps;
    const double total_s = (double)source.total_samples / rate_sps;
    if (source.seekable && receiver_fit(&receiver, &ignored) == RECEIVER_FITS) {
        const double overlap_s = receiver_memory_s(&receiver);
        const double rounds = ceil(total_s / longest_part_s / (double)threads);
        const double part_s =
            fmax((total_s - overlap_s) / rounds / (double)threads, shortest_part_s);
        cut.part_samples = whole_hops(part_s * rate_sps);
        cut.overlap_samples = whole_hops(overlap_s * rate_sps);
        while (part_start(&cut, cut.n_parts) < source.total_samples)
            cut.n_parts++;
    }
    source_close(&source);
    return cut;
}

static bool add_jobs(struct plan *plan, const struct source_config *config, size_t source_no,
                     const struct cut *cut)
{
    struct job *more = realloc(plan->jobs, (plan->n + cut->n_parts) * sizeof *more);
    if (!more)
        return false;
    plan->jobs = more;
    for (size_t k = 0; k < cut->n_parts; k++) {
        struct job *job = &plan->jobs[plan->n++];
        *job = (struct job){ .config = *config,
                             .source_no = source_no,
                             .reported_from = part_start(cut, k),
                             .is_first = k == 0,
                             .is_last = k + 1 == cut->n_parts };
        if (k > 0)
            job->config.first_sample = job->reported_from - cut->overlap_samples;
        if (!job->is_last)
            job->config.end_sample = part_start(cut, k + 1);
    }
    return true;
}

bool plan_open(struct plan *plan, const struct source_config *sources, size_t n,
               const struct listeners_config *config, size_t threads)
{
    *plan = (struct plan){ .n = 0 };
    for (size_t k = 0; k < n; k++) {
        const struct cut cut = cut_source(&sources[k], config, threads);
        if (!add_jobs(plan, &sources[k], k, &cut)) {
            plan_close(plan);
            return false;
        }
    }
    return true;
}

void plan_close(struct plan *plan)
{
    free(plan->jobs);
    *plan = (struct plan){ .n = 0 };
}
