/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/sources/rtl_tcp_protocol.h"
#include "base/array_len.h"

static void test_address(void **state)
{
    (void)state;
    static const struct {
        const char *address, *host, *port;
    } rows[] = {
        { "attic:1235", "attic", "1235" },
        { "attic", "attic", "1234" },
        { "attic:", "attic", "1234" },
        { "", "localhost", "1234" },
        { ":1235", "localhost", "1235" },
        { "[::1]:1235", "::1", "1235" },
        { "[::1]", "::1", "1234" },
        { "fe80::1", "fe80::1", "1234" }, /* more than one colon: all of it an address */
        { "[]:1", "localhost", "1" },
        { "a-host-with-a-long-name", "a-host-", "1234" },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char host[8];
        const char *port;
        rtl_tcp_split_address(rows[r].address, host, sizeof host, &port);
        assert_string_equal(host, strlen(rows[r].host) < sizeof host ? rows[r].host : "localho");
        assert_string_equal(port, rows[r].port);
    }
}

static void test_header(void **state)
{
    (void)state;
    unsigned char header[] = "RTL0\0\0\0\5\0\0\0\35";
    struct rtl_tcp_header h;
    assert_true(rtl_tcp_read_header(header, &h));
    assert_int_equal(h.tuner, 5);
    assert_int_equal(h.n_gains, 29);
    assert_true(rtl_tcp_gain_db(&h, 0) == 0 && rtl_tcp_gain_db(&h, 28) == 49.6);
    assert_true(isnan(rtl_tcp_gain_db(&h, 29)));
    header[7] = 1; /* another tuner */
    assert_true(rtl_tcp_read_header(header, &h));
    assert_true(isnan(rtl_tcp_gain_db(&h, 0)));
    header[9] = 1; /* 65565 */
    assert_true(rtl_tcp_read_header(header, &h));
    assert_int_equal(h.n_gains, 0);
    header[3] = '1';
    assert_false(rtl_tcp_read_header(header, &h));
}

static void test_command(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *bytes;
    } rows[] = {
        { 868625000, "\x33\xc6\x2a\x68" }, { 28.7, "\0\0\0\x1d" },
        { -12, "\xff\xff\xff\xf4" },       { 1e30, "\x7f\xff\xff\xff" },
        { -1e30, "\x80\x00\x00\x00" },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        unsigned char bytes[RTL_TCP_COMMAND_BYTES];
        rtl_tcp_write_command(bytes, RTL_TCP_SET_GAIN_INDEX, rows[r].value);
        assert_int_equal(bytes[0], 0x0d);
        assert_memory_equal(bytes + 1, rows[r].bytes, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
