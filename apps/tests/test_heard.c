/* SPDX-License-Identifier: MIT */
#include "apps/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static struct telegram telegram_of(unsigned number)
{
    struct telegram t = { .media = "water",
                          .kind = "unknown",
                          .frame = { .rx = { .mode = "T1" } } };
    memcpy(t.meter.id, &number, sizeof t.meter.id);
    return t;
}

static struct heard_meter *hear(struct heard *heard, unsigned number, double t_s)
{
    static struct telegram t;
    t = telegram_of(number);
    return heard_add(heard, &t, (int64_t)(t_s * 1e6));
}

static void test_interval_is_learnt(void **state)
{
    (void)state;
    /* every 16 s, some missed, one heard twice */
    static const double times_s[] = { 0, 16, 48, 48.1, 64, 112, 128, 176 };
    struct heard heard;
    struct heard_meter *m = NULL;
    assert_true(heard_init(&heard));
    for (size_t i = 0; i < ARRAY_LEN(times_s); i++) {
        m = hear(&heard, 1, 1000 + times_s[i]);
        assert_true((m->interval_s > 0) == (i >= 4)); /* of three gaps or more */
    }
    assert_true(m->interval_s > 15.8 && m->interval_s < 16.2);
    assert_int_equal(m->seen, 8);
    assert_int_equal(heard_expected(m, (int64_t)(1176.5 * 1e6)), 12);
    assert_int_equal(heard_expected(m, (int64_t)(1336.5 * 1e6)), 22);
    assert_int_equal(heard_expected(m, 0), 8); /* a clock that was put back */
    assert_int_equal(heard.n, 1);
    heard_deinit(&heard);
}

static void test_statuses(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    struct telegram t = telegram_of(7);
    t.status = DECODE_NO_KEY;
    t.encrypted = true;
    heard_add(&heard, &t, 1);
    t.status = DECODE_OK;
    t.decrypted = true;
    t.n_readings = 1;
    t.readings[0] = (struct reading){ .name = "total_m3", .kind = READING_NUMBER, .mantissa = 5 };
    struct heard_meter *m = heard_add(&heard, &t, 2);
    assert_int_equal(m->by_status[DECODE_NO_KEY], 1);
    assert_int_equal(m->by_status[DECODE_OK], 1);
    assert_string_equal(m->reading, "total 5 m³");
    assert_int_equal(heard_expected(m, 1000), 0);
    heard_deinit(&heard);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    for (unsigned i = 0; i < HEARD_MAX; i++)
        hear(&heard, i, i + 1);
    hear(&heard, 0, HEARD_MAX + 1); /* now 1 is the one longest not heard */
    hear(&heard, 1000000, HEARD_MAX + 2);
    assert_int_equal(heard.n, HEARD_MAX);
    assert_int_equal(hear(&heard, 0, HEARD_MAX + 3)->seen, 3);
    assert_int_equal(hear(&heard, 1, HEARD_MAX + 4)->seen, 1);
    heard_deinit(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_is_learnt),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
