/* SPDX-License-Identifier: MIT
 * Texts that others wrote, perhaps not as UTF-8 (RFC 3629): a byte that is none is a character of
 * its own. All of them end in a zero. */
#ifndef APPS_COMMON_UTF8_H
#define APPS_COMMON_UTF8_H

#include <stddef.h>

/* Bytes of the character that text begins with; 0: its first byte is no UTF-8. */
size_t utf8_length(const char *text);
/* Bytes of the first n characters, or of all; *got: how many they are. */
size_t utf8_first(const char *text, int n, int *got);
/* What a terminal would obey, or show otherwise than it is, and what is no UTF-8 becomes '?', each
 * character one: C0 and C1 controls, ends of lines and paragraphs, directions of writing. */
void utf8_make_harmless(char *text);

#endif
