/* SPDX-License-Identifier: MIT
 * The table of all meters heard, in lines of text: as wide as its cells, and where that is wider
 * than the terminal, with names cut and without the columns that matter least. No line is wider
 * than the terminal, and no number is cut. Pure functions. */
#ifndef APPS_OUTPUTS_METERS_TABLE_H
#define APPS_OUTPUTS_METERS_TABLE_H

#include "apps/common/columns.h"
#include "apps/telegrams/heard.h"

enum { METERS_COLUMNS = 13, METERS_LINE_SIZE = 512 };

struct meters_table {
    struct column columns[METERS_COLUMNS];
    bool left_out[METERS_COLUMNS];
    int64_t now_us;
};

/* For these meters, now, on a terminal of so many characters. */
void meters_table_init(struct meters_table *table, const struct heard_meter *const *meters,
                       size_t n, int64_t now_us, int width);
void meters_table_titles(const struct meters_table *table, char line[METERS_LINE_SIZE]);
void meters_table_line(const struct meters_table *table, const struct heard_meter *meter,
                       char line[METERS_LINE_SIZE]);

#endif
