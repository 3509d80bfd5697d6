/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_HASH_H
#define APPS_COMMON_HASH_H

#include <stdint.h>

#define HASH_START UINT64_C(0xCBF29CE484222325)

/* FNV-1a of a text and its end, going on from h: to see that two are the same, not against who
 * wants them to seem so. */
static inline uint64_t hash_text(uint64_t h, const char *text)
{
    do
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    while (*text++);
    return h;
}

#endif
