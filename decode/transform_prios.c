/* SPDX-License-Identifier: MIT
 * Diehl PRIOS (IZAR radio modules; manufacturer-formats note, section 1): a shift register's bits
 * over the payload, seeded with the key and the header as received. Two keys are public. */
#include <string.h>

#include "decode/decoder.h"
#include "decode/transform.h"

enum {
    KEY_BYTES = 8,
    HEADER = 15,
    PRINTED = 15, /* what is printed on the meter */
    CLEAR = HEADER + PRINTED,
    MAGIC = 0x4B,
    SAPPEL = 0x4C30,
};

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Eight steps: one byte of key stream. */
static uint8_t next_byte(uint32_t *state)
{
    for (int i = 0; i < 8; i++) {
        uint32_t s = *state;
        *state = s << 1 | ((s >> 1 ^ s >> 2 ^ s >> 11 ^ s >> 31) & 1);
    }
    return (uint8_t)*state;
}

static bool unscramble(const uint8_t *frame, size_t n, const uint8_t *key, uint8_t *out)
{
    uint32_t state = big_endian(key) ^ big_endian(key + 4) ^ big_endian(frame + 2) ^
                     big_endian(frame + 6) ^ big_endian(frame + 10);
    for (size_t i = HEADER; i < n; i++)
        *out++ = frame[i] ^ next_byte(&state);
    return out[-(long)(n - HEADER)] == MAGIC;
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
    static const uint8_t known[][KEY_BYTES] = {
        { 0x39, 0xBC, 0x8A, 0x10, 0xE6, 0x6D, 0x83, 0xF8 },
        { 0x51, 0x72, 0x89, 0x10, 0xE6, 0x6D, 0x83, 0xF8 },
    };
    for (size_t k = 0; k < input->n_keys; k++)
        if (input->keys[k]->n == KEY_BYTES &&
            unscramble(input->bytes, input->n, input->keys[k]->bytes, out))
            return true;
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (unscramble(input->bytes, input->n, known[k], out))
            return true;
    return false;
}

/* Bytes 0 to 14 of the frame as they are; 15 that are printed on the meter, zero if not sent; then
 * the rest in clear. */
size_t transform_prios(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *f = input->bytes;
    size_t n = input->n;
    if (n <= HEADER || n + PRINTED > TRANSFORM_MAX_BYTES || f[10] < 0xA0 || f[10] > 0xA7 ||
        !open_payload(input, out + CLEAR))
        return 0;
    memcpy(out, f, HEADER);
    memset(out + HEADER, 0, PRINTED);
    if ((f[2] | f[3] << 8) == SAPPEL)
        write_printed(f, out + HEADER);
    return n + PRINTED;
}
