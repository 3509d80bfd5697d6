/* SPDX-License-Identifier: MIT */
#include "apps/common/columns.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/utf8.h"

/* Bytes of the cell that are shown, and in *got how many characters: all, or so many that a mark
 * behind them fits. A number is whole or not there: what is left of it would be another number. */
static size_t shown(const char *cell, int width, int *got)
{
    static const char number[] = "0123456789.,";
    size_t n = utf8_first(cell, width, got);
    if (!cell[n])
        return n;
    n = utf8_first(cell, width - 1, got);
    if (strchr(number, cell[n]))
        for (; n > 0 && strchr(number, cell[n - 1]); n--)
            --*got;
    return n;
}

int columns_width(const char *text)
{
    int n;
    utf8_first(text, INT_MAX, &n);
    return n;
}

void columns_put(char *line, size_t size, const struct column *column, const char *cell)
{
    int got;
    size_t n = strlen(line);
    if (column->width == 0) {
        snprintf(line + n, size - n, "%s", cell);
    } else {
        size_t bytes = shown(cell, column->width, &got);
        const char *mark = cell[bytes] ? "…" : "";
        int rest = column->width - got - columns_width(mark), before = column->right ? rest : 0;
        snprintf(line + n, size - n, "%*s%.*s%s%*s", before, "", (int)bytes, cell, mark,
                 rest - before + COLUMNS_GAP, "");
    }
    utf8_make_harmless(line + n);
}

void columns_put_titles(char *line, size_t size, const struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        columns_put(line, size, &columns[i], columns[i].title);
}
