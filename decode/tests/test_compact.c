/* SPDX-License-Identifier: MIT */
#include "decode/compact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/crc16.h"
#include "decode/tests/hex.h"
#include "decode/tests/learn.h"

/* Kamstrup Multical 21, published: a full frame and the compact one of the same values. */
static bool differs;
static const char multical_full[] = "02FF207100 041308190000 441308190000 615B7F 616713";
static const char multical[] = "EDA86AB6710008190000081900007F13";

static struct compact_formats formats;

static int fresh(void **state)
{
    (void)state;
    compact_init(&formats);
    return 0;
}

static void learn(const char *hex)
{
    uint8_t bytes[FRAME_MAX_BYTES];
    learn_records(&formats, bytes, bytes_from_hex(hex, bytes, sizeof bytes));
}

static void assert_expands(const char *compact, const char *expected)
{
    uint8_t bytes[FRAME_MAX_BYTES], full[FRAME_MAX_BYTES], wanted[FRAME_MAX_BYTES];
    size_t n = compact_expand(&formats, bytes, bytes_from_hex(compact, bytes, sizeof bytes), full,
                              &differs);
    assert_int_equal(n, bytes_from_hex(expected, wanted, sizeof wanted));
    assert_memory_equal(full, wanted, n);
}

static void published_frames(void **state)
{
    (void)state;
    assert_expands(multical, multical_full);
    formats.n = formats.n_known = formats.next = 0; /* now as if nothing were known beforehand */
    assert_expands(multical, "");
    learn(multical_full);
    assert_expands(multical, multical_full);
    /* Engelmann sends compact frames in mode 5, with its check bytes and fillers. */
    assert_expands("2F2F EDA86AB6710008190000081900007F13 2F2F2F", multical_full);
}

/* The signatures that the published list states, in its order. */
static void known_signatures(void **state)
{
    static const uint16_t signatures[] = {
        0x052D, 0x0905, 0x2274, 0x36D4, 0x52C2, 0x61EB, 0x73DE, 0x7C0E, 0x8400, 0x8C13, 0xA8ED,
        0xA9F3, 0xAE5A, 0xB34D, 0xC412, 0xD2F7, 0xDD34, 0xE7A2, 0xF1E7, 0xDD07, 0x7F32, 0x29C7,
    };
    (void)state;
    assert_int_equal(formats.n, ARRAY_LEN(signatures));
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++)
        assert_int_equal(formats.formats[i].signature, signatures[i]);
}

static void only_an_exact_fit(void **state)
{
    uint8_t bytes[64], full[FRAME_MAX_BYTES];
    (void)state;
    size_t n = bytes_from_hex(multical, bytes, sizeof bytes);
    bytes[n] = 0x00;
    for (size_t cut = 0; cut <= n + 1; cut++)
        assert_int_equal(compact_expand(&formats, bytes, cut, full, &differs) > 0, cut == n);
    for (int bit = 0; bit < 16; bit++) { /* another signature */
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(compact_expand(&formats, bytes, n, full, &differs), 0);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void crc_of_an_earlier_frame_is_no_reason(void **state)
{
    (void)state;
    assert_expands("EDA80000 710008190000081900007F13", multical_full);
    assert_true(differs);
    assert_expands(multical, multical_full);
    assert_false(differs);
}

/* EN 13757-3:2018, Annex G: length, signature, headers. */
static void format_frames(void **state)
{
    static const struct {
        const char *what, *hex;
        bool ok;
    } rows[] = {
        { "its headers", "0D EDA8 02FF2004134413615B6167", true },
        { "another length", "0B EDA8 02FF2004134413615B6167", true },
        { "in mode 5", "2F2F 0D EDA8 02FF2004134413615B6167 2F2F2F", true },
        { "another signature", "0D EDA9 02FF2004134413615B6167", false },
        { "cut", "0D EDA8 02FF2004134413615B61", false },
        { "nothing", "", false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[64];
        print_message("%s\n", rows[r].what);
        formats.n = formats.n_known = formats.next = 0; /* as if nothing were known beforehand */
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        assert_int_equal(compact_learn_format(&formats, bytes, n), rows[r].ok);
        assert_int_equal(formats.n, rows[r].ok);
        if (rows[r].ok)
            assert_expands(multical, multical_full);
    }
    struct compact_format no_vif = { .n = 1, .headers = { 0x04 } }, none = { .n = 0 };
    no_vif.signature = crc16_en13757(no_vif.headers, 1);
    none.signature = crc16_en13757(none.headers, 0);
    assert_false(compact_add(&formats, &no_vif));
    assert_false(compact_add(&formats, &none));
}

static void what_is_learnt(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t learnt;
    } rows[] = {
        { "a new format", "04062A000000 0406 2B000000", 1 },
        { "the same again, other values", "040600000000 0406 01000000", 0 },
        { "fillers are no part of it", "2F2F 04062A000000 2F 0406 2B000000 2F2F", 0 },
        { "one known beforehand", multical_full, 0 },
        { "variable length", "0D781141424344454647484950515253545556 57", 1 },
        { "nothing", "", 0 },
        { "fillers alone", "2F2F2F", 0 },
        { "a record cut", "0413 08190000 0413 0819", 0 },
        { "manufacturer's data, as long as it likes", "041308190000 0F 010203", 0 },
        { "a reserved DIF", "041308190000 3F 010203", 0 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        size_t before = formats.n;
        print_message("%s\n", rows[r].what);
        learn(rows[r].hex);
        assert_int_equal(formats.n - before, rows[r].learnt);
    }
}

/* A format of its own for each number: data of four bytes, storage number in the DIFEs. */
#define FORMAT(n)                                                                                  \
    0x84, (uint8_t)(0x80 | ((n)&0xF)), (uint8_t)(0x80 | ((n) >> 4 & 0xF)), (uint8_t)((n) >> 8), 0x13
static void learn_number(unsigned number)
{
    uint8_t data[] = { FORMAT(number), 0, 0, 0, 0 };
    learn_records(&formats, data, sizeof data);
}

static bool knows_number(unsigned number)
{
    const uint8_t headers[] = { FORMAT(number) };
    uint16_t signature = crc16_en13757(headers, sizeof headers);
    uint8_t compact[8] = { (uint8_t)signature, (uint8_t)(signature >> 8) }, full[FRAME_MAX_BYTES];
    return compact_expand(&formats, compact, sizeof compact, full, &differs) > 0;
}

static void the_oldest_gives_way(void **state)
{
    enum { TWICE = 2 * COMPACT_FORMATS };
    (void)state;
    size_t room = COMPACT_FORMATS - formats.n_known;
    for (int i = 0; i < TWICE; i++)
        learn_number((unsigned)i);
    assert_int_equal(formats.n, COMPACT_FORMATS);
    for (int i = 0; i < TWICE; i++)
        assert_int_equal(knows_number((unsigned)i), i >= TWICE - (int)room);
    assert_expands(multical, /* known beforehand: stays */
                   multical_full);
}

/* Of n records with two bytes of header and eight of data. */
static size_t expanded(size_t n)
{
    uint8_t data[4 + FRAME_MAX_BYTES] = { 0 }, full[FRAME_MAX_BYTES];
    struct compact_format format = { .n = (uint8_t)(2 * n) };
    for (size_t i = 0; i < n; i++)
        memcpy(format.headers + 2 * i, "\x07\x13", 2);
    format.signature = crc16_en13757(format.headers, format.n);
    assert_true(compact_add(&formats, &format));
    data[0] = (uint8_t)format.signature;
    data[1] = (uint8_t)(format.signature >> 8);
    return compact_expand(&formats, data, 4 + n * 8, full, &differs);
}

/* A full frame does not grow beyond what a frame can hold. */
static void too_long_when_expanded(void **state)
{
    (void)state;
    assert_int_equal(expanded(31), 0);
    assert_int_equal(expanded(25), 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(published_frames, fresh),
        cmocka_unit_test_setup(known_signatures, fresh),
        cmocka_unit_test_setup(only_an_exact_fit, fresh),
        cmocka_unit_test_setup(crc_of_an_earlier_frame_is_no_reason, fresh),
        cmocka_unit_test_setup(format_frames, fresh),
        cmocka_unit_test_setup(what_is_learnt, fresh),
        cmocka_unit_test_setup(the_oldest_gives_way, fresh),
        cmocka_unit_test_setup(too_long_when_expanded, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
