/* SPDX-License-Identifier: MIT */
#include "decode/tpl.h"

#include <string.h>

#include "decode/address.h"
#include "decode/reader.h"

/* clang-format off */
static const struct ci_info ci_table[] = {
    { 0x00, 0x1F, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* DLMS                              */
    { 0x50, 0x52, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* reset, command, selection         */
    { 0x53, 0x53, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* application reset                 */
    { 0x54, 0x54, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* request of selected application   */
    { 0x55, 0x55, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x5A, 0x5A, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },   /* command                           */
    { 0x5B, 0x5B, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x5C, 0x5C, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* synchronise                       */
    { 0x5F, 0x5F, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x60, 0x60, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* DLMS command                      */
    { 0x61, 0x61, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x64, 0x64, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* OBIS types, reserved              */
    { 0x65, 0x65, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x66, 0x66, CI_TPL,   TPL_NONE,  APPLICATION_RECORDS }, /* response of selected application  */
    { 0x67, 0x67, CI_TPL,   TPL_SHORT, APPLICATION_RECORDS },
    { 0x68, 0x68, CI_TPL,   TPL_LONG,  APPLICATION_RECORDS },
    { 0x69, 0x69, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* format frame                      */
    { 0x6A, 0x6A, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x6B, 0x6B, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x6C, 0x6D, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* clock                             */
    { 0x6E, 0x6E, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },   /* application error                 */
    { 0x6F, 0x6F, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x70, 0x71, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* application error, alarm          */
    { 0x72, 0x72, CI_TPL,   TPL_LONG,  APPLICATION_RECORDS }, /* full frame                        */
    { 0x73, 0x73, CI_TPL,   TPL_LONG,  APPLICATION_COMPACT },
    { 0x74, 0x74, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },   /* alarm                             */
    { 0x75, 0x75, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x78, 0x78, CI_TPL,   TPL_NONE,  APPLICATION_RECORDS },
    { 0x79, 0x79, CI_TPL,   TPL_NONE,  APPLICATION_COMPACT },
    { 0x7A, 0x7A, CI_TPL,   TPL_SHORT, APPLICATION_RECORDS },
    { 0x7B, 0x7B, CI_TPL,   TPL_SHORT, APPLICATION_COMPACT },
    { 0x7C, 0x7C, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* DLMS                              */
    { 0x7D, 0x7D, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x7E, 0x7E, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* OBIS types, SML                   */
    { 0x7F, 0x7F, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x80, 0x80, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* transport layer only              */
    { 0x81, 0x81, CI_NWL,   TPL_NONE,  APPLICATION_OTHER },
    { 0x82, 0x82, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* network management                */
    { 0x83, 0x83, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },
    { 0x84, 0x85, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* compact, format frame expected    */
    { 0x86, 0x86, CI_ELL_V, TPL_NONE,  APPLICATION_OTHER },
    { 0x87, 0x87, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* network management                */
    { 0x88, 0x88, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x89, 0x89, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },
    { 0x8A, 0x8A, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },   /* transport layer only              */
    { 0x8B, 0x8B, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x8C, 0x8F, CI_ELL,   TPL_NONE,  APPLICATION_OTHER },
    { 0x90, 0x90, CI_AFL,   TPL_NONE,  APPLICATION_OTHER },
    { 0x9E, 0x9E, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x9F, 0x9F, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0xA0, 0xB7, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* the manufacturer's                */
    { 0xB8, 0xBF, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* baud rate                         */
    { 0xC0, 0xC0, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* image transfer                    */
    { 0xC1, 0xC1, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0xC2, 0xC3, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* security information transfer     */
    { 0xC4, 0xC4, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0xC5, 0xC5, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
};
/* clang-format on */

const struct ci_info *tpl_ci_info(uint8_t ci)
{
    static const struct ci_info reserved = { .layer = CI_RESERVED };
    for (size_t i = 0; i < sizeof ci_table / sizeof ci_table[0]; i++)
        if (ci >= ci_table[i].first && ci <= ci_table[i].last)
            return &ci_table[i];
    return &reserved;
}

enum decode_status tpl_parse(const uint8_t *bytes, size_t n, struct tpl *tpl)
{
    struct reader r = reader_init(bytes, n);
    *tpl = (struct tpl){ 0 };
    tpl->ci = reader_u8(&r);
    tpl->info = tpl_ci_info(tpl->ci);
    tpl->has_header = tpl->info->header != TPL_NONE;
    tpl->has_address = tpl->info->header == TPL_LONG;
    if (tpl->has_address) {
        const uint8_t *address = reader_bytes(&r, ADDRESS_BYTES);
        if (address)
            tpl->address = address_from_transport(address);
    }
    if (tpl->has_header) {
        tpl->acc = reader_u8(&r);
        tpl->sts = reader_u8(&r);
        tpl->cf = reader_u16le(&r);
    }
    tpl->header_n = r.at;
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

int tpl_security_mode(const struct tpl *tpl)
{
    return tpl->cf >> 8 & 0x1F;
}

size_t tpl_mode5_encrypted_bytes(const struct tpl *tpl, size_t n)
{
    size_t blocks = tpl->cf >> 4 & 0x0F;
    if (blocks == 0)
        return n % AES_BLOCK == 0 ? n : 0;
    return blocks * AES_BLOCK;
}

bool tpl_starts_2f2f(const uint8_t *data, size_t n)
{
    return n >= 2 && data[0] == 0x2F && data[1] == 0x2F;
}

bool tpl_mode5_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                       const struct address *meter, uint8_t acc, const uint8_t *data, size_t n,
                       uint8_t *plain)
{
    uint8_t iv[AES_BLOCK];
    address_to_link(meter, iv);
    memset(iv + ADDRESS_BYTES, acc, sizeof iv - ADDRESS_BYTES);
    return crypto_aes_cbc_decrypt(crypto, key, iv, data, n, plain) && tpl_starts_2f2f(plain, n);
}
