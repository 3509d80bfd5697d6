/* SPDX-License-Identifier: MIT
 * Who looks on while a source is received: explains bursts to people, writes them to folders, and
 * records the whole. It never keeps the receiver from its work: what fails is told once, and again
 * at the end. */
#ifndef APPS_OBSERVER_OBSERVER_H
#define APPS_OBSERVER_OBSERVER_H

#include "apps/observer/burst_folder.h"
#include "apps/observer/burst_plot.h"
#include "apps/sources/source.h"

/* What is asked for. */
struct observer_request {
    bool explain;           /* every burst, in words                     */
    bool name_sources;      /* there are several                         */
    const char *all_bursts; /* folder for recordings of bursts; NULL: none */
    const char *failed_bursts;
    unsigned burst_limit; /* of each folder                            */
    const char *record;   /* NULL: no recording of the whole           */
    const char *plot;     /* file for what draws a burst; NULL: none   */
    double plot_from_s;   /* the first one from here on                */
};

enum { OBSERVER_MAX_FOLDERS = 2 };

/* The same for all sources. */
struct observers {
    struct observer_request request;
    FILE *words; /* where to explain, and to tell what failed */
    struct burst_folder folders[OBSERVER_MAX_FOLDERS];
    size_t n_folders;
    struct burst_plot *plot; /* one source only */
};

/* False with *err, and nothing to close: a folder cannot be written. */
bool observers_open(struct observers *observers, const struct observer_request *request,
                    FILE *words, struct err *err);
/* False with *err if bursts could not be written. */
bool observers_close(struct observers *observers, struct err *err);

/* Is there anything to do? */
bool observers_wanted(const struct observers *observers);

struct observer;

/* n_samples: between the beginning of a burst and the end of the samples that are pushed when it is
 * told of there are no more. NULL with *err. */
struct observer *observer_open(struct observers *observers, const struct source *source,
                               size_t n_samples, struct err *err);
/* Samples, before the receiver gets them. */
void observer_push(struct observer *observer, const void *iq, size_t n);
/* See burst_report_sink. */
void observer_burst(struct observer *observer, const struct burst_report *report);
/* False with *err if the recording of the whole failed. */
bool observer_close(struct observer *observer, struct err *err);

#endif
