/* SPDX-License-Identifier: MIT */
#include "apps/observer/iq_history.h"

#include <stdlib.h>
#include <string.h>

struct iq_history {
    size_t sample_bytes, capacity; /* samples                     */
    uint64_t end;                  /* samples that came in all    */
    unsigned char *iq;
};

struct iq_history *iq_history_open(enum iq_format format, size_t n)
{
    struct iq_history *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->sample_bytes = iq_sample_bytes(format);
    h->capacity = n > 0 ? n : 1;
    h->iq = malloc(h->capacity * h->sample_bytes);
    if (h->iq)
        return h;
    free(h);
    return NULL;
}

void iq_history_close(struct iq_history *h)
{
    if (h)
        free(h->iq);
    free(h);
}

void iq_history_push(struct iq_history *h, const void *iq, size_t n)
{
    const unsigned char *from = iq;
    if (n > h->capacity) { /* only the last ones will be kept */
        from += (n - h->capacity) * h->sample_bytes;
        h->end += n - h->capacity;
        n = h->capacity;
    }
    while (n > 0) {
        const size_t at = (size_t)(h->end % h->capacity);
        const size_t count = n < h->capacity - at ? n : h->capacity - at;
        memcpy(h->iq + at * h->sample_bytes, from, count * h->sample_bytes);
        from += count * h->sample_bytes;
        h->end += count;
        n -= count;
    }
}

uint64_t iq_history_first(const struct iq_history *h)
{
    return h->end > h->capacity ? h->end - h->capacity : 0;
}

uint64_t iq_history_end(const struct iq_history *h)
{
    return h->end;
}

bool iq_history_write(const struct iq_history *h, uint64_t first, uint64_t end, FILE *to)
{
    first = first > iq_history_first(h) ? first : iq_history_first(h);
    end = end < h->end ? end : h->end;
    while (first < end) {
        const size_t at = (size_t)(first % h->capacity);
        const size_t left = (size_t)(end - first), room = h->capacity - at;
        const size_t n = left < room ? left : room;
        if (fwrite(h->iq + at * h->sample_bytes, h->sample_bytes, n, to) != n)
            return false;
        first += n;
    }
    return true;
}
