/* SPDX-License-Identifier: MIT
 * Ciphers of manufacturers of which no telegram with its key is public: sealed here. What else
 * transforms do is in the tests of the drivers. */
#include "decode/transform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "decode/crypto.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"

enum { BLOCK = 53, CIPHER = 4, SEALED = 5, VIF = 9, LAST = 52 };

static const struct meter_key right = { .bytes = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, .n = 16 },
                              wrong = { .bytes = { 1, 2, 3, 4, 5, 6, 7, 8, 8 }, .n = 16 },
                              shorter = { .bytes = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, .n = 8 };

static void make_block(uint8_t *block, uint8_t vif, uint8_t last)
{
    for (size_t k = 0; k < BLOCK; k++)
        block[k] = (uint8_t)(7 * k + 1);
    block[CIPHER] = 0;
    block[VIF] = vif;
    block[LAST] = last;
}

/* Meter QDS 12345678, version 1A, type 07; the access number is byte 2. */
static void seal(uint8_t *block)
{
    uint8_t iv[16] = { 0x93, 0x44, 0x78, 0x56, 0x34, 0x12, 0x1A, 0x07 };
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;
    memset(iv + 8, block[2], 8);
    EVP_EncryptInit_ex2(ctx, EVP_aes_128_cbc(), right.bytes, iv, NULL);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    assert_int_equal(EVP_EncryptUpdate(ctx, block + SEALED, &n, block + SEALED, BLOCK - SEALED), 1);
    EVP_CIPHER_CTX_free(ctx);
    block[CIPHER] = 0x35;
}

static size_t open_block(const uint8_t *block, size_t n, const struct meter_key *const *keys,
                         size_t n_keys, uint8_t *out)
{
    static struct telegram telegram;
    struct crypto *crypto = crypto_open();
    telegram.dll = (struct address){ 0x4493, { 0x78, 0x56, 0x34, 0x12 }, 0x1A, 0x07 };
    const struct transform_input input = { block, n, &telegram, crypto, keys, n_keys };
    const size_t written = transform_find("qundis")->function(&input, out);
    crypto_close(crypto);
    return written;
}

static void qundis(void **state)
{
    static const struct meter_key *const keys[] = { &shorter, &wrong, &right };
    uint8_t plain[BLOCK], block[BLOCK], out[TRANSFORM_MAX_BYTES];
    (void)state;
    make_block(plain, 0x13, 0x2F);
    memcpy(block, plain, BLOCK);
    assert_int_equal(open_block(block, BLOCK, keys, 0, out), BLOCK);
    assert_memory_equal(out, plain, BLOCK);
    seal(block);
    assert_int_equal(open_block(block, BLOCK, keys, 3, out), BLOCK);
    assert_memory_equal(out + SEALED, plain + SEALED, BLOCK - SEALED);
    assert_int_equal(open_block(block, BLOCK, keys, 2, out), 0);
    assert_int_equal(open_block(block, BLOCK - 1, keys, 3, out), 0);
    block[CIPHER] = 0x36;
    assert_int_equal(open_block(block, BLOCK, keys, 3, out), 0);
}

/* What is in clear must be of a known kind, and what was sealed must end as it should, too. */
static void qundis_checks(void **state)
{
    static const struct meter_key *const key = &right;
    static const struct {
        uint8_t vif, last;
        size_t clear, sealed;
    } rows[] = { { 0x13, 0x2F, BLOCK, BLOCK },
                 { 0x6E, 0x2F, BLOCK, BLOCK },
                 { 0x14, 0x2F, 0, 0 },
                 { 0x13, 0x2E, BLOCK, 0 } };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        uint8_t block[BLOCK], out[TRANSFORM_MAX_BYTES];
        make_block(block, rows[r].vif, rows[r].last);
        assert_int_equal(open_block(block, BLOCK, &key, 1, out), rows[r].clear);
        seal(block);
        assert_int_equal(open_block(block, BLOCK, &key, 1, out), rows[r].sealed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qundis),
        cmocka_unit_test(qundis_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
