/* SPDX-License-Identifier: MIT */
#include "decode/crypto.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

struct crypto {
    EVP_CIPHER_CTX *cbc, *ctr;
};

static EVP_CIPHER_CTX *cipher_open(const char *name)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    bool ok = ctx && cipher && EVP_DecryptInit_ex2(ctx, cipher, NULL, NULL, NULL) == 1 &&
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
    crypto->cbc = cipher_open("AES-128-CBC");
    crypto->ctr = cipher_open("AES-128-CTR");
    if (crypto->cbc && crypto->ctr)
        return crypto;
    crypto_close(crypto);
    return NULL;
}

void crypto_close(struct crypto *crypto)
{
    if (!crypto)
        return;
    EVP_CIPHER_CTX_free(crypto->cbc);
    EVP_CIPHER_CTX_free(crypto->ctr);
    free(crypto);
}

/* With a cipher named, OpenSSL would build the context anew, and allocate; without, it only takes
 * the key and the initial vector. */
static bool run(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *iv, const uint8_t *in,
                size_t n, uint8_t *out)
{
    int done = 0;
    assert(n <= 1 << 16);
    return EVP_DecryptInit_ex2(ctx, NULL, key, iv, NULL) == 1 &&
           EVP_DecryptUpdate(ctx, out, &done, in, (int)n) == 1 && done == (int)n;
}

bool crypto_aes_cbc_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                            const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out)
{
    assert(n % AES_BLOCK == 0);
    return run(crypto->cbc, key, iv, in, n, out);
}

bool crypto_aes_ctr(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                    const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out)
{
    return run(crypto->ctr, key, iv, in, n, out);
}

void crypto_wipe(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}
