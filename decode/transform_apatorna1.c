/* SPDX-License-Identifier: MIT
 * Apator NA-1 (manufacturer-formats note, section 3.2): one block of AES-128-CBC; the key that the
 * meters leave the factory with is 16 zeros. */
#include <string.h>

#include "decode/address.h"
#include "decode/crypto.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"
#include "decode/transform.h"

enum { CHECK = 0x2F /* the first byte in clear */ };
enum { ACCESS = 0, FRAME_STATUS = 1, ENCRYPTED = 2, INPUT = ENCRYPTED + AES_BLOCK, OUTPUT = 19 };

static uint32_t little_endian(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put(uint8_t *out, uint64_t value, size_t n)
{
    for (; n > 0; n--, value >>= 8)
        *out++ = (uint8_t)value;
}

/* The check byte is all there is, and seconds since 2000 beyond 2050 and volumes beyond 10^9 litres
 * are no readings: it is how a wrong key shows. */
static bool lay_out(const uint8_t *d, uint8_t frame_status, uint8_t *out)
{
    static const uint16_t powers[] = { 1, 10, 100, 1000 };
    uint32_t r = little_endian(d + 1), seconds = little_endian(d + 5);
    uint64_t unit = powers[r >> 4 & 3];
    uint64_t total = ((uint64_t)(r >> 8) * 16 + (r & 0x0F)) * unit;
    uint64_t delta =
        (uint64_t)d[13] << 18 | (uint64_t)d[12] << 10 | (uint64_t)d[11] << 2 | (d[10] & 3);
    delta *= unit;
    if (d[0] != CHECK || seconds > 50u * 366 * 86400 || total > 1000000000 || delta > total)
        return false;
    out[0] = frame_status;
    out[1] = d[14];
    out[2] = d[15];
    put(out + 3, total, 5);
    put(out + 8, total - delta, 5);
    put(out + 13, seconds, 4);
    put(out + 17, (uint64_t)(d[10] >> 2) << 8 | d[9], 2);
    return true;
}

static bool try_key(const struct transform_input *input, const uint8_t *key, uint8_t *out)
{
    uint8_t iv[AES_BLOCK], plain[AES_BLOCK];
    address_to_link(&input->telegram->dll, iv);
    memset(iv + ADDRESS_BYTES, input->bytes[ACCESS], AES_BLOCK - ADDRESS_BYTES);
    return crypto_aes_cbc_decrypt(input->crypto, key, iv, input->bytes + ENCRYPTED, AES_BLOCK,
                                  plain) &&
           lay_out(plain, input->bytes[FRAME_STATUS], out);
}

/* Frame status, status now and of the history; litres now and then (5 bytes each), seconds since
 * 2000, age of the history in hours. */
size_t transform_apatorna1(const struct transform_input *input, uint8_t *out)
{
    static const uint8_t factory[AES_128_KEY] = { 0 };
    if (input->n < INPUT)
        return 0;
    for (size_t k = 0; k < input->n_keys; k++)
        if (input->keys[k]->n == AES_128_KEY && try_key(input, input->keys[k]->bytes, out))
            return OUTPUT;
    return try_key(input, factory, out) ? OUTPUT : 0;
}
