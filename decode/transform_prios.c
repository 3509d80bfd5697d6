/* SPDX-License-Identifier: MIT
 * Diehl PRIOS (IZAR radio modules; manufacturer-formats note, section 1): scrambled as in diehl.h,
 * by a key of the meter or one that everybody knows. */
#include <string.h>

#include "decode/default_key.h"
#include "decode/diehl.h"
#include "decode/transform.h"

enum {
    PRINTED = 15, /* what is printed on the meter */
    CLEAR = DIEHL_HEAD + PRINTED,
    MAGIC = 0x4B,
    SAPPEL = 0x4C30,
};

static bool try_key(const struct transform_input *input, const struct meter_key *key, uint8_t *out)
{
    if (key->n != DIEHL_KEY)
        return false;
    diehl_unscramble(key->bytes, input->bytes, input->n, out);
    return out[0] == MAGIC;
}

/* Sappel sends what is printed on the meter in place of the address: maker, two digits of the year,
 * type, diameter and serial number (note, 1.4). text[PRINTED]: "H19CA", "159196", "2019". */
static void write_printed(const uint8_t *f, uint8_t *text)
{
    uint32_t number =
        (uint32_t)(f[7] & 3) << 24 | (uint32_t)f[6] << 16 | (uint32_t)f[5] << 8 | f[4];
    uint8_t digits[8];
    for (size_t i = sizeof digits; i-- > 0; number /= 10)
        digits[i] = (uint8_t)('0' + number % 10);
    text[0] = (uint8_t)('@' + ((f[9] & 0x0F) << 1 | f[8] >> 7));
    memcpy(text + 1, digits, 2);
    text[3] = (uint8_t)('@' + ((f[8] & 0x7C) >> 2));
    text[4] = (uint8_t)('@' + ((f[8] & 0x03) << 3 | f[7] >> 5));
    memcpy(text + 5, digits + 2, 6);
    text[11] = '2';
    text[12] = '0';
    memcpy(text + 13, digits, 2);
}

static bool open_payload(const struct transform_input *input, uint8_t *out)
{
    const struct meter_key *key;
    for (size_t k = 0; k < input->n_keys; k++)
        if (try_key(input, input->keys[k], out))
            return true;
    for (size_t k = 0; (key = default_key(SAPPEL, DIEHL_KEY, k)); k++)
        if (try_key(input, key, out))
            return true;
    return false;
}

/* Bytes 0 to 14 of the frame as they are; 15 that are printed on the meter, zero if not sent; then
 * the rest in clear. */
size_t transform_prios(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *f = input->bytes;
    size_t n = input->n;
    if (n <= DIEHL_HEAD || n + PRINTED > TRANSFORM_MAX_BYTES || f[10] < 0xA0 || f[10] > 0xA7 ||
        !open_payload(input, out + CLEAR))
        return 0;
    memcpy(out, f, DIEHL_HEAD);
    memset(out + DIEHL_HEAD, 0, PRINTED);
    if ((f[2] | f[3] << 8) == SAPPEL)
        write_printed(f, out + DIEHL_HEAD);
    return n + PRINTED;
}
