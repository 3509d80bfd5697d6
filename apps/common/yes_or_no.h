/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_YES_OR_NO_H
#define APPS_COMMON_YES_OR_NO_H

#include <stdbool.h>

/* What people and YAML write for it: yes, true, on, or no, false, off, in capitals, too. False, and
 * *yes false, for any other text and for NULL. */
bool yes_or_no_parse(const char *text, bool *yes);

#endif
