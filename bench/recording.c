/* SPDX-License-Identifier: MIT */
#include "bench/recording.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/source.h"
#include "bench/byte_noise.h"

enum { BLOCK_SAMPLES = 65536 };

static bool append_samples(struct recording *r, size_t *capacity, const void *iq, size_t n,
                           struct err *err)
{
    size_t size = iq_sample_bytes(r->format);
    if (n == 0)
        return true;
    if (r->n + n > *capacity) {
        *capacity = 2 * (r->n + n);
        void *more = realloc(r->bytes, *capacity * size);
        if (!more)
            return err_set(err, EXIT_INTERNAL, "out of memory");
        r->bytes = more;
    }
    memcpy(r->bytes + r->n * size, iq, n * size);
    r->n += n;
    return true;
}

bool recording_read(struct recording *r, const char *text, double center_hz, double sample_rate_sps,
                    struct err *err)
{
    const struct source_config config = {
        .text = text,
        .center_hz = center_hz,
        .sample_rate_sps = sample_rate_sps,
        .block_samples = BLOCK_SAMPLES,
    };
    struct source source;
    if (!source_open(&source, &config, err))
        return false;
    r->format = source.format;
    r->center_hz = source.center_hz;
    r->sample_rate_sps = source.sample_rate_sps;
    struct iq_block block = { .n = 1 };
    size_t capacity = 0;
    bool ok = true;
    while (ok && block.n > 0)
        ok = source_read(&source, &block, err) &&
             append_samples(r, &capacity, block.iq, block.n, err);
    source_close(&source);
    return ok && (r->n > 0 || err_set(err, EXIT_FILE, "%.200s is empty", text));
}

bool recording_make_noise(struct recording *r, size_t n, double center_hz, double sample_rate_sps,
                          struct err *err)
{
    struct byte_noise noise;
    *r = (struct recording){ .format = IQ_CU8,
                             .center_hz = center_hz,
                             .sample_rate_sps = sample_rate_sps,
                             .bytes = malloc(2 * n),
                             .n = n };
    if (!r->bytes)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    byte_noise_init(&noise, 10, 1);
    byte_noise_fill(&noise, r->bytes, n);
    return true;
}

void recording_free(struct recording *r)
{
    free(r->bytes);
}
