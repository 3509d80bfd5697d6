/* SPDX-License-Identifier: MIT
 * A recording of all that a source delivers, as it comes, in SigMF. */
#ifndef APPS_OBSERVER_RECORDER_H
#define APPS_OBSERVER_RECORDER_H

#include "apps/common/err.h"
#include "apps/sources/source.h"

struct recorder;

/* path: of either file, or without a suffix; neither may be there yet. NULL with *err. */
struct recorder *recorder_open(const char *path, const struct source *source, struct err *err);
/* False with *err the first time that it cannot write; from then on it does nothing. */
bool recorder_push(struct recorder *recorder, const void *iq, size_t n, struct err *err);
/* False with *err if what came last could not be written. */
bool recorder_close(struct recorder *recorder, struct err *err);

#endif
