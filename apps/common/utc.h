/* SPDX-License-Identifier: MIT
 * Times as text, UTC. t_us is microseconds since 1970. */
#ifndef APPS_COMMON_UTC_H
#define APPS_COMMON_UTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTC_TEXT_SIZE = 96 };

/* RFC 3339 with microseconds and Z. */
void utc_format(int64_t t_us, char text[UTC_TEXT_SIZE]);
/* RFC 3339 (2024-01-31T12:34:56.5Z, or an offset such as +01:00 for Z), whole text. */
bool utc_parse(const char *text, int64_t *t_us);
/* The first date with a time of day in a file name: 20240131_123456, 2024-01-31T12-34-56Z and the
 * like, years 1990 to 2099, taken as UTC. */
bool utc_find(const char *name, int64_t *t_us);

#endif
