/* SPDX-License-Identifier: MIT */
#include "dsp/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N = 2000000 };

/* First outputs for a state of 1, 2, 3, 4 by hand: rotl(2 * 5, 7) * 9 = 11520, then s[1] = 0. */
static void test_xoshiro(void **state)
{
    (void)state;
    struct rng rng = { .state = { 1, 2, 3, 4 } };
    assert_int_equal(rng_u64(&rng), 11520);
    assert_int_equal(rng_u64(&rng), 0);
    assert_int_equal(rng_u64(&rng), 1509978240);
}

static void test_same_seed_same_numbers(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_init(&a, 7);
    rng_init(&b, 7);
    rng_init(&c, 8);
    int differ = 0;
    for (int k = 0; k < 1000; k++) {
        float x = rng_normal(&a), y = rng_normal(&b), z = rng_normal(&c);
        assert_memory_equal(&x, &y, sizeof x);
        differ += x != z;
    }
    assert_true(differ > 990);
}

/* Moments to about five of their own standard deviations. */
static void test_moments(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
    for (int k = 0; k < N; k++) {
        double x = (double)rng_normal(&rng);
        m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x;
    }
    assert_true(fabs(m1 / N) < 0.0036);
    assert_true(fabs(m2 / N - 1) < 0.005);
    assert_true(fabs(m3 / N) < 0.014);
    assert_true(fabs(m4 / N - 3) < 0.035);
}

/* Fraction beyond each bound, both sides, against erfc: the ziggurat's body, edges and tail. */
static void test_tails(void **state)
{
    (void)state;
    static const double bounds[] = { 0.2, 0.5, 1, 1.5, 2, 2.5, 3, 3.6, 3.7, 4 };
    enum { N_BOUNDS = sizeof bounds / sizeof bounds[0] };
    int beyond[N_BOUNDS][2] = { { 0 } };
    struct rng rng;
    rng_init(&rng, 2);
    for (int k = 0; k < N; k++) {
        double x = (double)rng_normal(&rng);
        for (int b = 0; b < N_BOUNDS && fabs(x) > bounds[b]; b++)
            beyond[b][x > 0]++;
    }
    for (int b = 0; b < N_BOUNDS; b++) {
        double expected = N * 0.5 * erfc(bounds[b] / sqrt(2.0));
        print_message("%.1f: %d %d of %.1f\n", bounds[b], beyond[b][0], beyond[b][1], expected);
        for (int side = 0; side < 2; side++)
            assert_true(fabs(beyond[b][side] - expected) < 5 * sqrt(expected));
    }
}

static void test_uniform(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    double sum = 0, least = 10, most = -10;
    for (int k = 0; k < N; k++) {
        double x = rng_uniform(&rng, -3, 5);
        sum += x;
        least = fmin(least, x);
        most = fmax(most, x);
    }
    assert_true(least >= -3 && least < -2.999 && most < 5 && most > 4.999);
    assert_true(fabs(sum / N - 1) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xoshiro), cmocka_unit_test(test_same_seed_same_numbers),
        cmocka_unit_test(test_moments), cmocka_unit_test(test_tails),
        cmocka_unit_test(test_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
