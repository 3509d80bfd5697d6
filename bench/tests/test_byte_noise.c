/* SPDX-License-Identifier: MIT
 * Noise of bytes against the shares that a normal distribution gives each of them. */
#include "bench/byte_noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/array_len.h"

enum { N = 1 << 20, LAGS = 8 };

static uint8_t cu8[2 * N];
static struct byte_noise noise;

static double share(int code, double sigma)
{
    const double root = sqrt(2) * sigma;
    return (erf((code + 1 - 128) / root) - erf((code - 128) / root)) / 2;
}

/* Chi squared over all codes that come often enough; as normal as a thousandth allows. */
static void test_shares(void **state)
{
    (void)state;
    static const double sigmas[] = { 0.4, 3, 10, 40 };
    for (size_t s = 0; s < ARRAY_LEN(sigmas); s++) {
        unsigned count[256] = { 0 }, codes = 0;
        double chi_squared = 0;
        byte_noise_init(&noise, sigmas[s], s);
        byte_noise_fill(&noise, cu8, N);
        for (size_t k = 0; k < 2 * N; k++)
            count[cu8[k]]++;
        for (int code = 1; code < 255; code++) {
            const double expected = 2 * N * share(code, sigmas[s]);
            if (expected < 10)
                continue;
            chi_squared += (count[code] - expected) * (count[code] - expected) / expected;
            codes++;
        }
        print_message("sigma %.1f: chi squared %.1f, %u codes\n", sigmas[s], chi_squared, codes);
        assert_true(fabs(chi_squared - codes) < 3.3 * sqrt(2.0 * codes) + 4);
    }
}

/* What clips stays at the ends, half at each. */
static void test_clipped(void **state)
{
    (void)state;
    unsigned low = 0, high = 0;
    byte_noise_init(&noise, 1275, 1);
    byte_noise_fill(&noise, cu8, N);
    for (size_t k = 0; k < 2 * N; k++) {
        low += cu8[k] == 0;
        high += cu8[k] == 255;
    }
    assert_true(fabs(low / (2.0 * N) - 0.4605) < 0.002); /* share beyond 127 / 1275 */
    assert_true(fabs(high / (2.0 * N) - 0.4605) < 0.002);
}

/* No byte tells of the next: neither Q of I, nor a sample of those after it. */
static void test_white(void **state)
{
    (void)state;
    const double sigma = 10;
    byte_noise_init(&noise, sigma, 7);
    byte_noise_fill(&noise, cu8, N);
    for (size_t lag = 1; lag <= LAGS; lag++) {
        double sum = 0;
        for (size_t k = lag; k < 2 * N; k++)
            sum += (cu8[k] - 127.5) * (cu8[k - lag] - 127.5);
        assert_true(fabs(sum / (2 * N) / (sigma * sigma)) < 4 / sqrt(2.0 * N));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_clipped),
        cmocka_unit_test(test_white),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
