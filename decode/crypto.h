/* SPDX-License-Identifier: MIT
 * The ciphers of wireless M-Bus. Everything is fetched and created once, in crypto_open; running
 * allocates nothing. */
#ifndef DECODE_CRYPTO_H
#define DECODE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AES_BLOCK = 16, AES_128_KEY = 16 };

struct crypto;

/* NULL without memory, or if the library offers no AES. The caller closes. */
struct crypto *crypto_open(void);
/* Wipes the key schedules. NULL is allowed. */
void crypto_close(struct crypto *crypto);

/* n bytes, a multiple of AES_BLOCK, no padding; in and out are the same or do not overlap. Returns
 * false if the library refuses; out is then worthless. */
bool crypto_aes_cbc_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                            const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out);
/* Any n; the whole block counts up, big-endian. Encrypts and decrypts. */
bool crypto_aes_ctr(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                    const uint8_t iv[AES_BLOCK], const uint8_t *in, size_t n, uint8_t *out);

/* Overwrites n secret bytes in a way that the compiler does not leave out. */
void crypto_wipe(void *secret, size_t n);

#endif
