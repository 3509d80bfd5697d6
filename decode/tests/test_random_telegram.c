/* SPDX-License-Identifier: MIT */
#include "decode/random_telegram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_header_is_plausible(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        uint8_t t[256];
        size_t n = 11 + seed % 246;
        random_telegram(seed, t, n);
        assert_int_equal(t[0], n - 1);
        assert_int_equal(t[1], 0x44);
        unsigned manufacturer = t[2] | t[3] << 8;
        for (int k = 0; k < 15; k += 5) {
            unsigned letter = (manufacturer >> k) & 31;
            assert_true(letter >= 1 && letter <= 26);
        }
        assert_int_equal(manufacturer >> 15, 0);
        for (int k = 4; k < 8; k++)
            assert_true((t[k] >> 4) <= 9 && (t[k] & 15) <= 9);
        assert_non_null(memchr("\x02\x03\x04\x06\x07\x08", t[9], 6));
        assert_non_null(memchr("\x72\x78\x7A", t[10], 3));
    }
}

static void test_seed_decides(void **state)
{
    (void)state;
    uint8_t a[47], b[47], c[47];
    random_telegram(5, a, sizeof a);
    random_telegram(5, b, sizeof b);
    random_telegram(6, c, sizeof c);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a + 11, c + 11, sizeof a - 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_is_plausible),
        cmocka_unit_test(test_seed_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
