/* SPDX-License-Identifier: MIT */
#include "apps/generator/iq_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static const struct {
    const char *what;
    enum iq_format format;
    float i, q;
    uint8_t bytes[8];
} rows[] = {
    { "cu8: the midpoint lies between 127 and 128", IQ_CU8, 0.003f, -0.003f, { 128, 127 } },
    { "cu8: full scale", IQ_CU8, 1, -1, { 255, 0 } },
    { "cu8: clipped", IQ_CU8, 7, -7, { 255, 0 } },
    { "cu8: rounds to the nearest step", IQ_CU8, 10.9f / 127.5f, 11.1f / 127.5f, { 138, 139 } },
    { "cs8: zero is zero", IQ_CS8, 0.003f, -0.003f, { 0, 0 } },
    { "cs8: clipped", IQ_CS8, 7, -7, { 127, 128 } },
    { "cs16: little-endian", IQ_CS16, 258 / 32767.5f, -2 / 32767.5f, { 2, 1, 254, 255 } },
    { "cs16: clipped", IQ_CS16, 7, -7, { 255, 127, 0, 128 } },
    { "cf32: little-endian", IQ_CF32, 0.5f, -0.5f, { 0, 0, 0, 0x3F, 0, 0, 0, 0xBF } },
    { "cf32: clipped like the others", IQ_CF32, 2, -2, { 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0xBF } },
};

static void test_formats(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        float i[2] = { 0.1f, rows[r].i }, q[2] = { 0.1f, rows[r].q };
        uint8_t bytes[17];
        memset(bytes, 0xAA, sizeof bytes);
        size_t size = iq_sample_bytes(rows[r].format);
        iq_write(rows[r].format, i, q, 2, bytes);
        assert_memory_equal(bytes + size, rows[r].bytes, size);
        assert_int_equal(bytes[2 * size], 0xAA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_formats) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
