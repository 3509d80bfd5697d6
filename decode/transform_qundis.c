/* SPDX-License-Identifier: MIT
 * Qundis' walk-by block (manufacturer-formats note, section 4): 53 bytes in clear, or from the
 * Q 5.5 series on with 48 of them encrypted by AES-128-CBC with the key of the meter. */
#include <string.h>

#include "decode/address.h"
#include "decode/crypto.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"
#include "decode/transform.h"

enum {
    BLOCK_BYTES = 53,
    ACCESS = 2,
    CIPHER = 4, /* 0: in clear, 0x35: encrypted */
    ENCRYPTED = 5,
    VIF = 9,
    LAST = 52,
};

static bool is_vif(uint8_t vif)
{
    static const uint8_t known[] = { 0x13, 0x05, 0x06, 0x0D, 0x0E, 0x6E };
    return memchr(known, vif, sizeof known);
}

static bool decrypt(const struct transform_input *input, const struct meter_key *key, uint8_t *out)
{
    uint8_t iv[AES_BLOCK];
    address_to_link(&input->telegram->dll, iv);
    memset(iv + ADDRESS_BYTES, input->bytes[ACCESS], AES_BLOCK - ADDRESS_BYTES);
    return key->n == AES_128_KEY &&
           crypto_aes_cbc_decrypt(input->crypto, key->bytes, iv, input->bytes + ENCRYPTED,
                                  BLOCK_BYTES - ENCRYPTED, out + ENCRYPTED) &&
           is_vif(out[VIF]) && out[LAST] == 0x2F;
}

/* The block in clear. */
size_t transform_qundis(const struct transform_input *input, uint8_t *out)
{
    if (input->n != BLOCK_BYTES)
        return 0;
    memcpy(out, input->bytes, BLOCK_BYTES);
    if (out[CIPHER] == 0)
        return is_vif(out[VIF]) ? BLOCK_BYTES : 0;
    for (size_t k = 0; out[CIPHER] == 0x35 && k < input->n_keys; k++)
        if (decrypt(input, input->keys[k], out))
            return BLOCK_BYTES;
    return 0;
}
