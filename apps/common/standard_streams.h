/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_STANDARD_STREAMS_H
#define APPS_COMMON_STANDARD_STREAMS_H

#include <stdbool.h>

#include "apps/common/err.h"

/* To be called first. Who starts a program may have closed standard input, output or error: the
 * next file or pipe that it opens would take that place and be read or written in its stead. Each
 * that is closed becomes one that fails as a closed one does. False with *err: it cannot. */
bool standard_streams_take_places(struct err *err);

/* If somebody sits at a terminal, tells on standard error what the program waits for. */
void standard_streams_tell_wait(const char *program, const char *what);

#endif
