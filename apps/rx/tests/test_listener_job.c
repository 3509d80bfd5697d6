/* SPDX-License-Identifier: MIT
 * What a listener reports of a source that loses samples, is corrected, fails, or ends. */
#include "apps/rx/listener_job.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/receiver/tests/stream.h"
#include "apps/rx/tests/fake_source.h"
#include "base/array_len.h"

enum { MAX_REPORTS = 32 };

static const double rate_sps = 0.8e6;
static struct observers nobody;
static struct job job;
static struct report reports[MAX_REPORTS];
static size_t n_reports;

/* Telegrams of T at these times, in a stream so long. */
static void send(const double *times_s, size_t n, double duration_s)
{
    struct stream s = plain();
    s.rate_sps = rate_sps;
    s.duration_s = duration_s;
    for (size_t k = 0; k < n; k++)
        add(&s, T1, 20, k, times_s[k]);
    write_stream(&s);
    fake = (struct fake_source){
        .opened = { .format = IQ_CU8, .center_hz = s.center_hz, .sample_rate_sps = rate_sps },
        .samples = samples,
        .job = &job
    };
    job = (struct job){ .config = { .text = "a source", .ppm = 3 }, .is_last = true };
}

/* Runs the job, and takes all that it reports. */
static void run(const struct fake_step *steps, size_t n)
{
    static struct listeners all;
    struct queue queue;
    all = (struct listeners){ .config = { .modes = radio_modes_parse("T"), .observers = &nobody },
                              .jobs = &job,
                              .n_jobs = 1 };
    fake.steps = steps;
    fake.n_steps = n;
    assert_true(queue_open(&queue, sizeof reports[0], MAX_REPORTS));
    listener_run_job(&all, &job, &queue);
    queue_shut(&queue);
    for (n_reports = 0; queue_take(&queue, &reports[n_reports], -1) == QUEUE_ITEM; n_reports++)
        assert_ptr_equal(reports[n_reports].job, &job);
    queue_close(&queue);
    assert_true(n_reports > 0 && reports[n_reports - 1].kind == REPORT_END);
    assert_int_equal(fake.n_opened, 1);
    assert_int_equal(fake.n_closed, 1);
}

/* The nth of a kind; NULL if there are not so many. */
static const struct report *nth(enum report_kind kind, size_t n)
{
    for (size_t k = 0; k < n_reports; k++)
        if (reports[k].kind == kind && n-- == 0)
            return &reports[k];
    return NULL;
}

static size_t count(enum report_kind kind)
{
    size_t n = 0;
    while (nth(kind, n))
        n++;
    return n;
}

static void assert_heard_at(size_t n, double time_s)
{
    const struct report *r = nth(REPORT_FRAME, n);
    assert_non_null(r);
    assert_true(fabs(r->frame.rx.first_chip_sample - time_s * rate_sps) < 40);
}

/* Of telegrams that were on their way while the oscillator was corrected nobody knows by what. */
static void test_corrected(void **state)
{
    static const double times_s[] = { 0.1985, 0.6, 1.45, 1.55 }; /* the first in two reads */
    static const struct fake_step steps[] = {
        { .to_s = 0.2 }, { .to_s = 0.5, .wanted_ppm = 7 }, { .to_s = 0.9 }, { .to_s = 1.7 }
    };
    (void)state;
    send(times_s, ARRAY_LEN(times_s), 1.7);
    fake.takes_ppm = true;
    run(steps, ARRAY_LEN(steps));
    assert_int_equal(count(REPORT_FRAME), 4);
    assert_true(nth(REPORT_FRAME, 0)->ppm == 3);
    assert_true(isnan(nth(REPORT_FRAME, 1)->ppm));
    assert_true(isnan(nth(REPORT_FRAME, 2)->ppm));
    assert_true(nth(REPORT_FRAME, 3)->ppm == 7);
    assert_int_equal(fake.n_ppm, 1);
    assert_int_equal(fake.ppm, 7);
    assert_int_equal(atomic_load(&job.set_ppm), 7);
}

/* A source that cannot be corrected is not asked again, and what it sends counts as before. */
static void test_not_corrected(void **state)
{
    static const double times_s[] = { 0.1, 0.3 };
    static const struct fake_step steps[] = { { .to_s = 0.2, .wanted_ppm = 7 }, { .to_s = 0.4 } };
    (void)state;
    send(times_s, ARRAY_LEN(times_s), 0.4);
    run(steps, ARRAY_LEN(steps));
    assert_int_equal(count(REPORT_FRAME), 2);
    assert_true(nth(REPORT_FRAME, 0)->ppm == 3 && nth(REPORT_FRAME, 1)->ppm == 3);
    assert_int_equal(fake.n_ppm, 1);
    assert_int_equal(atomic_load(&job.set_ppm), 3);
}

/* Every block says anew when it was taken. The first gap is told, others after a while. */
static void test_gaps(void **state)
{
    static const double times_s[] = { 0.1, 0.3945, 0.6, 0.8 }; /* the second ends in the gap */
    static const struct fake_step steps[] = {
        { .to_s = 0.395, .t_us = 1000000000 },
        { .lost_s = 0.1, .to_s = 0.7, .t_us = 2000000000 },
        { .lost_s = 0.05, .to_s = 0.9 },
    };
    (void)state;
    send(times_s, ARRAY_LEN(times_s), 0.9);
    run(steps, ARRAY_LEN(steps));
    assert_int_equal(count(REPORT_FRAME), 3);
    assert_heard_at(0, 0.1);
    assert_heard_at(1, 0.6);
    assert_heard_at(2, 0.8);
    assert_true(llabs(nth(REPORT_FRAME, 0)->t_us - 1000100000) < 100);
    assert_true(llabs(nth(REPORT_FRAME, 1)->t_us - (2000000000 + 105000)) < 100);
    assert_int_equal(nth(REPORT_FRAME, 2)->t_us, 0); /* nobody knows */
    assert_int_equal(count(REPORT_LOST), 1);
    assert_int_equal(nth(REPORT_LOST, 0)->lost, 80000);
    assert_int_equal(job.stats.samples_lost, 120000);
    assert_int_equal(job.stats.samples, 600000);
}

/* Only what starts in the job's own part is reported and counted. */
static void test_part(void **state)
{
    static const double times_s[] = { 0.1, 0.4 };
    static const struct fake_step steps[] = { { .to_s = 0.15 }, { .to_s = 0.5 } };
    (void)state;
    for (size_t from = 0; from <= 300000; from += 100000) {
        send(times_s, ARRAY_LEN(times_s), 0.5);
        job.reported_from = from;
        run(steps, ARRAY_LEN(steps));
        assert_int_equal(count(REPORT_FRAME), from ? 1 : 2);
        assert_heard_at(from ? 0 : 1, 0.4);
        assert_int_equal(job.stats.frames_ok, from ? 1 : 2);
        assert_int_equal(job.stats.samples, 400000 - from);
    }
    send(times_s, ARRAY_LEN(times_s), 0.5);
    job.config.first_sample = job.reported_from = 200000;
    run(steps + 1, 1);
    assert_int_equal(count(REPORT_FRAME), 1);
    assert_heard_at(0, 0.4);
    assert_int_equal(job.stats.samples, 200000);
}

/* Once a second, with the fullest queue in it. */
static void test_progress(void **state)
{
    static const struct fake_step steps[] = {
        { .to_s = 0.4, .queue_fill = 0.25 }, { .to_s = 0.8, .queue_fill = 0.75 },
        { .to_s = 1.0, .queue_fill = 0.5 },  { .to_s = 1.9, .queue_fill = 0.125 },
        { .to_s = 2.0, .queue_fill = 0 },    { .to_s = 2.1, .queue_fill = 0 },
    };
    (void)state;
    send(NULL, 0, 2.1);
    job.reported_from = 40000;
    run(steps, ARRAY_LEN(steps));
    assert_int_equal(count(REPORT_PROGRESS), 2);
    const struct report *first = nth(REPORT_PROGRESS, 0), *second = nth(REPORT_PROGRESS, 1);
    assert_int_equal(first->stats.samples, 1520000 - 40000); /* 1.0 s was not enough */
    assert_true(first->queue_fill == 0.75);
    assert_int_equal(second->stats.samples, 1680000 - 40000);
    assert_true(second->queue_fill == 0);
}

/* A telegram that ends with the samples is decided on at the end, also if that is a failure, but
 * left to the next part if there is one. */
static void test_end(void **state)
{
    static const double times_s[] = { 0.1, 0.2 };
    static const struct fake_step steps[] = { { .to_s = 0.15 }, { .to_s = 0.204 } };
    static const struct {
        bool fails, is_last;
        size_t n;
    } rows[] = { { false, true, 2 }, { false, false, 1 }, { true, false, 2 } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        send(times_s, ARRAY_LEN(times_s), 0.204);
        fake.fails = rows[r].fails;
        job.is_last = rows[r].is_last;
        run(steps, ARRAY_LEN(steps));
        assert_int_equal(reports[0].kind, REPORT_START);
        assert_int_equal(count(REPORT_FRAME), rows[r].n);
        assert_int_equal(job.stats.frames_ok, rows[r].n);
        assert_int_equal(job.ok, !rows[r].fails);
        if (rows[r].fails)
            assert_string_equal(job.err.text, "it cannot be read");
    }
}

/* A note may come with samples or without; the source goes on. */
static void test_notes(void **state)
{
    static const double times_s[] = { 0.1, 0.2 };
    static const struct fake_step steps[] = { { .to_s = 0.15, .note = "one" },
                                              { .to_s = 0.15, .note = "two" },
                                              { .to_s = 0.25 } };
    (void)state;
    send(times_s, ARRAY_LEN(times_s), 0.25);
    run(steps, ARRAY_LEN(steps));
    assert_int_equal(count(REPORT_FRAME), 2);
    assert_int_equal(count(REPORT_NOTE), 2);
    assert_string_equal(nth(REPORT_NOTE, 0)->note.event, "one");
    assert_string_equal(nth(REPORT_NOTE, 1)->note.text, "two was told");
    assert_int_equal(count(REPORT_LOST), 0);
}

/* What a recording says of itself is its own fault, what an option says is that of all. */
static void test_does_not_fit(void **state)
{
    static const struct {
        double center_hz, rate_sps;
        enum source_told center_told, rate_told;
        int exit_code;
        const char *holds;
    } rows[] = {
        { 868.95e6, 5e6, SOURCE_TOLD_BY_OPTION, SOURCE_TOLD_BY_RECORDING, EXIT_FILE, "5 Msps" },
        { 868.95e6, 5e6, SOURCE_TOLD_BY_RECORDING, SOURCE_TOLD_BY_OPTION, EXIT_USAGE, "5 Msps" },
        { 868.95e6, 5e6, SOURCE_TOLD_BY_RECORDING, SOURCE_ASSUMED, EXIT_USAGE, "5 Msps" },
        { 900e6, 1e6, SOURCE_TOLD_BY_RECORDING, SOURCE_TOLD_BY_OPTION, EXIT_FILE, "900.500 MHz" },
        { 900e6, 1e6, SOURCE_TOLD_BY_OPTION, SOURCE_TOLD_BY_RECORDING, EXIT_USAGE, "899.500" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        send(NULL, 0, 0.1);
        fake.opened.center_hz = rows[r].center_hz;
        fake.opened.sample_rate_sps = rows[r].rate_sps;
        fake.opened.center_told = rows[r].center_told;
        fake.opened.rate_told = rows[r].rate_told;
        run(NULL, 0);
        assert_int_equal(n_reports, 1);
        assert_false(job.ok);
        assert_int_equal(job.err.exit_code, rows[r].exit_code);
        assert_ptr_equal(strstr(job.err.text, "a source: "), job.err.text);
        assert_non_null(strstr(job.err.text, rows[r].holds));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corrected), cmocka_unit_test(test_not_corrected),
        cmocka_unit_test(test_gaps),      cmocka_unit_test(test_part),
        cmocka_unit_test(test_progress),  cmocka_unit_test(test_end),
        cmocka_unit_test(test_notes),     cmocka_unit_test(test_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
