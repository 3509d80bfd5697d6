/* SPDX-License-Identifier: MIT */
#include "decode/crypto.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

struct crypto {
    EVP_CIPHER_CTX *cbc, *ctr, *cbc_encrypt, *gcm;
    EVP_CIPHER_CTX *des; /* NULL until crypto_load_des */
    OSSL_LIB_CTX *legacy_library;
    OSSL_PROVIDER *legacy_provider;
};

static EVP_CIPHER_CTX *cipher_open(OSSL_LIB_CTX *library, const char *name, bool encrypts)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(library, name, NULL);
    bool ok = ctx && cipher && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, encrypts, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
    EVP_CIPHER_free(cipher); /* the context holds its own reference */
    if (ok)
        return ctx;
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

struct crypto *crypto_open(void)
{
    struct crypto *crypto = calloc(1, sizeof *crypto);
    if (!crypto)
        return NULL;
    crypto->cbc = cipher_open(NULL, "AES-128-CBC", false);
    crypto->ctr = cipher_open(NULL, "AES-128-CTR", false);
    crypto->cbc_encrypt = cipher_open(NULL, "AES-128-CBC", true);
    crypto->gcm = cipher_open(NULL, "AES-128-GCM", false);
    if (crypto->cbc && crypto->ctr && crypto->cbc_encrypt && crypto->gcm)
        return crypto;
    crypto_close(crypto);
    return NULL;
}

bool crypto_load_des(struct crypto *crypto)
{
    if (crypto->des)
        return true;
    if (!crypto->legacy_library)
        crypto->legacy_library = OSSL_LIB_CTX_new();
    if (crypto->legacy_library && !crypto->legacy_provider)
        crypto->legacy_provider = OSSL_PROVIDER_load(crypto->legacy_library, "legacy");
    if (crypto->legacy_provider)
        crypto->des = cipher_open(crypto->legacy_library, "DES-CBC", false);
    return crypto->des != NULL;
}

void crypto_close(struct crypto *crypto)
{
    if (!crypto)
        return;
    EVP_CIPHER_CTX_free(crypto->cbc);
    EVP_CIPHER_CTX_free(crypto->ctr);
    EVP_CIPHER_CTX_free(crypto->cbc_encrypt);
    EVP_CIPHER_CTX_free(crypto->gcm);
    EVP_CIPHER_CTX_free(crypto->des);
    if (crypto->legacy_provider)
        OSSL_PROVIDER_unload(crypto->legacy_provider);
    OSSL_LIB_CTX_free(crypto->legacy_library);
    free(crypto);
}

/* With a cipher named, OpenSSL would build the context anew, and allocate; without, it only takes
 * the key and the initial vector. */
static bool run(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *iv, const uint8_t *in,
                size_t n, uint8_t *out)
{
    int done = 0;
    assert(n <= 1 << 16);
    return EVP_CipherInit_ex2(ctx, NULL, key, iv, -1, NULL) == 1 &&
           EVP_CipherUpdate(ctx, out, &done, in, (int)n) == 1 && done == (int)n;
}

bool crypto_aes_cbc_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                            const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out)
{
    assert(n % AES_BLOCK == 0);
    return run(crypto->cbc, key, iv, in, n, out);
}

bool crypto_aes_cbc_decrypt_on(struct crypto *crypto, const uint8_t *in, size_t n, uint8_t *out)
{
    int done = 0;
    assert(n % AES_BLOCK == 0 && n <= 1 << 16);
    return EVP_CipherUpdate(crypto->cbc, out, &done, in, (int)n) == 1 && done == (int)n;
}

bool crypto_aes_ctr(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                    const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out)
{
    return run(crypto->ctr, key, iv, in, n, out);
}

bool crypto_des_cbc_decrypt(struct crypto *crypto, const uint8_t key[DES_KEY],
                            const uint8_t iv[DES_BLOCK], const uint8_t *in, size_t n, uint8_t *out)
{
    assert(n % DES_BLOCK == 0);
    return crypto->des && run(crypto->des, key, iv, in, n, out);
}

/* RFC 4493, section 2.3: multiplies by x in GF(2^128). */
static void shift_subkey(uint8_t key[AES_BLOCK])
{
    enum { POLYNOMIAL = 0x87 };
    uint8_t carry = key[0] >> 7;
    for (size_t i = 0; i + 1 < AES_BLOCK; i++)
        key[i] = (uint8_t)(key[i] << 1 | key[i + 1] >> 7);
    key[AES_BLOCK - 1] = (uint8_t)(key[AES_BLOCK - 1] << 1 ^ (carry ? POLYNOMIAL : 0));
}

/* Encrypts one block with what is in the chain. */
static bool chain(EVP_CIPHER_CTX *ctx, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
    int done = 0;
    return EVP_CipherUpdate(ctx, out, &done, in, AES_BLOCK) == 1 && done == AES_BLOCK;
}

/* With OpenSSL's own CMAC, a new key allocates. */
bool crypto_aes_cmac(struct crypto *crypto, const uint8_t key[AES_128_KEY], const uint8_t *in,
                     size_t n, uint8_t mac[AES_BLOCK])
{
    static const uint8_t zero[AES_BLOCK] = { 0 };
    uint8_t last[AES_BLOCK];
    if (!run(crypto->cbc_encrypt, key, zero, zero, AES_BLOCK, last) ||
        EVP_CipherInit_ex2(crypto->cbc_encrypt, NULL, NULL, zero, -1, NULL) != 1)
        return false;
    shift_subkey(last);
    for (; n > AES_BLOCK; n -= AES_BLOCK, in += AES_BLOCK)
        if (!chain(crypto->cbc_encrypt, in, mac))
            return false;
    if (n < AES_BLOCK) {
        shift_subkey(last);
        last[n] ^= 0x80;
    }
    for (size_t i = 0; i < n; i++)
        last[i] ^= in[i];
    return chain(crypto->cbc_encrypt, last, mac);
}

/* n bytes, filled up with zeros to whole blocks, into the chain. */
static bool chain_padded(EVP_CIPHER_CTX *ctx, const uint8_t *in, size_t n, uint8_t out[AES_BLOCK])
{
    uint8_t last[AES_BLOCK] = { 0 };
    for (; n >= AES_BLOCK; n -= AES_BLOCK, in += AES_BLOCK)
        if (!chain(ctx, in, out))
            return false;
    if (n == 0)
        return true;
    memcpy(last, in, n);
    return chain(ctx, last, out);
}

enum { CCM_LENGTH = 15 - CCM_NONCE, CCM_MAX_AAD = 64 };

/* RFC 3610, section 2.2: the CBC-MAC over first block, additional data and plain text. */
static bool ccm_mac(struct crypto *crypto, const uint8_t *key, const struct crypto_sealed *sealed,
                    const uint8_t *plain, uint8_t mac[AES_BLOCK])
{
    static const uint8_t zero[AES_BLOCK] = { 0 };
    uint8_t first[AES_BLOCK], aad[2 + CCM_MAX_AAD];
    first[0] =
        (uint8_t)((sealed->aad_n ? 0x40 : 0) | (sealed->tag_n - 2) / 2 << 3 | (CCM_LENGTH - 1));
    memcpy(first + 1, sealed->nonce, CCM_NONCE);
    first[AES_BLOCK - 2] = (uint8_t)(sealed->n >> 8);
    first[AES_BLOCK - 1] = (uint8_t)sealed->n;
    aad[0] = 0;
    aad[1] = (uint8_t)sealed->aad_n;
    memcpy(aad + 2, sealed->aad, sealed->aad_n);
    return run(crypto->cbc_encrypt, key, zero, first, AES_BLOCK, mac) &&
           (!sealed->aad_n || chain_padded(crypto->cbc_encrypt, aad, 2 + sealed->aad_n, mac)) &&
           chain_padded(crypto->cbc_encrypt, plain, sealed->n, mac);
}

/* With OpenSSL's own CCM, a wrong tag allocates. */
bool crypto_aes_ccm_open(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                         const struct crypto_sealed *sealed, uint8_t *out)
{
    uint8_t counter[AES_BLOCK] = { CCM_LENGTH - 1 }, mask[AES_BLOCK] = { 0 }, mac[AES_BLOCK];
    assert(sealed->aad_n <= CCM_MAX_AAD && sealed->n <= UINT16_MAX);
    memcpy(counter + 1, sealed->nonce, CCM_NONCE);
    if (!run(crypto->ctr, key, counter, mask, AES_BLOCK, mask))
        return false;
    counter[AES_BLOCK - 1] = 1;
    if (!run(crypto->ctr, key, counter, sealed->in, sealed->n, out) ||
        !ccm_mac(crypto, key, sealed, out, mac))
        return false;
    for (size_t i = 0; i < sealed->tag_n; i++)
        mac[i] ^= mask[i];
    return CRYPTO_memcmp(mac, sealed->tag, sealed->tag_n) == 0;
}

static bool set_tag(EVP_CIPHER_CTX *ctx, const struct crypto_sealed *sealed)
{
    uint8_t tag[AES_BLOCK]; /* the library's interface is not const */
    assert(sealed->tag_n <= sizeof tag);
    memcpy(tag, sealed->tag, sealed->tag_n);
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)sealed->tag_n, tag) == 1;
}

bool crypto_aes_gcm_open(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                         const struct crypto_sealed *sealed, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = crypto->gcm;
    uint8_t none[AES_BLOCK];
    int done = 0;
    return EVP_CipherInit_ex2(ctx, NULL, key, sealed->nonce, -1, NULL) == 1 &&
           set_tag(ctx, sealed) &&
           EVP_CipherUpdate(ctx, NULL, &done, sealed->aad, (int)sealed->aad_n) == 1 &&
           EVP_CipherUpdate(ctx, out, &done, sealed->in, (int)sealed->n) == 1 &&
           EVP_CipherFinal_ex(ctx, none, &done) == 1;
}

void crypto_wipe(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}
