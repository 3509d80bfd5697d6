/* SPDX-License-Identifier: MIT */
#include "decode/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        bool ok;
    } rows[] = {
        { "upper case", "01ABEF", true },
        { "lower case", "01abef", true },
        { "more behind", "01aBeFx", true },
        { "too few", "01abe", false },
        { "none", "", false },
        { "no digit", "01agef", false },
        { "a blank", "01 bef", false },
    };
    static const uint8_t good[] = { 0x01, 0xAB, 0xEF, 0x55 }, bad[] = { 0x55, 0x55, 0x55, 0x55 };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        print_message("%s\n", rows[r].what);
        uint8_t bytes[4];
        memset(bytes, 0x55, sizeof bytes);
        assert_int_equal(hex_bytes(rows[r].text, bytes, 3), rows[r].ok);
        assert_memory_equal(bytes, rows[r].ok ? good : bad, sizeof bytes);
    }
}

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        enum hex_problem problem;
        size_t n_bytes;
    } rows[] = {
        { "plain", "01aBeF", HEX_OK, 3 },
        { "separators", "0X01_a B|e\tF ", HEX_OK, 3 },
        { "nothing", "", HEX_OK, 0 },
        { "only the prefix", "0x", HEX_OK, 0 },
        { "prefix inside", "010x", HEX_NO_DIGIT, 0 },
        { "a line end", "01ab\n", HEX_NO_DIGIT, 0 },
        { "half a byte", "01abe", HEX_ODD, 0 },
        { "more than there is room", "01abef0", HEX_TOO_LONG, 0 },
    };
    static const uint8_t expected[] = { 0x01, 0xAB, 0xEF };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        print_message("%s\n", rows[r].what);
        uint8_t bytes[3] = { 0 };
        size_t n = 0;
        assert_int_equal(hex_read(rows[r].text, strlen(rows[r].text), bytes, sizeof bytes, &n),
                         rows[r].problem);
        assert_int_equal(n, rows[r].n_bytes);
        assert_memory_equal(bytes, expected, n);
    }
    uint8_t byte;
    size_t n;
    assert_int_equal(hex_read("0\0001", 3, &byte, 1, &n), HEX_NO_DIGIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
