/* SPDX-License-Identifier: MIT */
#include "decode/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h> /* to count the library's allocations */

#include "decode/tests/hex.h"

/* NIST SP 800-38A, appendix F: the same key and plain text for every mode. */
static const char nist_key[] = "2B7E151628AED2A6ABF7158809CF4F3C";
static const char nist_plain[] = "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51";
static const char nist_cbc_iv[] = "000102030405060708090A0B0C0D0E0F";
static const char nist_cbc[] = "7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2";
static const char nist_ctr_iv[] = "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF";
static const char nist_ctr[] = "874D6191B620E3261BEF6864990DB6CE9806F66B7970FDFF8617187BB9FFFDFF";

static size_t allocations;

static void *counting_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    allocations++;
    return malloc(n);
}

static void *counting_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    allocations++;
    return realloc(p, n);
}

static void plain_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    free(p);
}

static void cbc_of_nist(void **state)
{
    uint8_t key[16], iv[16], in[32], expected[32], out[32];
    struct crypto *crypto = *state;
    bytes_from_hex(nist_key, key, sizeof key);
    bytes_from_hex(nist_cbc_iv, iv, sizeof iv);
    bytes_from_hex(nist_cbc, in, sizeof in);
    bytes_from_hex(nist_plain, expected, sizeof expected);
    assert_true(crypto_aes_cbc_decrypt(crypto, key, iv, in, sizeof in, out));
    assert_memory_equal(out, expected, sizeof out);
    assert_true(crypto_aes_cbc_decrypt(crypto, key, iv, in, sizeof in, in)); /* in place */
    assert_memory_equal(in, expected, sizeof in);
}

static void ctr_of_nist(void **state)
{
    uint8_t key[16], iv[16], in[32], expected[32], out[32];
    struct crypto *crypto = *state;
    bytes_from_hex(nist_key, key, sizeof key);
    bytes_from_hex(nist_ctr_iv, iv, sizeof iv);
    bytes_from_hex(nist_ctr, in, sizeof in);
    bytes_from_hex(nist_plain, expected, sizeof expected);
    for (size_t n = 0; n <= sizeof in;
         n++) { /* a stream cipher: any length, from the start each time */
        memset(out, 0xEE, sizeof out);
        assert_true(crypto_aes_ctr(crypto, key, iv, in, n, out));
        assert_memory_equal(out, expected, n);
        for (size_t k = n; k < sizeof out; k++)
            assert_int_equal(out[k], 0xEE);
    }
}

static void running_allocates_nothing(void **state)
{
    uint8_t key[16] = { 1 }, iv[16] = { 2 }, bytes[240] = { 3 };
    struct crypto *crypto = *state;
    assert_true(allocations > 0); /* the counter counts: opening allocated */
    for (int round = 0; round < 3; round++) {
        size_t before = allocations;
        assert_true(crypto_aes_cbc_decrypt(crypto, key, iv, bytes, sizeof bytes, bytes));
        assert_true(crypto_aes_ctr(crypto, key, iv, bytes, sizeof bytes, bytes));
        assert_int_equal(allocations, before);
        key[0]++;
    }
}

static void wipe(void **state)
{
    uint8_t secret[3] = { 1, 2, 3 };
    (void)state;
    crypto_wipe(secret, 2);
    assert_memory_equal(secret, "\0\0\3", 3);
    crypto_close(NULL);
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
        cmocka_unit_test(cbc_of_nist),
        cmocka_unit_test(ctr_of_nist),
        cmocka_unit_test(running_allocates_nothing),
        cmocka_unit_test(wipe),
    };
    if (!CRYPTO_set_mem_functions(counting_malloc, counting_realloc, plain_free))
        return 1; /* too late: OpenSSL had allocated before */
    return cmocka_run_group_tests(tests, open_one, close_one);
}
