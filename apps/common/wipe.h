/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_WIPE_H
#define APPS_COMMON_WIPE_H

#include <stddef.h>

/* Overwrites keys, also where a compiler sees that nobody reads them again. bytes may be NULL. */
static inline void wipe(void *bytes, size_t n)
{
    volatile unsigned char *at = bytes;
    for (size_t i = 0; at && i < n; i++)
        at[i] = 0;
}

#endif
