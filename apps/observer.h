/* SPDX-License-Identifier: MIT
 * Who looks on while a source is received: explains bursts to people, writes them to folders, and
 * records the whole. It never keeps the receiver from its work: what fails is told once, and again
 * at the end. */
#ifndef APPS_OBSERVER_H
#define APPS_OBSERVER_H

#include "apps/burst_folder.h"
#include "apps/source.h"

enum { OBSERVER_MAX_FOLDERS = 2 };

/* What is the same for all sources. */
struct observer_config {
    bool explain; /* every burst, in words */
    FILE *words;  /* where to              */
    struct burst_folder *folders[OBSERVER_MAX_FOLDERS];
    size_t n_folders;
    const char *record; /* NULL: no recording of the whole */
};

struct observer;

/* Is there anything to do? */
bool observer_is_wanted(const struct observer_config *config);

/* n_samples: between the beginning of a burst and the end of the samples that are pushed when it is
 * told of there are no more. NULL with *err. */
struct observer *observer_open(const struct observer_config *config, const struct source *source,
                               size_t n_samples, struct err *err);
/* Samples, before the receiver gets them. */
void observer_push(struct observer *observer, const void *iq, size_t n);
/* See burst_report_sink. */
void observer_burst(struct observer *observer, const struct burst_report *report);
/* False with *err if something could not be written. */
bool observer_close(struct observer *observer, struct err *err);

#endif
