/* SPDX-License-Identifier: MIT
 * The first byte says how many of the rest are a full frame to learn from; what follows is a
 * compact frame. The signature is put right, or no input would ever match. */
#include "decode/compact.h"

#include <assert.h>
#include <string.h>

#include "decode/tests/learn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct compact_formats formats;
    uint8_t compact[FRAME_MAX_BYTES], full[FRAME_MAX_BYTES];
    bool differs;
    if (size < 1 || size - 1 < data[0] || size - 1 - data[0] > sizeof compact)
        return 0;
    size_t n_full = data[0], n = size - 1 - n_full;
    compact_init(&formats);
    learn_records(&formats, data + 1, n_full);
    memcpy(compact, data + 1 + n_full, n);
    for (size_t i = 0; i < formats.n && n >= 4; i++) {
        compact[0] = (uint8_t)formats.formats[i].signature;
        compact[1] = (uint8_t)(formats.formats[i].signature >> 8);
        assert(compact_expand(&formats, compact, n, full, &differs) <= sizeof full);
    }
    return 0;
}
