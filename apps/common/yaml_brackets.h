/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_YAML_BRACKETS_H
#define APPS_COMMON_YAML_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "apps/common/err.h"

/* libyaml's time grows with the square of the brackets that are open at once; our files need few.
 * Brackets in texts and comments of text[n] are counted as well, which nobody will notice.
 * False with *err (EXIT_CONFIG), which names path and line, if there are too many. */
bool yaml_brackets_check(const char *text, size_t n, const char *path, struct err *err);

#endif
