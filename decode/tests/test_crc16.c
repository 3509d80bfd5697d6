/* SPDX-License-Identifier: MIT */
#include "decode/crc16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"

static void published_values(void **state)
{
    static const struct {
        const char *what, *hex;
        uint16_t crc;
    } rows[] = {
        { "check value: 123456789 in ASCII", "313233343536373839", 0xC2B7 },
        { "nothing: the final XOR alone", "", 0xFFFF },
        { "OMS Annex N gas meter, first block", "2E449315785634123303", 0x3363 },
        { "its second block, 16 bytes", "7A2A0020255923C95AAA26D1B2E7493B", 0xC2AD },
        { "its last block, five bytes", "9D6D69EBF3", 0xEC8A },
        { "headers of a Kamstrup compact frame", "02FF20 0413 4413 615B 6167", 0xA8ED },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[32];
        print_message("%s\n", rows[r].what);
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        assert_int_equal(crc16_en13757(bytes, n), rows[r].crc);
    }
}

/* The definition: one bit at a time. */
static uint16_t crc_by_bits(const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)((crc & 0x8000) ? crc << 1 ^ 0x3D65 : crc << 1);
    }
    return crc ^ 0xFFFF;
}

/* The CRC is linear, so single bits at every distance from the end reach every entry's terms. */
static void every_bit_of_every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 20; n++)
        for (size_t bit = 0; bit < 8 * n; bit++) {
            uint8_t bytes[20] = { 0 };
            bytes[bit / 8] = (uint8_t)(1 << bit % 8);
            assert_int_equal(crc16_en13757(bytes, n), crc_by_bits(bytes, n));
        }
}

static void arbitrary_bytes_of_every_length(void **state)
{
    uint8_t bytes[256] = { 0 };
    uint32_t x = 1;
    (void)state;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
        assert_int_equal(crc16_en13757(bytes, n), crc_by_bits(bytes, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values),
        cmocka_unit_test(every_bit_of_every_length),
        cmocka_unit_test(arbitrary_bytes_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
