/* SPDX-License-Identifier: MIT
 * What the readers of layers hand on to each other. */
#ifndef DECODE_LAYER_H
#define DECODE_LAYER_H

#include <stddef.h>
#include <stdint.h>

/* What is left of the frame above the layers already read. */
struct layer_rest {
    const uint8_t *bytes;
    size_t n;
};

/* n is not more than rest.n. */
static inline struct layer_rest layer_behind(struct layer_rest rest, size_t n)
{
    return (struct layer_rest){ rest.bytes + n, rest.n - n };
}

#endif
