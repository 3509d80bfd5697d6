/* SPDX-License-Identifier: MIT */
#include "decode/ell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/tests/hex.h"

/* A public telegram of a Kamstrup Multical 21, from the extended link layer on, and its key. */
static const char water_dll[] = "2D2C692845631B16";
static const char water_ell[] = "8D3050209CD621 B006B1140AEF4953AE5B86FAFC0B00E70705B846";
static const char water_key[] = "4E5508544202058100DFEFA06B0934A5";
static const char water_plain[] = "132B7802FF20000004 13803C070044139F380700";

struct vector {
    uint8_t dll_bytes[ADDRESS_BYTES], key[AES_128_KEY], bytes[64], expected[64];
    size_t n, expected_n;
    struct address dll;
};

static struct vector water(void)
{
    struct vector v;
    bytes_from_hex(water_dll, v.dll_bytes, sizeof v.dll_bytes);
    bytes_from_hex(water_key, v.key, sizeof v.key);
    v.n = bytes_from_hex(water_ell, v.bytes, sizeof v.bytes);
    v.expected_n = bytes_from_hex(water_plain, v.expected, sizeof v.expected);
    v.dll = address_from_link(v.dll_bytes);
    return v;
}

static bool decrypts(struct crypto *crypto, const struct vector *v, uint8_t *plain)
{
    struct ell ell;
    assert_int_equal(ell_parse(v->bytes, v->n, &ell), DECODE_OK);
    return ell_decrypt(crypto, v->key, &v->dll, &ell, v->bytes + ell.header_n, v->n - ell.header_n,
                       plain);
}

static void headers(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t header_n;
        uint8_t cc, acc;
        bool has_address, has_session;
        uint32_t sn;
    } rows[] = {
        { "ELL I", "8C2075", 3, 0x20, 0x75, false, false, 0 },
        { "ELL II, AES", "8D3050209CD6212B13", 7, 0x30, 0x50, false, true, 0x21D69C20 },
        { "ELL III, OMS N.2.4", "8E80753A63665544330A31", 11, 0x80, 0x75, true, false, 0 },
        { "ELL IV", "8F80753A63665544330A31 04030201FFFF", 15, 0x80, 0x75, true, true, 0x01020304 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[32];
        struct ell ell;
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        print_message("%s\n", rows[r].what);
        assert_int_equal(ell_parse(bytes, n, &ell), DECODE_OK);
        assert_int_equal(ell.header_n, rows[r].header_n);
        assert_int_equal(ell.cc, rows[r].cc);
        assert_int_equal(ell.acc, rows[r].acc);
        assert_int_equal(ell.has_address, rows[r].has_address);
        assert_int_equal(ell.has_session, rows[r].has_session);
        assert_int_equal(ell.sn, rows[r].sn);
        if (ell.has_address)
            assert_memory_equal(ell.address.id, "\x66\x55\x44\x33", 4);
        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(ell_parse(bytes, cut, &ell), DECODE_BAD_LENGTH);
    }
}

/* ELL V, whose fields between ACC and SN its control byte tells; header_n is up to the payload CRC.
 */
static void headers_of_v(void **state)
{
    (void)state;
    for (size_t header_n = ELL_V_LEAST; header_n <= ELL_V_MOST; header_n++) {
        uint8_t bytes[32] = { 0x86, 0x20, 0x75 };
        struct ell ell;
        memset(bytes + 3, 0xEE, header_n - 7);
        memcpy(bytes + header_n - 4, (const uint8_t[]){ 4, 3, 2, 1 }, 4);
        assert_int_equal(ell_parse_v(bytes, header_n + 2, header_n, &ell), DECODE_OK);
        assert_true(ell.has_session && !ell.has_address);
        assert_int_equal(ell.ci, 0x86);
        assert_int_equal(ell.cc, 0x20);
        assert_int_equal(ell.acc, 0x75);
        assert_int_equal(ell.sn, 0x01020304);
        assert_int_equal(ell.header_n, header_n);
        for (size_t cut = 0; cut < header_n + 2; cut++)
            assert_int_equal(ell_parse_v(bytes, cut, header_n, &ell), DECODE_BAD_LENGTH);
    }
}

static void encryption_bits(void **state)
{
    (void)state;
    assert_int_equal(ell_encryption(&(struct ell){ .sn = 0x21D69C20 }), ELL_AES_CTR);
    assert_int_equal(ell_encryption(&(struct ell){ .sn = 0x1FFFFFFF }), ELL_PLAIN);
    assert_int_equal(ell_encryption(&(struct ell){ .sn = 0xE0000000 }), 7);
}

static void public_telegram_decrypts(void **state)
{
    struct vector v = water();
    uint8_t plain[64];
    assert_true(decrypts(*state, &v, plain));
    assert_memory_equal(plain, v.expected, v.expected_n);
    /* A repeater sets H or R of CC; the initial counter holds them as 0. */
    static const uint8_t cc[] = { 0x20, 0x30, 0x22, 0x32 };
    for (size_t k = 0; k < ARRAY_LEN(cc); k++) {
        v.bytes[1] = cc[k];
        assert_true(decrypts(*state, &v, plain));
    }
}

/* Whatever enters the initial counter, the key or the text is covered by the payload CRC. */
static void every_flipped_bit_is_caught(void **state)
{
    uint8_t plain[64];
    struct vector good = water();
    for (size_t bit = 0; bit < 8 * sizeof good.key; bit++) {
        struct vector v = good;
        v.key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(decrypts(*state, &v, plain));
    }
    for (size_t bit = 0; bit < 8 * sizeof good.dll_bytes; bit++) {
        struct vector v = good;
        v.dll_bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        v.dll = address_from_link(v.dll_bytes);
        assert_false(decrypts(*state, &v, plain));
    }
    for (size_t bit = 8 * 3; bit < 8 * good.n; bit++) {
        struct vector v = good;
        v.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(decrypts(*state, &v, plain));
    }
}

static void payload_crc_of_cut_text(void **state)
{
    struct vector v = water();
    (void)state;
    for (size_t cut = 0; cut < v.expected_n; cut++)
        assert_false(ell_crc_holds(v.expected, cut));
    assert_true(ell_crc_holds(v.expected, v.expected_n));
}

static int open_one(void **state)
{
    *state = crypto_open();
    return *state ? 0 : -1;
}

static int close_one(void **state)
{
    crypto_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(headers_of_v),
        cmocka_unit_test(encryption_bits),
        cmocka_unit_test(public_telegram_decrypts),
        cmocka_unit_test(every_flipped_bit_is_caught),
        cmocka_unit_test(payload_crc_of_cut_text),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
