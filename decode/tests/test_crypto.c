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
    memset(out, 0, sizeof out);
    assert_true(crypto_aes_cbc_decrypt(crypto, key, iv, in, 16, out));
    assert_true(crypto_aes_cbc_decrypt_on(crypto, in + 16, 0, out + 16));
    assert_true(crypto_aes_cbc_decrypt_on(crypto, in + 16, 16, out + 16));
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

/* RFC 4493, section 4. */
static void cmac_of_rfc_4493(void **state)
{
    static const struct {
        size_t n;
        const char *mac;
    } rows[] = {
        { 0, "BB1D6929E95937287FA37D129B756746" },
        { 16, "070A16B46B4D4144F79BDD9DD04A287C" },
        { 40, "DFA66747DE9AE63030CA32611497C827" },
        { 64, "51F0BEBF7E3B9D92FC49741779363CFE" },
    };
    uint8_t key[16], in[64], mac[16], expected[16];
    bytes_from_hex(nist_key, key, sizeof key);
    bytes_from_hex("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"
                   "30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710",
                   in, sizeof in);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        bytes_from_hex(rows[r].mac, expected, sizeof expected);
        assert_true(crypto_aes_cmac(*state, key, in, rows[r].n, mac));
        assert_memory_equal(mac, expected, sizeof mac);
    }
}

/* RFC 3610, packet vectors 1 and 2: nonce of 13 bytes, tag of 8. */
static void ccm_of_rfc_3610(void **state)
{
    static const struct {
        const char *nonce, *sealed;
    } rows[] = {
        { "00000003020100A0A1A2A3A4A5",
          "588C979A61C663D2F066D0C2C0F989806D5F6B61DAC38417E8D12CFDF926E0" },
        { "00000004030201A0A1A2A3A4A5",
          "72C91A36E135F8CF291CA894085C87E3CC15C439C9E43A3BA091D56E10400916" },
    };
    uint8_t key[16], nonce[13], aad[8], bytes[32], plain[32];
    bytes_from_hex("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", key, sizeof key);
    bytes_from_hex("0001020304050607", aad, sizeof aad);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t n = bytes_from_hex(rows[r].sealed, bytes, sizeof bytes) - 8;
        bytes_from_hex(rows[r].nonce, nonce, sizeof nonce);
        struct crypto_sealed sealed = { nonce, aad, 8, bytes, n, bytes + n, 8 };
        assert_true(crypto_aes_ccm_open(*state, key, &sealed, plain));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(plain[i], 8 + i);
        for (size_t i = 0; i < n + 8; i++) {
            bytes[i] ^= 1;
            assert_false(crypto_aes_ccm_open(*state, key, &sealed, plain));
            bytes[i] ^= 1;
        }
        aad[3] ^= 1;
        assert_false(crypto_aes_ccm_open(*state, key, &sealed, plain));
        aad[3] ^= 1;
        assert_true(crypto_aes_ccm_open(*state, key, &sealed, plain));
    }
}

/* The GCM specification (McGrew, Viega), test case 4. */
static void gcm_of_its_specification(void **state)
{
    uint8_t key[16], nonce[12], aad[20], in[60], expected[60], tag[16], plain[60];
    bytes_from_hex("FEFFE9928665731C6D6A8F9467308308", key, sizeof key);
    bytes_from_hex("CAFEBABEFACEDBADDECAF888", nonce, sizeof nonce);
    bytes_from_hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2", aad, sizeof aad);
    bytes_from_hex("42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E"
                   "21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC973D58E091",
                   in, sizeof in);
    bytes_from_hex("D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A72"
                   "1C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39",
                   expected, sizeof expected);
    bytes_from_hex("5BC94FBC3221A5DB94FAE95AE7121A47", tag, sizeof tag);
    for (size_t tag_n = 12; tag_n <= 16; tag_n += 4) {
        struct crypto_sealed sealed = { nonce, aad, 20, in, 60, tag, tag_n };
        assert_true(crypto_aes_gcm_open(*state, key, &sealed, plain));
        assert_memory_equal(plain, expected, sizeof plain);
        tag[5] ^= 0x10;
        assert_false(crypto_aes_gcm_open(*state, key, &sealed, plain));
        tag[5] ^= 0x10;
    }
}

/* A published telegram of wmbusmeters (kind actislink), security mode 2. */
static void des_of_a_telegram(void **state)
{
    uint8_t key[8], iv[8] = { 0 }, in[16], expected[16], out[16];
    bytes_from_hex("0102030405060708", key, sizeof key);
    bytes_from_hex("BBD1EAFD0222F871CB70DA16C78AE098", in, sizeof in);
    bytes_from_hex("2F2F0413E80300002F2F2F2F2F2F2F2F", expected, sizeof expected);
    assert_false(crypto_des_cbc_decrypt(*state, key, iv, in, sizeof in, out));
    assert_true(crypto_load_des(*state));
    assert_true(crypto_load_des(*state));
    assert_true(crypto_des_cbc_decrypt(*state, key, iv, in, sizeof in, out));
    assert_memory_equal(out, expected, sizeof out);
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
        uint8_t mac[16], plain[16];
        struct crypto_sealed sealed = { iv, bytes, 20, bytes + 20, 16, bytes + 40, 8 };
        assert_true(crypto_aes_cmac(crypto, key, bytes, 40, mac));
        assert_false(crypto_aes_ccm_open(crypto, key, &sealed, plain));
        assert_false(crypto_aes_gcm_open(crypto, key, &sealed, plain));
        assert_true(crypto_des_cbc_decrypt(crypto, key, iv, bytes, 16, plain));
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
        cmocka_unit_test(cmac_of_rfc_4493),
        cmocka_unit_test(ccm_of_rfc_3610),
        cmocka_unit_test(gcm_of_its_specification),
        cmocka_unit_test(des_of_a_telegram),
        cmocka_unit_test(running_allocates_nothing),
        cmocka_unit_test(wipe),
    };
    if (!CRYPTO_set_mem_functions(counting_malloc, counting_realloc, plain_free))
        return 1; /* too late: OpenSSL had allocated before */
    return cmocka_run_group_tests(tests, open_one, close_one);
}
