/* SPDX-License-Identifier: MIT
 * A folder of short recordings, each of one burst, in SigMF: so that a telegram can be passed on,
 * not a gigabyte. Several threads may write. */
#ifndef APPS_OBSERVER_BURST_FOLDER_H
#define APPS_OBSERVER_BURST_FOLDER_H

#include <json-c/json.h>
#include <pthread.h>

#include "apps/common/err.h"
#include "apps/observer/iq_history.h"
#include "apps/receiver/burst_report.h"

struct burst_folder {
    const char *path;
    bool failed_only; /* no bursts that became telegrams */
    unsigned limit;   /* of recordings                                          */
    FILE *words;      /* where a person reads that no more are written          */
    pthread_mutex_t lock;
    unsigned n_written;
    bool full;
    struct err err; /* exit code EXIT_OK: all is well                         */
};

/* False with *err if nothing can be written there. */
bool burst_folder_check(const char *path, struct err *err);
/* path lives longer. False with *err as above. */
bool burst_folder_open(struct burst_folder *folder, const char *path, bool failed_only,
                       unsigned limit, FILE *words, struct err *err);
/* False with *err if writing failed on the way. */
bool burst_folder_close(struct burst_folder *folder, struct err *err);

bool burst_folder_wants(struct burst_folder *folder, const struct burst_report *report);
/* Writes samples first ... end - 1, as NAME.sigmf-data and NAME.sigmf-meta; if there is one of that
 * name, as NAME_2 and so on. What cannot be written is told once, then the folder is left alone. */
void burst_folder_write(struct burst_folder *folder, const char *name,
                        const struct iq_history *history, uint64_t first, uint64_t end,
                        struct json_object *meta);

#endif
