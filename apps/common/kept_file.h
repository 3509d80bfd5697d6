/* SPDX-License-Identifier: MIT
 * A file of what was learnt, which is replaced as a whole, so that it is never half: PATH.new is
 * written and becomes PATH. */
#ifndef APPS_COMMON_KEPT_FILE_H
#define APPS_COMMON_KEPT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "apps/common/err.h"

/* Each is false, or NULL, with *err (EXIT_OUTPUT). */

/* Can it be replaced? To be asked before much is learnt; leaves the file as it is. */
bool kept_file_check(const char *path, struct err *err);
/* To be written, and then closed; that puts it in its place, if all was written. */
FILE *kept_file_open(const char *path, struct err *err);
bool kept_file_close(FILE *file, const char *path, struct err *err);

#endif
