/* SPDX-License-Identifier: MIT
 * Lines to standard output or to a file. In live use a thread of its own writes them, so that a
 * reader who is slow, or a full disk, never holds up reception; in a replay they are written at
 * once, and a failure is the end. */
#ifndef APPS_OUTPUTS_LINE_SINK_H
#define APPS_OUTPUTS_LINE_SINK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "apps/common/err.h"

struct line_sink;

/* path: appended to; NULL or "-": standard output. Once *stop is set (or NULL), nothing waits any
 * more. NULL with *err. */
struct line_sink *line_sink_open(const char *path, bool live, const volatile sig_atomic_t *stop,
                                 struct err *err);
/* line: without its end. wait: rather wait than lose a line. False with *err if no line will ever
 * be written again: the reader of standard output went away (EXIT_OK), or in a replay the disk is
 * full. */
bool line_sink_write(struct line_sink *sink, const char *line, bool wait, struct err *err);
/* The file is opened anew before the next line: somebody moved it away. Live, where that fails, it
 * is tried again with each line, which goes to the old one. */
void line_sink_reopen(struct line_sink *sink);
/* Lines lost until now, and in *trouble, if there is any, why; share of its queue that is full. */
uint64_t line_sink_lost(struct line_sink *sink, struct err *trouble, double *queue_fill);
/* Writes what is left; once *stop is set, as far as that takes a short time. */
bool line_sink_close(struct line_sink *sink, struct err *err);

#endif
