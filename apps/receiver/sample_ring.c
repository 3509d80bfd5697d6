/* SPDX-License-Identifier: MIT */
#include "apps/receiver/sample_ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/sorted_window.h"

enum {
    HOP = SAMPLE_RING_HOP,
    N_MEANS = 33, /* hops whose median mean is the DC offset; a burst lasts fewer than half */
};

/* Integers: unsigned and signed bytes get five bits of fraction, so that the DC offset can be taken
 * off exactly enough; 16 bits lose one, so that no filter overflows; floats get two bits of room
 * above 1.0. */
enum { BYTE_SCALE = 32, FLOAT_SCALE = 8192 };

struct sample_ring {
    const struct kernels *kernels;
    enum iq_format format;
    bool iq_swap, keeps_mean;
    size_t capacity;    /* samples, a power of two */
    unsigned char *iq;  /* a value has value_bytes  */
    size_t value_bytes; /* 1: unsigned bytes, cs8 too; 2: integers without their mean */
    uint64_t end, source_end;
    float raw[2 * HOP]; /* the hop as it arrives; float for its alignment and size */
    size_t n_raw;
    int16_t converted[2 * HOP];
    float means[2][N_MEANS];
    struct sorted_window sorted_means[2];
    uint64_t n_means;
    float dc[2];           /* in integers */
    int16_t (*offsets)[2]; /* of each hop in the ring: its dc then, as it is taken off bytes */
};

struct sample_ring *sample_ring_open(enum iq_format format, bool iq_swap, size_t n,
                                     const struct kernels *kernels)
{
    struct sample_ring *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->kernels = kernels;
    r->format = format;
    r->iq_swap = iq_swap;
    for (r->capacity = 4 * HOP; r->capacity < n;)
        r->capacity *= 2;
    r->value_bytes = iq_sample_bytes(format) == 2 ? 1 : 2;
    r->iq = calloc(2 * r->capacity, r->value_bytes);
    r->offsets = calloc(r->capacity / HOP, sizeof *r->offsets);
    if (r->iq && r->offsets) {
        sample_ring_reset(r, 0);
        return r;
    }
    sample_ring_close(r);
    return NULL;
}

void sample_ring_close(struct sample_ring *r)
{
    if (!r)
        return;
    free(r->iq);
    free(r->offsets);
    free(r);
}

/* Value of the source that means nothing, as memset takes it. */
static int silent_raw(enum iq_format format)
{
    return format == IQ_CU8 ? 128 : 0;
}

/* What memset fills the ring with before the start and behind the end. */
static int silent_value(const struct sample_ring *r)
{
    return r->value_bytes == 1 ? 128 : 0;
}

void sample_ring_keep_mean(struct sample_ring *r)
{
    r->keeps_mean = true;
}

void sample_ring_reset(struct sample_ring *r, uint64_t first_sample)
{
    r->n_raw = first_sample % HOP;
    r->end = r->source_end = first_sample - r->n_raw;
    r->n_means = 0;
    r->sorted_means[0].n = r->sorted_means[1].n = 0;
    memset(r->raw, silent_raw(r->format), r->n_raw * iq_sample_bytes(r->format));
    memset(r->iq, silent_value(r), 2 * r->capacity * r->value_bytes);
    for (size_t k = 0; k < r->capacity / HOP; k++) /* silence is 0 when it was converted */
        r->offsets[k][0] = r->offsets[k][1] = (int16_t)(silent_value(r) * BYTE_SCALE);
}

uint64_t sample_ring_end(const struct sample_ring *r)
{
    return r->end;
}

uint64_t sample_ring_source_end(const struct sample_ring *r)
{
    return r->source_end;
}

size_t sample_ring_capacity(const struct sample_ring *r)
{
    return r->capacity;
}

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

bool sample_ring_bytes(const struct sample_ring *r, float dc[2], float *scale)
{
    *scale = BYTE_SCALE;
    for (int rail = 0; rail < 2; rail++)
        dc[rail] = r->dc[rail] / BYTE_SCALE;
    return r->value_bytes == 1;
}

static float median(const struct sample_ring *r, int rail)
{
    const struct sorted_window *w = &r->sorted_means[rail];
    return w->n ? w->value[w->n / 2] : 0;
}

static void note_rail(struct sample_ring *r, int rail, float mean)
{
    float *oldest = &r->means[rail][r->n_means % N_MEANS];
    if (r->n_means >= N_MEANS)
        sorted_window_remove(&r->sorted_means[rail], *oldest);
    sorted_window_insert(&r->sorted_means[rail], mean);
    *oldest = mean;
}

/* The mean of the hop, in integers of the ring. */
static void note_mean(struct sample_ring *r, const void *raw, size_t n)
{
    int32_t sums[2] = { 0, 0 };
    float float_sums[2] = { 0, 0 };
    double scale = BYTE_SCALE;
    switch (r->format) {
    case IQ_CU8:
    case IQ_CS8:
        r->kernels->sum_u8(sums, raw, 2 * n);
        break;
    case IQ_CS16:
        r->kernels->sum_s16(sums, raw, 2 * n);
        scale = 0.5;
        break;
    case IQ_CF32:
        r->kernels->sum_f32(float_sums, raw, 2 * n, 32768.0f / FLOAT_SCALE);
        scale = FLOAT_SCALE;
        break;
    }
    for (int rail = 0; rail < 2; rail++)
        note_rail(r, rail, (float)(scale * (sums[rail] + (double)float_sums[rail]) / (double)n));
    r->n_means++;
}

/* The hop without its mean, if it is not of bytes. */
static const void *converted(struct sample_ring *r, const void *raw, const int16_t offset[2])
{
    if (r->value_bytes == 1)
        return raw;
    if (r->format == IQ_CS16)
        r->kernels->from_s16(r->converted, raw, 2 * HOP, offset);
    else
        r->kernels->from_f32(r->converted, raw, 2 * HOP, FLOAT_SCALE, offset);
    return r->converted;
}

/* raw[2 * HOP]: signed bytes become unsigned ones, and the rails are exchanged if need be. */
static void normalise(const struct sample_ring *r, void *raw)
{
    unsigned char *bytes = raw;
    const size_t value = iq_sample_bytes(r->format) / 2;
    for (size_t k = 0; r->format == IQ_CS8 && k < 2 * HOP; k++)
        bytes[k] ^= 0x80;
    for (size_t k = 0; r->iq_swap && k < HOP; k++) {
        unsigned char i[sizeof(float)], *at = bytes + 2 * k * value;
        memcpy(i, at, value);
        memcpy(at, at + value, value);
        memcpy(at + value, i, value);
    }
}

/* Takes one normalised hop, of which n samples came from the source. */
static void take_hop(struct sample_ring *r, const void *raw, size_t n)
{
    int16_t *offset = r->offsets[r->end % r->capacity / HOP];
    if (n > 0 && !r->keeps_mean)
        note_mean(r, raw, n);
    for (int rail = 0; rail < 2; rail++) {
        r->dc[rail] = fmaxf(-32000, fminf(32000, median(r, rail)));
        offset[rail] = (int16_t)lrintf(r->dc[rail]);
    }
    /* A copy of whole lines does not read them first, as single stores to the ring would. */
    unsigned char *to = r->iq + 2 * r->value_bytes * (r->end % r->capacity);
    memcpy(to, converted(r, raw, offset), 2 * HOP * r->value_bytes);
    memset(to + 2 * r->value_bytes * n, silent_value(r), 2 * (HOP - n) * r->value_bytes);
    r->end += HOP;
    r->source_end += n;
    r->n_raw = 0;
}

size_t sample_ring_push(struct sample_ring *r, const void *iq, size_t n)
{
    const size_t bytes = iq_sample_bytes(r->format);
    if (r->n_raw == 0 && n >= HOP && r->format == IQ_CU8 && !r->iq_swap) { /* as they stand */
        take_hop(r, iq, HOP);
        return HOP;
    }
    if (n > HOP - r->n_raw)
        n = HOP - r->n_raw;
    memcpy((char *)r->raw + r->n_raw * bytes, iq, n * bytes);
    r->n_raw += n;
    if (r->n_raw == HOP) {
        normalise(r, r->raw);
        take_hop(r, r->raw, HOP);
    }
    return n;
}

void sample_ring_finish(struct sample_ring *r, size_t n)
{
    const size_t n_begun = r->n_raw;
    normalise(r, r->raw);
    take_hop(r, r->raw, n_begun);
    for (size_t k = 0; k < n; k += HOP)
        take_hop(r, r->raw, 0);
}

static void copy(const struct sample_ring *r, int64_t first, size_t n, void *to)
{
    const size_t bytes = 2 * r->value_bytes;
    unsigned char *at = to;
    for (; n > 0 && first < 0; first++, n--, at += bytes)
        memset(at, silent_value(r), bytes);
    while (n > 0) {
        const size_t from = (size_t)((uint64_t)first % r->capacity);
        const size_t count = n < r->capacity - from ? n : r->capacity - from;
        memcpy(at, r->iq + bytes * from, bytes * count);
        at += bytes * count;
        first += (int64_t)count;
        n -= count;
    }
}

const void *sample_ring_view(const struct sample_ring *r, int64_t first, size_t n, int16_t *scratch)
{
    if (first >= 0 && (uint64_t)first % r->capacity + n <= r->capacity)
        return r->iq + 2 * r->value_bytes * ((uint64_t)first % r->capacity);
    copy(r, first, n, scratch);
    return scratch;
}

/* Bytes become integers, each hop without the mean that it was taken with. */
static void convert_bytes(const struct sample_ring *r, uint64_t first, size_t n, int16_t *to)
{
    while (n > 0) {
        const size_t at = (size_t)(first % r->capacity);
        const size_t in_hop = HOP - at % HOP, count = n < in_hop ? n : in_hop;
        const size_t there = first < r->source_end ? (size_t)(r->source_end - first) : 0;
        const size_t real = count < there ? count : there;
        r->kernels->from_u8(to, r->iq + 2 * at, 2 * real, BYTE_SCALE, r->offsets[at / HOP]);
        memset(to + 2 * real, 0, (count - real) * 2 * sizeof *to);
        to += 2 * count;
        first += count;
        n -= count;
    }
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
    if (r->value_bytes == 1)
        convert_bytes(r, from, span.n, scratch);
    else
        span.iq = sample_ring_view(r, (int64_t)from, span.n, scratch);
    return span;
}
