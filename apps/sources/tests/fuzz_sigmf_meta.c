/* SPDX-License-Identifier: MIT
 * Metadata of SigMF recordings. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/sources/sigmf_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct sigmf_meta *meta)
{
    assert(sample_coding_known(&meta->coding));
    assert(isfinite(meta->sample_rate_sps) && meta->sample_rate_sps >= 0);
    assert(isfinite(meta->center_hz) && meta->center_hz >= 0);
    assert(memchr(meta->dataset, 0, sizeof meta->dataset) && !strchr(meta->dataset, '/'));
    assert(meta->n_parts > 0);
    for (size_t k = 0; k < meta->n_parts; k++) {
        const struct sample_part *part = &meta->parts[k];
        assert(k == meta->n_parts - 1 ||
               part->first_byte + part->n_bytes <= meta->parts[k + 1].first_byte);
        assert(part->silence < (uint64_t)1 << 62);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sigmf_meta meta;
    struct err err;
    char *text = malloc(n + 1);
    if (!text)
        return 0;
    if (n > 0)
        memcpy(text, data, n);
    text[n] = 0;
    if (sigmf_meta_parse(text, n, &meta, &err)) {
        check(&meta);
        sigmf_meta_free(&meta);
    }
    free(text);
    return 0;
}
