/* SPDX-License-Identifier: MIT
 * What a listener does with a job: opens its source, and takes the samples through a receiver. */
#ifndef APPS_RX_LISTENER_JOB_H
#define APPS_RX_LISTENER_JOB_H

#include "apps/rx/listener.h"

/* The configuration of the receiver for this source. */
struct receiver_config listener_receiver(const struct listeners_config *config,
                                         const struct source *source);

/* Reports all of it, from REPORT_START, if the source can be opened, to REPORT_END. */
void listener_run_job(struct listeners *all, struct job *job, struct queue *reports);

#endif
