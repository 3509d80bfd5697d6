/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apps/rx/frequency_error.h"

static struct frequency_error error;

/* A telegram of meter number m, at this offset. */
static void hear(unsigned m, double offset_ppm, double set_ppm)
{
    const struct frame frame = {
        .bytes = { 30, 0x44, 0x2d, 0x2c, (uint8_t)m, (uint8_t)(m >> 8) },
        .n = 31,
        .rx = { .channel_hz = 868.95e6, .offset_hz = (float)(offset_ppm * 868.95) },
    };
    frequency_error_add(&error, &frame, set_ppm);
}

static int forget(void **state)
{
    (void)state;
    error = (struct frequency_error){ .n = 0 };
    return 0;
}

static void assert_ppm(double ppm, double within, double least_sure, double most_sure)
{
    const struct ppm_estimate e = frequency_error_estimate(&error);
    assert_true(fabs(e.ppm - ppm) <= within);
    assert_true(e.sure_ppm >= least_sure && e.sure_ppm <= most_sure);
}

static void test_nothing(void **state)
{
    struct frame bad = { .n = 31, .status = DECODE_BAD_CRC, .rx = { .channel_hz = 1 } };
    (void)state;
    frequency_error_add(&error, &bad, 0);
    bad = (struct frame){ .n = 3, .rx = { .channel_hz = 1 } };
    frequency_error_add(&error, &bad, 0);
    bad = (struct frame){ .n = 31, .rx = { .channel_hz = 1, .offset_hz = NAN } };
    frequency_error_add(&error, &bad, 0);
    hear(0, 12, (double)NAN); /* while it is being corrected */
    const struct ppm_estimate e = frequency_error_estimate(&error);
    assert_int_equal(e.n_meters, 0);
    assert_false(ppm_is_known(&e));
}

/* One meter alone may be what is wrong; many that agree are not; a busy one counts once. */
static void test_meters(void **state)
{
    (void)state;
    hear(0, 12, 0);
    assert_ppm(-12, 0.01, 12, 20);
    for (unsigned k = 0; k < 500; k++)
        hear(0, 12, 0);
    assert_ppm(-12, 0.01, 12, 20);
    for (unsigned m = 1; m < 12; m++)
        hear(m, 30 + m % 3, 0);
    assert_ppm(-31, 0.6, 0.5, 3.5);
    hear(13, 3000, 0); /* one that is beyond all others moves nothing */
    assert_ppm(-31, 1.1, 0.5, 3.5);
}

static void test_least_meters(void **state)
{
    (void)state;
    assert_int_equal(ppm_least_meters(), 3);
    for (unsigned m = 1; m < 10; m++) {
        hear(m, 12, 0);
        const struct ppm_estimate e = frequency_error_estimate(&error);
        assert_int_equal(ppm_is_known(&e), m >= ppm_least_meters());
    }
}

static void test_spread_is_not_sure(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 5; m++)
        hear(m, 40 * (m % 2), 0);
    const struct ppm_estimate e = frequency_error_estimate(&error);
    assert_true(!ppm_is_known(&e) || e.sure_ppm > 5);
}

/* Only what is known is told. */
static void test_json(void **state)
{
    (void)state;
    struct ppm_estimate e = { .n_meters = 3, .ppm = -12.34, .sure_ppm = 3.21 };
    struct json_object *o = json_object_new_object();
    ppm_add_json(&e, o);
    assert_string_equal(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN),
                        "{\"ppm\":-12.3,\"ppm_sure\":3.2}");
    json_object_put(o);
    o = json_object_new_object();
    e.sure_ppm = 6.1;
    ppm_add_json(&e, o);
    e = (struct ppm_estimate){ .n_meters = 0 };
    ppm_add_json(&e, o);
    assert_int_equal(json_object_object_length(o), 0);
    json_object_put(o);
}

/* What was heard before a correction counts on. */
static void test_correction(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 10; m++)
        hear(m, 20, 0);
    for (unsigned m = 5; m < 20; m++)
        hear(m, 0, -20);
    assert_ppm(-20, 0.01, 0.5, 3);
}

static void test_more_meters_than_room(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 10 * FREQUENCY_METERS; m++)
        hear(m, m < 9 * FREQUENCY_METERS ? 50 : -7, 0); /* the latest count */
    assert_int_equal(frequency_error_estimate(&error).n_meters, FREQUENCY_METERS);
    assert_ppm(7, 0.01, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing, forget),
        cmocka_unit_test_setup(test_meters, forget),
        cmocka_unit_test_setup(test_least_meters, forget),
        cmocka_unit_test_setup(test_spread_is_not_sure, forget),
        cmocka_unit_test_setup(test_correction, forget),
        cmocka_unit_test(test_json),
        cmocka_unit_test_setup(test_more_meters_than_room, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
