/* SPDX-License-Identifier: MIT
 * The ciphers of wireless M-Bus. Everything is fetched and created once, in crypto_open; running
 * allocates nothing. */
#ifndef DECODE_CRYPTO_H
#define DECODE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AES_BLOCK = 16, AES_128_KEY = 16, DES_BLOCK = 8, DES_KEY = 8 };

struct crypto;

/* NULL without memory, or if the library offers no AES. The caller closes. */
struct crypto *crypto_open(void);
/* Wipes the key schedules. NULL is allowed. */
void crypto_close(struct crypto *crypto);

/* n bytes, a multiple of AES_BLOCK, no padding; in and out are the same or do not overlap. Returns
 * false if the library refuses; out is then worthless. */
bool crypto_aes_cbc_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                            const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out);
/* Goes on behind the last call of crypto_aes_cbc_decrypt, which knew the key. */
bool crypto_aes_cbc_decrypt_on(struct crypto *crypto, const uint8_t *in, size_t n, uint8_t *out);
/* Any n; the whole block counts up, big-endian. Encrypts and decrypts. */
bool crypto_aes_ctr(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                    const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out);

/* AES-CMAC (RFC 4493) of n bytes. */
bool crypto_aes_cmac(struct crypto *crypto, const uint8_t key[AES_128_KEY], const uint8_t *in,
                     size_t n, uint8_t mac[AES_BLOCK]);

/* Authenticated ciphers: what is encrypted (at most 65535 bytes), what is only authenticated (at
 * most 64), and the tag, of 4 to 16 bytes. Return false, out then worthless, if the tag is wrong.
 * out does not overlap in. */
struct crypto_sealed {
    const uint8_t *nonce;
    const uint8_t *aad;
    size_t aad_n;
    const uint8_t *in;
    size_t n;
    const uint8_t *tag;
    size_t tag_n;
};
enum { CCM_NONCE = 13, GCM_NONCE = 12 };
bool crypto_aes_ccm_open(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                         const struct crypto_sealed *sealed, uint8_t *out);
bool crypto_aes_gcm_open(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                         const struct crypto_sealed *sealed, uint8_t *out);

/* DES is in OpenSSL's legacy provider, which this loads, for this object alone. Returns false if
 * there is none: crypto_des_cbc_decrypt will then refuse. */
bool crypto_load_des(struct crypto *crypto);
/* n bytes, a multiple of DES_BLOCK, no padding. */
bool crypto_des_cbc_decrypt(struct crypto *crypto, const uint8_t key[DES_KEY],
                            const uint8_t iv[DES_BLOCK], const uint8_t *in, size_t n, uint8_t *out);

/* Overwrites n secret bytes in a way that the compiler does not leave out. */
void crypto_wipe(void *secret, size_t n);

#endif
