/* SPDX-License-Identifier: MIT
 * A text file of what was learnt, which is replaced as a whole, so that it is never half: PATH.new
 * is written and becomes PATH. It must be an ordinary file: a device would be replaced, too. */
#ifndef APPS_COMMON_KEPT_FILE_H
#define APPS_COMMON_KEPT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "apps/common/err.h"

/* To be read. NULL with *err: EXIT_CONFIG, or EXIT_OK if it is not there yet. */
FILE *kept_file_read(const char *path, struct err *err);
/* Of what fgets got: is it not a part of a longer line? */
bool kept_file_has_line(FILE *file, const char *line);

/* Each is false, or NULL, with *err (EXIT_OUTPUT). */

/* Can it be replaced? To be asked before much is learnt; leaves the file as it is. */
bool kept_file_check(const char *path, struct err *err);
/* To be written, and then closed; that puts it in its place, if all was written. */
FILE *kept_file_open(const char *path, struct err *err);
bool kept_file_close(FILE *file, const char *path, struct err *err);

#endif
