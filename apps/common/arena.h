/* SPDX-License-Identifier: MIT
 * Memory that is freed all at once. */
#ifndef APPS_COMMON_ARENA_H
#define APPS_COMMON_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_piece *pieces;
    size_t used; /* bytes given out */
    size_t most; /* not more than so many */
};

/* Zeroed, aligned for anything. NULL: no memory, or more than arena->most. */
void *arena_alloc(struct arena *arena, size_t n, size_t size);
/* A zero-terminated copy of text[n]; NULL as above. */
char *arena_text(struct arena *arena, const char *text, size_t n);
void arena_free(struct arena *arena);

#endif
