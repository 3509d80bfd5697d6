/* SPDX-License-Identifier: MIT */
#include "apps/sources/sample_coding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

/* One sample, I = 0.5 of full scale and Q = -0.25, in every coding. */
static void test_codings(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct sample_coding coding;
        uint8_t bytes[16];
        enum iq_format format;
        bool plain;
    } rows[] = {
        { "cu8", { CODING_UNSIGNED, 8, false }, { 0xC0, 0x60 }, IQ_CU8, true },
        { "ci8, whose order means nothing",
          { CODING_SIGNED, 8, true },
          { 0x40, 0xE0 },
          IQ_CS8,
          true },
        { "ci16_le", { CODING_SIGNED, 16, false }, { 0x00, 0x40, 0x00, 0xE0 }, IQ_CS16, true },
        { "ci16_be", { CODING_SIGNED, 16, true }, { 0x40, 0x00, 0xE0, 0x00 }, IQ_CS16, false },
        { "cu16_le", { CODING_UNSIGNED, 16, false }, { 0x00, 0xC0, 0x00, 0x60 }, IQ_CS16, false },
        { "24 bits, the lowest do not count",
          { CODING_SIGNED, 24, false },
          { 0xFF, 0x00, 0x40, 0x01, 0x00, 0xE0 },
          IQ_CS16,
          false },
        { "cu32_be",
          { CODING_UNSIGNED, 32, true },
          { 0xC0, 0, 0, 1, 0x60, 0, 0, 1 },
          IQ_CS16,
          false },
        { "cf32_le",
          { CODING_FLOAT, 32, false },
          { 0, 0, 0, 0x3F, 0, 0, 0x80, 0xBE },
          IQ_CF32,
          true },
        { "cf32_be",
          { CODING_FLOAT, 32, true },
          { 0x3F, 0, 0, 0, 0xBE, 0x80, 0, 0 },
          IQ_CF32,
          false },
        { "cf64_le",
          { CODING_FLOAT, 64, false },
          { 0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 0, 0, 0, 0, 0, 0, 0xD0, 0xBF },
          IQ_CF32,
          false },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        print_message("%s\n", rows[k].what);
        const struct sample_coding *c = &rows[k].coding;
        float aligned[2];
        assert_true(sample_coding_known(c));
        assert_int_equal(sample_coding_format(c), rows[k].format);
        assert_int_equal(sample_coding_is_plain(c), rows[k].plain);
        assert_int_equal(sample_coding_bytes(c), 2 * c->bits / 8);
        sample_coding_convert(c, rows[k].bytes, 1, aligned);
        if (rows[k].format == IQ_CF32)
            assert_memory_equal(aligned, ((float[]){ 0.5f, -0.25f }), 8);
        else if (rows[k].format == IQ_CS16)
            assert_memory_equal(aligned, ((int16_t[]){ 0x4000, -0x2000 }), 4);
        else
            assert_memory_equal(aligned, rows[k].bytes, 2);
    }
}

static void test_unknown(void **state)
{
    (void)state;
    static const struct sample_coding rows[] = {
        { CODING_UNSIGNED, 0, false }, { CODING_SIGNED, 12, false }, { CODING_SIGNED, 40, false },
        { CODING_FLOAT, 8, false },    { CODING_FLOAT, 16, false },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++)
        assert_false(sample_coding_known(&rows[k]));
}

static void test_formats_are_plain(void **state)
{
    (void)state;
    for (enum iq_format format = IQ_CU8; format <= IQ_CF32; format++) {
        const struct sample_coding c = sample_coding_of(format);
        assert_int_equal(sample_coding_format(&c), format);
        assert_int_equal(sample_coding_bytes(&c), iq_sample_bytes(format));
        assert_true(sample_coding_is_plain(&c));
    }
}

/* What a float cannot hold is no undefined behaviour. */
static void test_wild_floats(void **state)
{
    (void)state;
    static const struct sample_coding cf64 = { CODING_FLOAT, 64, true };
    static const uint8_t bytes[16] = { 0x7F, 0xF8, 0, 0, 0, 0, 0, 0, 0xFE, 1, 1, 1, 1, 1, 1, 1 };
    float iq[2];
    sample_coding_convert(&cf64, bytes, 1, iq);
    assert_true(iq[0] == 0 && iq[1] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_formats_are_plain),
        cmocka_unit_test(test_wild_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
