/* SPDX-License-Identifier: MIT
 * Lines of aligned columns for people. Widths count characters of UTF-8, not bytes. */
#ifndef APPS_COMMON_COLUMNS_H
#define APPS_COMMON_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

struct column {
    const char *title;
    int width; /* longer cells are cut, marked "…", never within a number; 0: as long as it is */
    bool right;
};

enum { COLUMNS_GAP = 2 }; /* characters between two */

/* Characters of a text. */
int columns_width(const char *text);
/* Appends a cell to the zero-terminated line[size]. What a terminal would obey becomes '?'. */
void columns_put(char *line, size_t size, const struct column *column, const char *cell);
/* Appends the titles of all n. */
void columns_put_titles(char *line, size_t size, const struct column *columns, size_t n);

#endif
