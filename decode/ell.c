/* SPDX-License-Identifier: MIT */
#include "decode/ell.h"

#include "decode/address.h"
#include "decode/crc16.h"
#include "decode/reader.h"

enum decode_status ell_parse(const uint8_t *bytes, size_t n, struct ell *ell)
{
    struct reader r = reader_init(bytes, n);
    *ell = (struct ell){ 0 };
    ell->ci = reader_u8(&r);
    ell->cc = reader_u8(&r);
    ell->acc = reader_u8(&r);
    ell->has_address = ell->ci == 0x8E || ell->ci == 0x8F;
    ell->has_session = ell->ci == 0x8D || ell->ci == 0x8F;
    if (ell->has_address) {
        const uint8_t *address = reader_bytes(&r, ADDRESS_BYTES);
        if (address)
            ell->address = address_from_link(address);
    }
    if (ell->has_session)
        ell->sn = reader_u32le(&r);
    ell->header_n = r.at;
    if (ell->has_session)
        reader_bytes(&r, ELL_PLCRC_BYTES);
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

enum decode_status ell_parse_v(const uint8_t *bytes, size_t n, size_t header_n, struct ell *ell)
{
    enum { SN_BYTES = 4 };
    struct reader r = reader_init(bytes, n);
    *ell = (struct ell){ .has_session = true };
    ell->ci = reader_u8(&r);
    ell->cc = reader_u8(&r);
    ell->acc = reader_u8(&r);
    reader_bytes(&r, header_n - SN_BYTES - r.at);
    ell->sn = reader_u32le(&r);
    ell->header_n = r.at;
    reader_bytes(&r, ELL_PLCRC_BYTES);
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

int ell_encryption(const struct ell *ell)
{
    return (int)(ell->sn >> 29);
}

bool ell_crc_holds(const uint8_t *region, size_t n)
{
    struct reader r = reader_init(region, n);
    uint16_t sent = reader_u16le(&r);
    return !r.bad && sent == crc16_en13757(region + r.at, reader_left(&r));
}

/* EN 13757-4:2019: M, A, CC, SN, frame number 0, block counter 0. Repeaters change bits H and R of
 * CC, so they are taken as 0. */
static void initial_counter(const struct address *dll, const struct ell *ell, uint8_t iv[AES_BLOCK])
{
    enum { CC_HOP_AND_REPEATED = 0x12 };
    address_to_link(dll, iv);
    iv[8] = ell->cc & (uint8_t)~CC_HOP_AND_REPEATED;
    for (int i = 0; i < 4; i++)
        iv[9 + i] = (uint8_t)(ell->sn >> (8 * i));
    iv[13] = iv[14] = iv[15] = 0;
}

bool ell_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY], const struct address *dll,
                 const struct ell *ell, const uint8_t *region, size_t n, uint8_t *plain)
{
    uint8_t iv[AES_BLOCK];
    initial_counter(dll, ell, iv);
    return crypto_aes_ctr(crypto, key, iv, region, n, plain) && ell_crc_holds(plain, n);
}
