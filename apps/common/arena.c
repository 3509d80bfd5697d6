/* SPDX-License-Identifier: MIT */
#include "apps/common/arena.h"

#include <stdlib.h>
#include <string.h>

struct arena_piece {
    struct arena_piece *next;
    max_align_t bytes[];
};

void *arena_alloc(struct arena *arena, size_t n, size_t size)
{
    size_t left = arena->most - arena->used;
    if (size && n > left / size)
        return NULL;
    struct arena_piece *piece = calloc(1, sizeof *piece + n * size);
    if (!piece)
        return NULL;
    arena->used += n * size;
    piece->next = arena->pieces;
    arena->pieces = piece;
    return piece->bytes;
}

char *arena_text(struct arena *arena, const char *text, size_t n)
{
    char *copy = arena_alloc(arena, n + 1, 1);
    if (copy && n)
        memcpy(copy, text, n);
    return copy;
}

void arena_free(struct arena *arena)
{
    while (arena->pieces) {
        struct arena_piece *next = arena->pieces->next;
        free(arena->pieces);
        arena->pieces = next;
    }
    arena->used = 0;
}
