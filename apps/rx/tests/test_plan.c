/* SPDX-License-Identifier: MIT
 * How recordings are cut into parts for several threads. */
#include "apps/rx/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "apps/receiver/sample_ring.h"
#include "apps/rx/listener_job.h"
#include "apps/rx/tests/fake_source.h"
#include "base/array_len.h"

static const double rate_sps = 1.6e6;
static const struct listeners_config listeners = { .modes = ~0u };

static void record(double seconds)
{
    fake = (struct fake_source){ .opened = { .center_hz = 868.625e6,
                                             .sample_rate_sps = rate_sps,
                                             .seekable = true,
                                             .total_samples = (uint64_t)(seconds * rate_sps) } };
}

/* Every sample is reported by one part, which begins to listen as long before as a receiver
 * remembers. */
static void assert_covered(const struct job *jobs, size_t n)
{
    const struct receiver_config receiver = listener_receiver(&listeners, &fake.opened);
    const double memory = receiver_memory_s(&receiver) * rate_sps;
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(jobs[k].is_first, k == 0);
        assert_int_equal(jobs[k].is_last, k + 1 == n);
        assert_int_equal(jobs[k].reported_from % SAMPLE_RING_HOP, 0);
        assert_int_equal(jobs[k].config.first_sample % SAMPLE_RING_HOP, 0);
        if (k == 0)
            assert_int_equal(jobs[k].reported_from, 0);
        else
            assert_true((double)(jobs[k].reported_from - jobs[k].config.first_sample) >= memory);
        assert_int_equal(jobs[k].config.end_sample,
                         k + 1 < n ? jobs[k + 1].reported_from : (uint64_t)0);
        assert_true(jobs[k].reported_from < fake.opened.total_samples);
    }
}

static void test_parts(void **state)
{
    static const struct {
        double seconds;
        size_t threads, n;
    } rows[] = {
        { 600, 1, 1 }, { 600, 2, 4 }, { 600, 4, 4 },   { 600, 64, 64 },
        { 20, 2, 2 },  { 20, 8, 2 },  { 3600, 2, 16 }, { 1, 4, 1 },
    };
    const struct source_config config = { .text = "recording" };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct plan plan;
        print_message("%g s, %zu threads\n", rows[r].seconds, rows[r].threads);
        record(rows[r].seconds);
        assert_true(plan_open(&plan, &config, 1, &listeners, rows[r].threads));
        assert_int_equal(plan.n, rows[r].n);
        assert_covered(plan.jobs, plan.n);
        assert_int_equal(fake.n_opened, fake.n_closed);
        plan_close(&plan);
        assert_int_equal(plan.n, 0);
    }
}

/* A pipe, a device, and what cannot be received at all is not cut, and a device not even opened. */
static void test_whole(void **state)
{
    const struct source_config config = { .text = "source" };
    (void)state;
    for (int what = 0; what < 3; what++) {
        struct plan plan;
        record(600);
        fake.opened.seekable = what != 0;
        fake.may_be_live = what == 1;
        fake.opened.center_hz = what == 2 ? 100e6 : 868.625e6;
        assert_true(plan_open(&plan, &config, 1, &listeners, 4));
        assert_int_equal(plan.n, 1);
        assert_int_equal(fake.n_opened, what != 1);
        assert_covered(plan.jobs, 1);
        plan_close(&plan);
    }
}

/* Several sources follow each other, each with its own first and last part. */
static void test_several(void **state)
{
    const struct source_config configs[] = { { .text = "one" }, { .text = "two" } };
    struct plan plan;
    (void)state;
    record(20);
    assert_true(plan_open(&plan, configs, 2, &listeners, 2));
    assert_int_equal(plan.n, 4);
    for (size_t k = 0; k < plan.n; k++) {
        assert_int_equal(plan.jobs[k].source_no, k / 2);
        assert_ptr_equal(plan.jobs[k].config.text, configs[k / 2].text);
    }
    assert_covered(plan.jobs, 2);
    assert_covered(plan.jobs + 2, 2);
    plan_close(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
