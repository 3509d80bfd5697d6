/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_SAME_FILE_H
#define APPS_COMMON_SAME_FILE_H

#include <stdbool.h>

/* Do two paths name one ordinary file, that is there or would be made? Links are followed. The path
 * "-" is the descriptor beside it, such as STDIN_FILENO; NULL is no file. */
bool same_file(const char *a, int a_standard, const char *b, int b_standard);

#endif
