/* SPDX-License-Identifier: MIT */
#include "apps/sources/wav_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utc.h"
#include "base/array_len.h"

/* ---- a header, put together chunk by chunk ----------------------------------------------------
 */

struct header {
    uint8_t bytes[1024];
    size_t n;
};

static void put(struct header *h, uint64_t value, size_t n)
{
    for (size_t k = 0; k < n; k++)
        h->bytes[h->n++] = (uint8_t)(value >> (8 * k));
}

static void put_id(struct header *h, const char *id)
{
    memcpy(h->bytes + h->n, id, 4);
    h->n += 4;
}

static struct header begin(const char *riff)
{
    struct header h = { .n = 0 };
    put_id(&h, riff);
    put(&h, UINT32_MAX, 4);
    put_id(&h, "WAVE");
    return h;
}

static void put_fmt(struct header *h, unsigned tag, unsigned channels, unsigned bits)
{
    put_id(h, "fmt ");
    put(h, 16, 4);
    put(h, tag, 2);
    put(h, channels, 2);
    put(h, 1600000, 4);
    put(h, (uint64_t)1600000 * channels * bits / 8, 4);
    put(h, channels * bits / 8, 2);
    put(h, bits, 2);
}

/* As a radio program writes it on 31 January 2024 at 12:34:56.789. */
static void put_auxi(struct header *h, unsigned month, uint32_t center_hz)
{
    const unsigned start[8] = { 2024, month, 3, 31, 12, 34, 56, 789 };
    put_id(h, "auxi");
    put(h, 36, 4);
    for (size_t twice = 0; twice < 2; twice++)
        for (size_t k = 0; k < 8; k++)
            put(h, start[k], 2);
    put(h, center_hz, 4);
}

static void put_data(struct header *h, uint32_t size)
{
    put_id(h, "data");
    put(h, size, 4);
}

static struct wav_header good(const struct header *h, uint64_t file_bytes)
{
    struct wav_header header;
    struct err err;
    if (!wav_header_parse(h->bytes, h->n, file_bytes, &header, &err))
        fail_msg("%s", err.text);
    return header;
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void test_codings(void **state)
{
    (void)state;
    static const struct {
        unsigned tag, bits;
        enum coding_kind kind;
    } rows[] = {
        { 1, 8, CODING_UNSIGNED }, { 1, 16, CODING_SIGNED }, { 1, 24, CODING_SIGNED },
        { 1, 32, CODING_SIGNED },  { 3, 32, CODING_FLOAT },  { 3, 64, CODING_FLOAT },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        struct header h = begin("RIFF");
        put_fmt(&h, rows[k].tag, 2, rows[k].bits);
        put_data(&h, 4096);
        const struct wav_header header = good(&h, 10000);
        assert_int_equal(header.coding.kind, rows[k].kind);
        assert_int_equal(header.coding.bits, rows[k].bits);
        assert_false(header.coding.big_endian);
        assert_int_equal((int)header.sample_rate_sps, 1600000);
        assert_int_equal(header.first_byte, 44);
        assert_int_equal(header.n_bytes, 4096);
        assert_false(header.has_start);
        assert_true(header.center_hz == 0);
    }
}

/* 24 bits used of 32, as some radios write them. */
static void test_extensible(void **state)
{
    (void)state;
    struct header h = begin("RIFF");
    put_fmt(&h, 0xFFFE, 2, 32);
    h.bytes[16] = 40; /* of the chunk */
    h.bytes[34] = 24;
    put(&h, 22, 2);
    put(&h, 24, 2);
    put(&h, 0, 4);
    put(&h, 1, 2);
    for (size_t k = 0; k < 14; k++)
        put(&h, k, 1);
    put_data(&h, 800);
    const struct wav_header header = good(&h, 10000);
    assert_int_equal(header.coding.kind, CODING_SIGNED);
    assert_int_equal(header.coding.bits, 32);
    assert_int_equal(header.n_bytes, 800);
}

static void test_auxi(void **state)
{
    (void)state;
    char text[UTC_TEXT_SIZE];
    struct header h = begin("RIFF");
    put_fmt(&h, 1, 2, 16);
    put_id(&h, "LIST"); /* of an odd length */
    put(&h, 3, 4);
    put(&h, 0, 4);
    put_auxi(&h, 1, 868950000);
    put_data(&h, 4096);
    struct wav_header header = good(&h, 10000);
    utc_format(header.start_us, text);
    assert_true(header.has_start);
    assert_string_equal(text, "2024-01-31T12:34:56.789000Z");
    assert_int_equal((int)header.center_hz, 868950000);

    struct header no_date = begin("RIFF"); /* 31 February: it is another auxi */
    put_fmt(&no_date, 1, 2, 16);
    put_auxi(&no_date, 2, 868950000);
    put_data(&no_date, 4096);
    header = good(&no_date, 10000);
    assert_false(header.has_start);
    assert_true(header.center_hz == 0);
}

static void test_sizes(void **state)
{
    (void)state;
    const uint64_t giga = (uint64_t)1 << 30;
    const struct {
        const char *what, *riff;
        uint64_t long_size; /* 0: no chunk ds64 */
        uint32_t size;
        uint64_t there, expected; /* bytes behind the header */
    } rows[] = {
        { "ordinary", "RIFF", 0, 1000, 5000, 1000 },
        { "the program died before it knew", "RIFF", 0, 0, 5000, 5000 },
        { "no size", "RIFF", 0, UINT32_MAX, 5000, 5000 },
        { "a file cut off", "RIFF", 0, 9000, 5000, 5000 },
        { "the upper half of the size is lost", "RIFF", 0, 1000, 4 * giga + 1000, 4 * giga + 1000 },
        { "and chunks follow", "RIFF", 0, 1000, 8 * giga + 5000, 8 * giga + 1000 },
        { "RF64", "RF64", 6 * giga, UINT32_MAX, 6 * giga + 100, 6 * giga },
        { "BW64", "BW64", 6 * giga, UINT32_MAX, 6 * giga + 100, 6 * giga },
        { "RF64 cut off", "RF64", 6 * giga, UINT32_MAX, giga, giga },
        { "RF64 that did not grow", "RF64", 1000, 1000, 5000, 1000 },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        print_message("%s\n", rows[k].what);
        struct header h = begin(rows[k].riff);
        if (rows[k].long_size > 0) {
            put_id(&h, "ds64");
            put(&h, 28, 4);
            put(&h, 0, 8);
            put(&h, rows[k].long_size, 8);
            put(&h, 0, 8);
            put(&h, 0, 4);
        }
        put_fmt(&h, 1, 2, 16);
        put_data(&h, rows[k].size);
        assert_int_equal(good(&h, h.n + rows[k].there).n_bytes, rows[k].expected);
    }
}

static void check_refused(const struct header *h, size_t n, const char *says)
{
    struct wav_header header;
    struct err err;
    assert_false(wav_header_parse(h->bytes, n, 10000, &header, &err));
    assert_int_equal(err.exit_code, EXIT_FILE);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void test_refused(void **state)
{
    (void)state;
    struct header h = begin("RIFX");
    check_refused(&h, h.n, "does not begin as a WAV file");
    h = begin("RIFF");
    check_refused(&h, 0, "does not begin as a WAV file");
    check_refused(&h, 10, "does not begin as a WAV file");
    check_refused(&h, h.n, "no chunk data");
    put_data(&h, 4096);
    check_refused(&h, h.n, "no chunk fmt before");
    h = begin("RIFF");
    put_fmt(&h, 1, 1, 16);
    check_refused(&h, h.n, "1 channel; IQ samples are two");
    h = begin("RIFF");
    put_fmt(&h, 7, 2, 8);
    check_refused(&h, h.n, "of kind 7 with 8 bits");
    h = begin("RIFF");
    put_fmt(&h, 1, 2, 40);
    check_refused(&h, h.n, "of kind 1 with 40 bits");
    check_refused(&h, h.n - 4, "chunk fmt is cut");
    h = begin("RIFF");
    put_id(&h, "JUNK");
    put(&h, UINT32_MAX, 4);
    check_refused(&h, h.n, "no chunk data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codings), cmocka_unit_test(test_extensible),
        cmocka_unit_test(test_auxi),    cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
