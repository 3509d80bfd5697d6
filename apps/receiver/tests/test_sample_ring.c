/* SPDX-License-Identifier: MIT */
#include "apps/receiver/sample_ring.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

enum { HOP = SAMPLE_RING_HOP, CAPACITY = 4 * HOP, N = 6 * HOP + 100 };

static uint8_t raw[N * 8]; /* of any format */
static int16_t scratch[2 * CAPACITY];

static const enum iq_format formats[] = { IQ_CU8, IQ_CS8, IQ_CS16, IQ_CF32 };
static const double unit[] = { 1 / 128.0, 1 / 128.0, 1 / 32768.0, 1 };

/* A saw of 11 samples a tooth, its mean 0, in steps that every format has; Q is -I. */
static double saw(size_t n)
{
    return ((double)(n * 3 % 11) - 5) / 10 * 0.78125; /* 100 / 128 */
}

static void write_value(enum iq_format format, size_t at, double value)
{
    const double steps = value / unit[format];
    const int16_t s16 = (int16_t)steps;
    const float f32 = (float)value;
    switch (format) {
    case IQ_CU8:
        raw[at] = (uint8_t)(128 + steps);
        break;
    case IQ_CS8:
        raw[at] = (uint8_t)(int8_t)steps;
        break;
    case IQ_CS16:
        memcpy(raw + 2 * at, &s16, sizeof s16);
        break;
    case IQ_CF32:
        memcpy(raw + 4 * at, &f32, sizeof f32);
        break;
    }
}

static struct sample_ring *saw_ring(enum iq_format format, bool swap, double dc_i, double dc_q)
{
    struct sample_ring *ring = sample_ring_open(format, swap, CAPACITY, kernels_find(NULL));
    assert_non_null(ring);
    assert_int_equal(sample_ring_capacity(ring), CAPACITY);
    for (size_t n = 0; n < N; n++) {
        write_value(format, 2 * n, dc_i + saw(n));
        write_value(format, 2 * n + 1, dc_q - saw(n));
    }
    return ring;
}

/* Samples first ... last - 1 of raw, in pieces of no round length. */
static void push(struct sample_ring *ring, enum iq_format format, size_t first, size_t last)
{
    while (first < last) {
        const size_t n = last - first < 1000 ? last - first : 1000;
        first += sample_ring_push(ring, raw + first * iq_sample_bytes(format), n);
    }
}

/* The span is there and holds the saw from its first sample on, to two steps of a byte. */
static void assert_saw(const struct sample_ring *ring, const struct iq_span *span, double sign)
{
    const double full = (double)sample_ring_full_scale(ring), most = 2.5 / 128 * full;
    for (size_t k = 0; k < span->n; k++) {
        const double expected = sign * saw((size_t)span->first_sample + k) * full;
        assert_true(span->iq[2 * k] - expected < most && expected - span->iq[2 * k] < most);
        assert_true(span->iq[2 * k + 1] + expected < most &&
                    -expected - span->iq[2 * k + 1] < most);
    }
}

/* In every format the same, without its mean; mirrored, I is Q. */
static void formats_and_rails(void **state)
{
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++)
        for (int swap = 0; swap < 2; swap++) {
            print_message("format %zu%s\n", f, swap ? ", mirrored" : "");
            struct sample_ring *ring = saw_ring(formats[f], swap, 0.25, -0.125);
            push(ring, formats[f], 0, N);
            assert_int_equal(sample_ring_end(ring), 6 * HOP);
            assert_int_equal(sample_ring_source_end(ring), 6 * HOP);
            const struct iq_span span =
                sample_ring_span(ring, 3 * HOP + 7.5, 1e9, scratch, CAPACITY);
            assert_int_equal(span.first_sample, 3 * HOP + 7);
            assert_int_equal(span.n, 3 * HOP - 7);
            assert_saw(ring, &span, swap ? -1 : 1);
            sample_ring_close(ring);
        }
}

/* A float that is not finite counts as 0; those beside it are as they were. */
static void not_finite(void **state)
{
    static const float values[] = { NAN, INFINITY, -INFINITY };
    enum { EVERY = 100 };
    (void)state;
    struct sample_ring *ring = saw_ring(IQ_CF32, false, 0, 0);
    for (size_t n = 0; n < N; n += EVERY)
        memcpy(raw + 8 * n + 4 * (n / EVERY % 2), &values[n / EVERY % ARRAY_LEN(values)], 4);
    push(ring, IQ_CF32, 0, N);
    const struct iq_span span = sample_ring_span(ring, 3 * HOP, 1e9, scratch, CAPACITY);
    const double full = (double)sample_ring_full_scale(ring), most = 2.5 / 128 * full;
    for (size_t k = 0; k < span.n; k++) {
        const size_t n = (size_t)span.first_sample + k;
        for (size_t rail = 0; rail < 2; rail++) {
            const double there = (rail ? -1 : 1) * saw(n) * full;
            const bool none = n % EVERY == 0 && rail == n / EVERY % 2;
            assert_true(fabs(span.iq[2 * k + rail] - (none ? 0 : there)) < most);
        }
    }
    sample_ring_close(ring);
}

/* Who has no mean keeps what there is. */
static void mean_kept(void **state)
{
    (void)state;
    struct sample_ring *ring = saw_ring(IQ_CF32, false, 0.5, 0.25);
    sample_ring_keep_mean(ring);
    push(ring, IQ_CF32, 0, N);
    const struct iq_span span = sample_ring_span(ring, 11 * 1500, 1e9, scratch, CAPACITY);
    double i = 0, q = 0;
    for (size_t k = 0; k < 1100; k++) {
        i += span.iq[2 * k] / 1100.0;
        q += span.iq[2 * k + 1] / 1100.0;
    }
    const double full = (double)sample_ring_full_scale(ring);
    assert_true(i > 0.49 * full && i < 0.51 * full && q > 0.24 * full && q < 0.26 * full);
    sample_ring_close(ring);
}

/* The offset that is taken off bytes is the median of the means of 33 hops: a strong burst of fewer
 * than half of them does not change it. */
static void offset_of_late(void **state)
{
    enum { WINDOW = 33, BEFORE = 50 };
    (void)state;
    struct sample_ring *ring = sample_ring_open(IQ_CU8, false, CAPACITY, kernels_find(NULL));
    static uint8_t hop[2 * HOP];
    float dc[2], scale;
    for (int k = 0; k < BEFORE + WINDOW; k++) {
        memset(hop, k < BEFORE ? 138 : 118, sizeof hop);
        assert_int_equal(sample_ring_push(ring, hop, HOP), HOP);
        assert_true(sample_ring_bytes(ring, dc, &scale));
        const float expected = k < BEFORE + WINDOW / 2 ? 138 : 118;
        assert_true(dc[0] == expected && dc[1] == expected);
        const struct iq_span span = sample_ring_span(ring, k * HOP, 1e9, scratch, CAPACITY);
        const int first = span.iq[0], last = span.iq[2 * HOP - 1];
        assert_true(first == (int)(((float)hop[0] - expected) * scale) && last == first);
    }
    sample_ring_reset(ring, 0);
    memset(hop, 120, sizeof hop);
    sample_ring_push(ring, hop, HOP);
    sample_ring_bytes(ring, dc, &scale);
    assert_true(dc[0] == 120);
    sample_ring_close(ring);
}

/* What is asked for and what of it is there. */
static void edges(void **state)
{
    static const struct {
        const char *what;
        double first, last;
        size_t capacity;
        uint64_t from, n;
    } rows[] = {
        { "inside", 3 * HOP, 4 * HOP, CAPACITY, 3 * HOP, HOP },
        { "across the ring's end", 4 * HOP - 10, 4 * HOP + 10, CAPACITY, 4 * HOP - 10, 20 },
        { "gone by now", 0, 2 * HOP + 5, CAPACITY, 2 * HOP, 5 },
        { "all of it gone", 0, HOP, CAPACITY, 2 * HOP, 0 },
        { "before the start", -5, -1, CAPACITY, 2 * HOP, 0 },
        { "not there yet", 6 * HOP - 3, 7 * HOP, CAPACITY, 6 * HOP - 3, 3 },
        { "nothing of it there", 7 * HOP, 8 * HOP, CAPACITY, 7 * HOP, 0 },
        { "more than there is room", 3 * HOP, 5 * HOP, 77, 3 * HOP, 77 },
        { "backwards", 5 * HOP, 4 * HOP, CAPACITY, 5 * HOP, 0 },
    };
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f += 2) {
        struct sample_ring *ring = saw_ring(formats[f], false, 0, 0);
        push(ring, formats[f], 0, N);
        for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
            print_message("format %zu: %s\n", f, rows[r].what);
            const struct iq_span span =
                sample_ring_span(ring, rows[r].first, rows[r].last, scratch, rows[r].capacity);
            assert_int_equal(span.first_sample, rows[r].from);
            assert_int_equal(span.n, rows[r].n);
            assert_saw(ring, &span, 1);
        }
        sample_ring_close(ring);
    }
}

/* Behind the end of the source and before its start there is silence, however it is read; after a
 * reset nothing of what was before is left. */
static void silence(void **state)
{
    enum { START = 2 * HOP + 50, REAL = HOP + 20 };
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        print_message("format %zu\n", f);
        struct sample_ring *ring = saw_ring(formats[f], false, 0, 0);
        float dc[2], scale;
        const bool bytes = sample_ring_bytes(ring, dc, &scale);
        assert_int_equal(bytes, iq_sample_bytes(formats[f]) == 2);
        push(ring, formats[f], 0, N);
        sample_ring_reset(ring, START);
        assert_int_equal(sample_ring_end(ring), 2 * HOP);
        push(ring, formats[f], START, START + REAL);
        sample_ring_finish(ring, 10);
        assert_int_equal(sample_ring_end(ring), 5 * HOP);
        assert_int_equal(sample_ring_source_end(ring), START + REAL);
        const struct iq_span span = sample_ring_span(ring, HOP, 5 * HOP, scratch, CAPACITY);
        assert_int_equal(span.n, 4 * HOP);
        for (size_t k = 0; k < span.n; k++) {
            const size_t at = k + HOP;
            if (at >= START + REAL)
                assert_true(span.iq[2 * k] == 0 && span.iq[2 * k + 1] == 0);
            else if (at < START) /* the mean of its hop was taken off */
                assert_true(abs(span.iq[2 * k]) <= 64 && abs(span.iq[2 * k + 1]) <= 64);
        }
        const struct iq_span real = sample_ring_span(ring, START, START + REAL, scratch, CAPACITY);
        assert_saw(ring, &real, 1);
        static int16_t view[2 * 64];
        const void *before = sample_ring_view(ring, -50, 64, view);
        assert_ptr_equal(before, view);
        for (size_t k = 0; k < 2 * 64; k++)
            assert_int_equal(bytes ? ((const uint8_t *)before)[k] : view[k], bytes ? 128 : 0);
        sample_ring_close(ring);
    }
}

/* A view across the end of the ring is the same samples as one that stands in one piece. */
static void views(void **state)
{
    (void)state;
    struct sample_ring *ring = saw_ring(IQ_CU8, false, 0, 0);
    static int16_t room[2 * 2 * HOP];
    push(ring, IQ_CU8, 0, N);
    for (int64_t first = 4 * HOP - 3; first <= 4 * HOP; first++) {
        const uint8_t *view = sample_ring_view(ring, first, 100, room);
        assert_int_equal((const void *)view == (const void *)room, first < 4 * HOP);
        assert_memory_equal(view, raw + 2 * first, 200);
    }
    /* up to the very end of the ring no copy is needed */
    assert_memory_equal(sample_ring_view(ring, 4 * HOP - 100, 100, NULL), raw + 2 * (4 * HOP - 100),
                        200);
    sample_ring_close(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_and_rails),
        cmocka_unit_test(not_finite),
        cmocka_unit_test(mean_kept),
        cmocka_unit_test(offset_of_late),
        cmocka_unit_test(edges),
        cmocka_unit_test(silence),
        cmocka_unit_test(views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
