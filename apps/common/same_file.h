/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_SAME_FILE_H
#define APPS_COMMON_SAME_FILE_H

#include <stdbool.h>

/* Do two paths name one ordinary file, that is there or would be made? "-" is a standard stream,
 * and none. */
bool same_file(const char *a, const char *b);

#endif
