/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/record.h"

/* clang-format off */
static const struct {
    const char *why;
    size_t n;
    uint8_t bytes[24];
    uint64_t storage; uint32_t tariff; uint16_t subunit;
    enum record_function function;
} dibs[] = { /* the examples of the protocol note: application, section 1 */
    { "storage 1",              3, { 0x41, 0x13, 1 }, 1, 0, 0, RECORD_INSTANTANEOUS },
    { "storage 2",              4, { 0x81, 0x01, 0x13, 1 }, 2, 0, 0, RECORD_INSTANTANEOUS },
    { "storage 17",             4, { 0xC1, 0x08, 0x13, 1 }, 17, 0, 0, RECORD_INSTANTANEOUS },
    { "subunit 1",              4, { 0x81, 0x40, 0x13, 1 }, 0, 0, 1, RECORD_INSTANTANEOUS },
    { "subunit 2",              5, { 0x81, 0x80, 0x40, 0x13, 1 }, 0, 0, 2, RECORD_INSTANTANEOUS },
    { "tariff 2",               4, { 0x81, 0x20, 0x13, 1 }, 0, 2, 0, RECORD_INSTANTANEOUS },
    { "storage 1 tariff 1",     4, { 0xC1, 0x10, 0x13, 1 }, 1, 1, 0, RECORD_INSTANTANEOUS },
    { "maximum, storage 2",     4, { 0x91, 0x01, 0x13, 1 }, 2, 0, 0, RECORD_MAXIMUM },
    { "minimum",                3, { 0x21, 0x13, 1 }, 0, 0, 0, RECORD_MINIMUM },
    { "error",                  3, { 0x31, 0x13, 1 }, 0, 0, 0, RECORD_ERROR },
    { "storage 32",             6, { 0x81, 0x80, 0x81, 0x00, 0x13, 1 }, 32, 0, 0, RECORD_INSTANTANEOUS },
    { "storage 32 tariff 1",    6, { 0x81, 0x90, 0x81, 0x00, 0x13, 1 }, 32, 1, 0, RECORD_INSTANTANEOUS },
    { "ten DIFEs", 13, { 0xC1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x13, 1 },
      ((uint64_t)1 << 41) - 1, (1 << 20) - 1, (1 << 10) - 1, RECORD_INSTANTANEOUS },
};

/* Bytes of data of each DIF nibble and LVAR (EN 13757-3:2018 Tables 4 and 5); -1: no record */
static const struct { const char *why; uint8_t dif, lvar; int n; } lengths[] = {
    { "none", 0, 0, 0 }, { "int 8", 1, 0, 1 }, { "int 16", 2, 0, 2 }, { "int 24", 3, 0, 3 },
    { "int 32", 4, 0, 4 }, { "real", 5, 0, 4 }, { "int 48", 6, 0, 6 }, { "int 64", 7, 0, 8 },
    { "selection", 8, 0, 0 }, { "BCD 2", 9, 0, 1 }, { "BCD 4", 10, 0, 2 }, { "BCD 6", 11, 0, 3 },
    { "BCD 8", 12, 0, 4 }, { "BCD 12", 14, 0, 6 },
    { "text of 0", 13, 0x00, 0 }, { "text of 191", 13, 0xBF, 191 },
    { "BCD of 0", 13, 0xC0, 0 }, { "BCD of 18", 13, 0xC9, 9 }, { "BCD of 20", 13, 0xCA, -1 },
    { "reserved CF", 13, 0xCF, -1 },
    { "-BCD of 0", 13, 0xD0, 0 }, { "-BCD of 18", 13, 0xD9, 9 }, { "reserved DA", 13, 0xDA, -1 },
    { "binary of 0", 13, 0xE0, 0 }, { "binary of 15", 13, 0xEF, 15 },
    { "binary of 16", 13, 0xF0, 16 }, { "binary of 32", 13, 0xF4, 32 },
    { "binary of 48", 13, 0xF5, 48 }, { "binary of 64", 13, 0xF6, 64 },
    { "reserved F7", 13, 0xF7, -1 }, { "reserved FF", 13, 0xFF, -1 },
};
/* clang-format on */

static void test_dibs(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(dibs); r++) {
        struct reader reader = reader_init(dibs[r].bytes, dibs[r].n);
        struct record record;
        print_message("%s\n", dibs[r].why);
        assert_int_equal(record_next(&reader, &record), RECORD_DATA);
        assert_true(record.storage == dibs[r].storage);
        assert_int_equal(record.tariff, dibs[r].tariff);
        assert_int_equal(record.subunit, dibs[r].subunit);
        assert_int_equal(record.function, dibs[r].function);
        assert_int_equal(record.data_n, 1);
        assert_int_equal(record_next(&reader, &record), RECORD_END);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(lengths); r++) {
        uint8_t bytes[256] = { lengths[r].dif, 0x13, lengths[r].lvar };
        size_t head = lengths[r].dif == DATA_VARIABLE ? 3 : 2;
        print_message("%s\n", lengths[r].why);
        for (size_t n = 0; n < sizeof bytes; n++) {
            struct reader reader = reader_init(bytes, n);
            struct record record;
            bool fits = lengths[r].n >= 0 && n >= head + (size_t)lengths[r].n;
            enum record_kind expected = n == 0 ? RECORD_END : fits ? RECORD_DATA : RECORD_BAD;
            assert_int_equal(record_next(&reader, &record), expected);
            assert_int_equal(reader.at, fits ? head + (size_t)lengths[r].n : 0);
            if (fits)
                assert_int_equal(record.data_n, lengths[r].n);
        }
    }
}

/* Every first byte: what is special, what is reserved, and that nothing else stops. */
static void test_every_dif(void **state)
{
    (void)state;
    for (unsigned dif = 0; dif < 256; dif++) {
        uint8_t bytes[32] = { (uint8_t)dif };
        struct reader reader = reader_init(bytes, sizeof bytes);
        struct record record;
        enum record_kind expected = RECORD_DATA;
        if (dif == 0x0F || dif == 0x1F)
            expected = RECORD_MANUFACTURER;
        else if ((dif & 0xF) == 0xF && dif != 0x2F)
            expected = RECORD_BAD;
        assert_int_equal(record_next(&reader, &record), expected);
    }
}

static void test_manufacturer_block_is_the_rest(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x2F, 0x1F, 1, 2, 0x2F };
    struct reader reader = reader_init(bytes, sizeof bytes);
    struct record record;
    assert_int_equal(record_next(&reader, &record), RECORD_MANUFACTURER);
    assert_int_equal(record.data_n, 3);
    assert_ptr_equal(record.data, bytes + 2);
    assert_int_equal(record_next(&reader, &record), RECORD_END);
}

static void test_reader_stays_bad(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x34, 0x12, 0x56 };
    struct reader reader = reader_init(bytes, sizeof bytes);
    assert_int_equal(reader_u16le(&reader), 0x1234);
    assert_int_equal(reader_u16le(&reader), 0);
    assert_true(reader.bad);
    assert_int_equal(reader_u8(&reader), 0); /* though one byte is left */
    assert_int_equal(reader_left(&reader), 0);
    assert_null(reader_bytes(&reader, 0));
    assert_int_equal(reader_u32le(&reader), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dibs),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_every_dif),
        cmocka_unit_test(test_manufacturer_block_is_the_rest),
        cmocka_unit_test(test_reader_stays_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
