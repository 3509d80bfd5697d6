/* SPDX-License-Identifier: MIT */
#include "apps/sample_ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = 4096,   /* samples converted at once                                              */
    N_MEANS = 33, /* hops whose median mean is the DC offset; a burst lasts fewer than half */
};

/* Longest burst, 40 ms, longest preamble, 10 ms, and what the search lags behind at the start of a
 * stream, 45 ms; and some.
 */
static const double ring_seconds = 0.11;

struct sample_ring {
    const struct kernels *kernels;
    enum iq_format format;
    bool iq_swap;
    size_t capacity; /* samples, a power of two */
    int16_t *iq;
    uint64_t end;
    float raw[2 * HOP]; /* the hop as it arrives; float for its alignment and size */
    size_t n_raw;
    int16_t converted[2 * HOP];
    float means[N_MEANS][2];
    uint64_t n_means;
};

struct sample_ring *sample_ring_open(enum iq_format format, bool iq_swap, double sample_rate_sps,
                                     const struct kernels *kernels)
{
    struct sample_ring *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->kernels = kernels;
    r->format = format;
    r->iq_swap = iq_swap;
    for (r->capacity = 4 * HOP; (double)r->capacity < ring_seconds * sample_rate_sps;)
        r->capacity *= 2;
    r->iq = calloc(2 * r->capacity, sizeof *r->iq);
    if (r->iq)
        return r;
    free(r);
    return NULL;
}

void sample_ring_close(struct sample_ring *r)
{
    if (r)
        free(r->iq);
    free(r);
}

uint64_t sample_ring_end(const struct sample_ring *r)
{
    return r->end;
}

size_t sample_ring_capacity(const struct sample_ring *r)
{
    return r->capacity;
}

/* Integers: unsigned and signed bytes get five bits of fraction, so that the DC offset can be taken
 * off exactly enough; 16 bits lose one, so that no filter overflows; floats get two bits of room
 * above 1.0. */
enum { BYTE_SCALE = 32, FLOAT_SCALE = 8192 };

float sample_ring_full_scale(const struct sample_ring *r)
{
    switch (r->format) {
    case IQ_CU8:
        return 127.5f * BYTE_SCALE;
    case IQ_CS8:
        return 128.0f * BYTE_SCALE;
    case IQ_CS16:
        return 16384.0f;
    case IQ_CF32:
        break;
    }
    return FLOAT_SCALE;
}

static void convert(const struct sample_ring *r, int16_t *to, const void *raw,
                    const int16_t offset[2])
{
    switch (r->format) {
    case IQ_CU8:
        r->kernels->from_u8(to, raw, 2 * HOP, BYTE_SCALE, offset);
        break;
    case IQ_CS8:
        r->kernels->from_s8(to, raw, 2 * HOP, BYTE_SCALE, offset);
        break;
    case IQ_CS16:
        r->kernels->from_s16(to, raw, 2 * HOP, offset);
        break;
    case IQ_CF32:
        r->kernels->from_f32(to, raw, 2 * HOP, FLOAT_SCALE, offset);
        break;
    }
}

static float median(const struct sample_ring *r, int rail)
{
    float sorted[N_MEANS];
    const size_t n = r->n_means < N_MEANS ? (size_t)r->n_means : N_MEANS;
    for (size_t k = 0; k < n; k++) {
        size_t at = k;
        for (; at > 0 && sorted[at - 1] > r->means[k][rail]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = r->means[k][rail];
    }
    return n ? sorted[n / 2] : 0;
}

/* The mean of the hop, in integers of the ring. */
static void note_mean(struct sample_ring *r, const void *raw, size_t n)
{
    const int16_t *s16 = raw;
    const float *f32 = raw;
    int32_t sums[2] = { 0, 0 };
    double mean[2] = { 0, 0 };
    switch (r->format) {
    case IQ_CU8:
        r->kernels->sum_u8(sums, raw, 2 * n);
        break;
    case IQ_CS8:
        r->kernels->sum_s8(sums, raw, 2 * n);
        break;
    case IQ_CS16:
        for (size_t k = 0; k < 2 * n; k++)
            mean[k % 2] += s16[k] / 2.0;
        break;
    case IQ_CF32:
        for (size_t k = 0; k < 2 * n; k++) /* not NaN, and nothing wild */
            if (f32[k] > -4.0f && f32[k] < 4.0f)
                mean[k % 2] += (double)f32[k] * FLOAT_SCALE;
        break;
    }
    for (int rail = 0; rail < 2; rail++)
        r->means[r->n_means % N_MEANS][rail] =
            (float)((mean[rail] + (double)sums[rail] * BYTE_SCALE) / (double)n);
    r->n_means++;
}

/* Converts one hop, of which n samples came from the source; the rest becomes silence. */
static void take_hop(struct sample_ring *r, const void *raw, size_t n)
{
    int16_t offset[2], *to = r->converted;
    if (n > 0)
        note_mean(r, raw, n);
    for (int rail = 0; rail < 2; rail++)
        offset[rail] = (int16_t)lrintf(fmaxf(-32000, fminf(32000, median(r, rail))));
    convert(r, to, raw, offset);
    memset(to + 2 * n, 0, (HOP - n) * 2 * sizeof *to);
    for (size_t k = 0; r->iq_swap && k < 2 * HOP; k += 2) {
        const int16_t i = to[k];
        to[k] = to[k + 1];
        to[k + 1] = i;
    }
    /* A copy of whole lines does not read them first, as single stores to the ring would. */
    memcpy(r->iq + 2 * (r->end % r->capacity), to, sizeof r->converted);
    r->end += HOP;
    r->n_raw = 0;
}

size_t sample_ring_push(struct sample_ring *r, const void *iq, size_t n)
{
    const size_t bytes = iq_sample_bytes(r->format);
    if (r->n_raw == 0 && n >= HOP && bytes == 2) { /* bytes need no alignment: as they stand */
        take_hop(r, iq, HOP);
        return HOP;
    }
    if (n > HOP - r->n_raw)
        n = HOP - r->n_raw;
    memcpy((char *)r->raw + r->n_raw * bytes, iq, n * bytes);
    r->n_raw += n;
    if (r->n_raw == HOP)
        take_hop(r, r->raw, HOP);
    return n;
}

void sample_ring_finish(struct sample_ring *r)
{
    take_hop(r, r->raw, r->n_raw);
    take_hop(r, r->raw, 0);
}

static void copy(const struct sample_ring *r, int64_t first, size_t n, int16_t *iq)
{
    for (; n > 0 && first < 0; first++, n--, iq += 2)
        iq[0] = iq[1] = 0;
    while (n > 0) {
        const size_t at = (size_t)((uint64_t)first % r->capacity);
        const size_t count = n < r->capacity - at ? n : r->capacity - at;
        memcpy(iq, r->iq + 2 * at, count * 2 * sizeof *iq);
        iq += 2 * count;
        first += (int64_t)count;
        n -= count;
    }
}

const int16_t *sample_ring_view(const struct sample_ring *r, int64_t first, size_t n,
                                int16_t *scratch)
{
    if (first >= 0 && (uint64_t)first % r->capacity + n <= r->capacity)
        return r->iq + 2 * ((uint64_t)first % r->capacity);
    copy(r, first, n, scratch);
    return scratch;
}

struct iq_span sample_ring_span(const struct sample_ring *r, double first, double last,
                                int16_t *scratch, size_t capacity)
{
    const uint64_t oldest = r->end > r->capacity ? r->end - r->capacity : 0;
    const uint64_t from = first > (double)oldest ? (uint64_t)first : oldest;
    const uint64_t to = last < (double)r->end ? (last > 0 ? (uint64_t)last : 0) : r->end;
    struct iq_span span = { .iq = scratch, .n = 0, .first_sample = from };
    if (to > from)
        span.n = (size_t)(to - from) < capacity ? (size_t)(to - from) : capacity;
    span.iq = sample_ring_view(r, (int64_t)from, span.n, scratch);
    return span;
}
