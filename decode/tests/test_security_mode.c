/* SPDX-License-Identifier: MIT
 * The security modes of which nobody has published telegrams: sealed here, opened by the decoder.
 */
#include "decode/security_mode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "base/array_len.h"
#include "decode/security.h"
#include "decode/tests/made.h"
#include "decode/tests/payload.h"

#define RECORDS "046D1C2A2F3C04150000000002FF250104446D0020213C441500000000"

/* Encrypts made->bytes[at .. at + n) in place with what is left of EVP's interface; returns the tag
 * behind it. */
static void seal(struct made *made, size_t at, size_t n, const char *cipher, const uint8_t *key,
                 const uint8_t *nonce, size_t nonce_n, const uint8_t *aad, size_t aad_n,
                 size_t tag_n)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, cipher, NULL);
    bool ccm = strstr(cipher, "CCM") != NULL;
    int done;
    assert_int_equal(EVP_EncryptInit_ex2(ctx, c, NULL, NULL, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce_n, NULL), 1);
    if (ccm)
        assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag_n, NULL), 1);
    assert_int_equal(EVP_EncryptInit_ex2(ctx, NULL, key, nonce, NULL), 1);
    if (ccm)
        assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &done, NULL, (int)n), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &done, aad, (int)aad_n), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, made->bytes + at, &done, made->bytes + at, (int)n), 1);
    assert_int_equal(EVP_EncryptFinal_ex(ctx, made->bytes + at + n, &done), 1);
    assert_int_equal(
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_n, made->bytes + at + n), 1);
    made->n = at + n + tag_n;
    made->bytes[0] = (uint8_t)(made->n - 1);
    EVP_CIPHER_free(c);
    EVP_CIPHER_CTX_free(ctx);
}

/* Opens with the key and no other; no byte of the message may change. */
static void assert_sealed(struct made *made, size_t from)
{
    assert_int_equal(decode(made, "63452869", OMS_KEY), DECODE_OK);
    assert_payload_of(&telegram, RECORDS);
    assert_true(telegram.authenticated && telegram.has_message_counter);
    assert_int_equal(telegram.message_counter, 0x01020304);
    assert_int_equal(decode(made, "63452869", "000102030405060708090A0B0C0D0E0E"), DECODE_BAD_TAG);
    assert_int_equal(decode(made, NULL, NULL), DECODE_NO_KEY);
    struct decoder *d = open_with("63452869", OMS_KEY);
    for (size_t i = from; i < made->n; i++) {
        made->bytes[i] ^= 0x40;
        assert_int_not_equal(decode_at(d, made, 0), DECODE_OK);
        assert_int_equal(telegram.n_readings, 0);
        made->bytes[i] ^= 0x40;
    }
    decoder_close(d);
}

/* Meter 63452869, message counter 01020304. */
static const uint8_t ccm_nonce[13] = {
    0x2D, 0x2C, 0x69, 0x28, 0x45, 0x63, 0x1B, 0x16, 0, 1, 2, 3, 4
};

static void derive_mode_10(uint8_t derived[16])
{
    uint8_t key[16], in[16];
    struct crypto *crypto = crypto_open();
    bytes_from_hex(OMS_KEY, key, sizeof key);
    memset(in, 7, sizeof in);
    bytes_from_hex("000403020169284563", in, 9);
    assert_true(crypto_aes_cmac(crypto, key, in, sizeof in, derived));
    crypto_close(crypto);
}

static void mode_10(void **state)
{
    uint8_t derived[16];
    (void)state;
    derive_mode_10(derived);
    for (size_t tag = 0; tag < 4; tag++) {
        struct made made = from_hex("00442D2C692845631B16 7A 2A00 FF0A 1000 04030201" RECORDS);
        made.bytes[16] = (uint8_t)tag;
        seal(&made, 21, made.n - 21, "AES-128-CCM", derived, ccm_nonce, sizeof ccm_nonce,
             made.bytes + 10, 7, 4 + 4 * tag);
        assert_sealed(&made, 13);
    }
}

/* As Dutch meters send it; of the ways to read their specification, each must open. */
static void mode_9(void **state)
{
    (void)state;
    for (size_t way = 0; way < 3; way++) {
        struct made made = from_hex("00442D2C692845631B16 7A 2A00 0129 1D00 04030201" RECORDS);
        uint8_t nonce[12] = { 0x2D, 0x2C, 0x69, 0x28, 0x45, 0x63, 0x1B, 0x16, 1, 2, 3, 4 };
        uint8_t key[16];
        size_t n = made.n - 21;
        assert_int_equal(n, 0x1D);
        bytes_from_hex(OMS_KEY, key, sizeof key);
        if (way == 1)
            memcpy(nonce + 8, made.bytes + 17, 4);
        seal(&made, 21, n, "AES-128-GCM", key, nonce, sizeof nonce, made.bytes + 10,
             way == 2 ? 0 : 7, 12);
        assert_sealed(&made, 21);
    }
}

/* Records in clear beside what is encrypted are read, the tag is not, and does not cover them. */
static void assert_clear_too(struct made *made, size_t at)
{
    static const uint8_t clear[] = { 0x01, 0x13, 0x2A };
    memmove(made->bytes + at + sizeof clear, made->bytes + at, made->n - at);
    memcpy(made->bytes + at, clear, sizeof clear);
    made->n += sizeof clear;
    made->bytes[0] += sizeof clear;
    assert_int_equal(decode(made, "63452869", OMS_KEY), DECODE_OK);
    assert_payload_of(&telegram, RECORDS "01132A");
    assert_false(telegram.authenticated);
    made->bytes[21] ^= 1;
    assert_int_equal(decode(made, "63452869", OMS_KEY), DECODE_BAD_TAG);
}

static void in_clear_beside_a_tag(void **state)
{
    const size_t n = strlen(RECORDS) / 2;
    static const uint8_t nonce[12] = { 0x2D, 0x2C, 0x69, 0x28, 0x45, 0x63, 0x1B, 0x16, 1, 2, 3, 4 };
    uint8_t key[16], derived[16];
    (void)state;
    bytes_from_hex(OMS_KEY, key, sizeof key);
    struct made made = from_hex("00442D2C692845631B16 7A 2A00 0129 1D00 04030201" RECORDS);
    seal(&made, 21, n, "AES-128-GCM", key, nonce, sizeof nonce, made.bytes + 10, 7, 12);
    assert_clear_too(&made, made.n); /* in mode 9 the tag follows what is encrypted */
    derive_mode_10(derived);
    made = from_hex("00442D2C692845631B16 7A 2A00 1D0A 1000 04030201" RECORDS);
    seal(&made, 21, n, "AES-128-CCM", derived, ccm_nonce, sizeof ccm_nonce, made.bytes + 10, 7, 4);
    assert_clear_too(&made, 21 + n); /* in mode 10 it ends the message */
}

static void mode_2(void **state)
{
    struct made made = from_hex("1E468B050100000004077A01001002BBD1EAFD0222F871CB70DA16C78AE098");
    (void)state;
    assert_int_equal(decode(&made, "00000001", "0102030405060708"), DECODE_OK);
    assert_payload_of(&telegram, "2F2F0413E80300002F2F2F2F2F2F2F2F");
    assert_int_equal(decode(&made, "00000001", "0102030405060709"), DECODE_OK); /* a parity bit */
    assert_int_equal(decode(&made, "00000001", "0102030405060508"), DECODE_BAD_2F2F);
    assert_int_equal(decode(&made, "00000001", OMS_KEY), DECODE_NO_KEY);
    made.bytes[13] = 0x11; /* no whole blocks */
    assert_int_equal(decode(&made, "00000001", "0102030405060708"), DECODE_BAD_LENGTH);
}

/* Sealed in mode 3 for a day, coded as byte 6 and 7 say; a meter of another manufacturer's letters
 * than mode 2's, of which no byte is 0. */
static struct made sealed_mode_3(uint8_t byte_6, uint8_t byte_7, const char *plain_hex)
{
    struct made made = from_hex("0046934401020304 3303 7A01001003");
    uint8_t plain[16], iv[8] = { 1, 2, 3, 4, 0x93, 0x44, byte_6, byte_7 };
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(library, "legacy");
    EVP_CIPHER *des = EVP_CIPHER_fetch(library, "DES-CBC", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done;
    assert_int_equal(bytes_from_hex(plain_hex, plain, sizeof plain), sizeof plain);
    EVP_EncryptInit_ex2(ctx, des, (const uint8_t *)"\1\2\3\4\5\6\7\10", iv, NULL);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    EVP_EncryptUpdate(ctx, made.bytes + made.n, &done, plain, sizeof plain);
    made.n += sizeof plain;
    made.bytes[0] = (uint8_t)(made.n - 1);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(des);
    OSSL_PROVIDER_unload(legacy);
    OSSL_LIB_CTX_free(library);
    return made;
}

/* Only the right day, in either coding, and not if it were a guess. */
static void mode_3(void **state)
{
    static const struct {
        const char *what;
        int64_t day_s;
        uint8_t byte_6, byte_7;
    } rows[] = {
        { "2024-02-29, type G", 1709208000, 0x1D, 0x32 },
        { "2024-02-29, otherwise", 1709208000, 0x5D, 0x30 },
        { "2023-12-31, type G", 1704024000, 0xFF, 0x2C },
        { "2023-12-31, otherwise", 1704024000, 0x9F, 0x2F },
    };
    static const char decisive[] = "2F2F2F2F2F2F 2F2F 0C7878563412 2F2F",
                      of_value[] = "2F2F 0413 E8030000 2F2F2F2F2F2F2F2F";
    struct decoder *d = open_with("04030201", "0102030405060708");
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct made made = sealed_mode_3(rows[r].byte_6, rows[r].byte_7, decisive),
                    guess = sealed_mode_3(rows[r].byte_6, rows[r].byte_7, of_value);
        for (int64_t late = -3; late <= 3; late++) {
            const int64_t t_us = (rows[r].day_s + late * 86400) * 1000000;
            const bool near = late >= -2 && late <= 2;
            assert_int_equal(decode_at(d, &made, t_us) == DECODE_OK, near);
            if (near)
                assert_payload_of(&telegram, decisive);
            assert_int_equal(decode_at(d, &guess, t_us), DECODE_UNSUPPORTED);
            assert_int_equal(telegram.n_readings, 0);
        }
    }
    decoder_close(d);
}

/* Bits 4 and 5 of the key information tell how the key of the MAC comes about: it is the key, or
 * KDF A makes it, or nobody knows. */
static void keys_of_a_mac(void **state)
{
    static const struct {
        const char *ki;
        bool derived;
        enum decode_status status;
        bool authentic;
    } rows[] = {
        { "0000", false, DECODE_OK, true },      { "1000", true, DECODE_OK, true },
        { "CF00", false, DECODE_OK, true },      { "1000", false, DECODE_BAD_MAC, false },
        { "0000", true, DECODE_BAD_MAC, false }, { "2000", true, DECODE_OK, false },
        { "3000", false, DECODE_OK, false }, /* nobody can check, as without a key */
    };
    struct crypto *crypto = crypto_open();
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct made made = from_hex("00449315785634123303 8C2075 9011002E 25 0000 01000000"
                                    "0000000000000000 7A75000000 04132A000000");
        uint8_t key[16], in[16], derived[16], covered[64], mac[16];
        print_message("KI %s, %s\n", rows[r].ki, rows[r].derived ? "KDF A" : "the key itself");
        bytes_from_hex(rows[r].ki, made.bytes + 18, 2);
        bytes_from_hex(OMS_KEY, key, sizeof key);
        memset(in, 7, sizeof in);
        bytes_from_hex("010100000078563412", in, 9);
        assert_true(crypto_aes_cmac(crypto, key, in, sizeof in, derived));
        memcpy(covered, made.bytes + 17, 7);
        memcpy(covered + 7, made.bytes + 32, made.n - 32);
        assert_true(
            crypto_aes_cmac(crypto, rows[r].derived ? derived : key, covered, made.n - 25, mac));
        memcpy(made.bytes + 24, mac, 8);
        assert_int_equal(decode(&made, "12345678", OMS_KEY), rows[r].status);
        assert_int_equal(telegram.authenticated, rows[r].authentic);
    }
    crypto_close(crypto);
}

static void modes_that_are_refused(void **state)
{
    static const int modes[] = { 1, 4, 6, 8, 11, 12, 13, 14, 15, 16, 31 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct made made = from_hex("1E44931578563412 3303 7A01001000"
                                    "BBD1EAFD0222F871CB70DA16C78AE098");
        made.bytes[14] = (uint8_t)modes[i];
        assert_int_equal(decode(&made, "12345678", OMS_KEY), DECODE_UNSUPPORTED);
        assert_int_equal(telegram.security_mode, modes[i]);
        assert_string_equal(security_name(&telegram), security_mode_name(modes[i]));
        assert_true(telegram.encrypted && !telegram.decrypted);
        assert_int_equal(telegram.n_readings, 0);
    }
    assert_string_equal(security_mode_name(-1), "none");
    assert_string_equal(security_mode_name(13), "tls");
    assert_string_equal(security_mode_name(31), "reserved");
    assert_string_equal(security_mode_name(32), "reserved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mode_10),
        cmocka_unit_test(mode_9),
        cmocka_unit_test(in_clear_beside_a_tag),
        cmocka_unit_test(mode_2),
        cmocka_unit_test(mode_3),
        cmocka_unit_test(keys_of_a_mac),
        cmocka_unit_test(modes_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
