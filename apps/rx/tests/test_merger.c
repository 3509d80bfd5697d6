/* SPDX-License-Identifier: MIT
 * A telegram that several hear is one. */
#include "apps/rx/merger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct merger m;

static void add(size_t source_no, uint8_t text, float snr_db, int mended, double now_s)
{
    struct frame frame = { .n = 20, .rx = { .mode = "T1", .snr_db = snr_db, .mended = mended } };
    memset(frame.bytes, text, frame.n);
    merger_add(&m, &frame, source_no, (int64_t)(now_s * 1e6), now_s);
}

static void test_best_of_two(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    add(0, 1, 10, 0, 1.0);
    add(1, 1, 15, 0, 1.2); /* heard better */
    add(2, 1, 20, 3, 1.3); /* but mended */
    add(1, 2, 10, 0, 1.3); /* another telegram */
    assert_null(merger_next(&m, 1.0 + MERGER_WINDOW_S - 0.01, false));
    const struct merged *t = merger_next(&m, 1.0 + MERGER_WINDOW_S, false);
    assert_non_null(t);
    assert_int_equal(t->source_no, 1);
    assert_int_equal(t->t_us, 1200000);
    assert_int_equal(t->n_heard, 3);
    assert_int_equal(t->heard[2].source_no, 2);
    assert_int_equal(t->heard[2].rx.mended, 3);
    assert_null(merger_next(&m, 1.0 + MERGER_WINDOW_S, false));
    t = merger_next(&m, 0, true);
    assert_int_equal(t->frame.bytes[0], 2);
    assert_null(merger_next(&m, 0, true));
}

/* What one source hears twice was sent twice. */
static void test_sent_twice(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    add(0, 1, 10, 0, 1.0);
    add(0, 1, 10, 0, 1.1);
    add(1, 1, 12, 0, 1.15);
    add(1, 1, 12, 0, 1.2);
    for (int k = 0; k < 2; k++)
        assert_int_equal(merger_next(&m, 9, false)->n_heard, 2);
    assert_null(merger_next(&m, 9, false));
}

/* After it was reported, the same telegram is a new one. */
static void test_too_late(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    add(0, 1, 10, 0, 1.0);
    assert_non_null(merger_next(&m, 3, false));
    add(1, 1, 10, 0, 3.1);
    assert_int_equal(merger_next(&m, 9, false)->n_heard, 1);
}

/* Another format or length, or wrong CRCs: not the same, whatever the bytes. */
static void test_not_the_same(void **state)
{
    static const struct frame frames[] = {
        { .n = 20, .rx = { .mode = "C1" } },
        { .n = 20, .format = FRAME_B, .rx = { .mode = "C1" } },
        { .n = 21, .rx = { .mode = "C1" } },
        { .n = 20, .status = DECODE_BAD_CRC, .rx = { .mode = "C1" } },
        { .n = 20, .status = DECODE_BAD_CRC, .rx = { .mode = "C1" } },
    };
    (void)state;
    memset(&m, 0, sizeof m);
    for (size_t k = 0; k < sizeof frames / sizeof frames[0]; k++)
        merger_add(&m, &frames[k], k, 0, 1.0);
    for (size_t k = 0; k < sizeof frames / sizeof frames[0]; k++) {
        const struct merged *t = merger_next(&m, 9, false);
        assert_non_null(t);
        assert_int_equal(t->n_heard, 1);
        assert_int_equal(t->source_no, k);
    }
    assert_null(merger_next(&m, 9, true));
}

/* Those that have no room in the list do not make it another telegram. */
static void test_many_sources(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    for (size_t k = 0; k < MERGER_MAX_COPIES + 5; k++)
        add(k, 1, 10 + (float)k, 0, 1.0);
    const struct merged *t = merger_next(&m, 9, false);
    assert_int_equal(t->n_heard, MERGER_MAX_COPIES);
    assert_int_equal(t->source_no, MERGER_MAX_COPIES + 4); /* who heard it best */
    assert_null(merger_next(&m, 9, false));
}

static void test_full(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    for (size_t k = 0; k < 3 * MERGER_MAX; k++) {
        add(0, (uint8_t)k, 10, 0, 1.0);
        if (k + 1 < MERGER_MAX)
            continue;
        const struct merged *t = merger_next(&m, 1.0, false);
        assert_int_equal(t->frame.bytes[0], (uint8_t)(k + 1 - MERGER_MAX));
        assert_int_equal(t->n_heard, 1);
    }
    for (size_t k = 0; k < MERGER_MAX_COPIES + 2; k++)
        add(k + 1, (uint8_t)(3 * MERGER_MAX - 1), 10, 0, 1.0); /* more than are listed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_best_of_two), cmocka_unit_test(test_sent_twice),
        cmocka_unit_test(test_too_late),    cmocka_unit_test(test_many_sources),
        cmocka_unit_test(test_full),        cmocka_unit_test(test_not_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
