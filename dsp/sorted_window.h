/* SPDX-License-Identifier: MIT
 * The last figures of a series in order of size, for medians and other quantiles. Whoever uses it
 * keeps the series itself, and says which figure is too old. */
#ifndef DSP_SORTED_WINDOW_H
#define DSP_SORTED_WINDOW_H

#include <stddef.h>
#include <string.h>

enum { SORTED_WINDOW_MAX = 64 };

struct sorted_window {
    float value[SORTED_WINDOW_MAX]; /* the smallest first */
    size_t n;
};

/* No NaN; less than SORTED_WINDOW_MAX are in. */
static inline void sorted_window_insert(struct sorted_window *w, float value)
{
    size_t at = w->n++;
    for (; at > 0 && w->value[at - 1] > value; at--)
        w->value[at] = w->value[at - 1];
    w->value[at] = value;
}

/* A value that is in. */
static inline void sorted_window_remove(struct sorted_window *w, float value)
{
    size_t at = 0;
    while (at + 1 < w->n && w->value[at] < value)
        at++;
    w->n--;
    memmove(w->value + at, w->value + at + 1, (w->n - at) * sizeof *w->value);
}

#endif
