/* SPDX-License-Identifier: MIT */
#include "decode/tpl.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/reader.h"

/* clang-format off */
static const struct ci_info ci_table[] = { /* ascending */
    { 0x00, 0x1F, CI_TPL,   TPL_NONE,  APPLICATION_DLMS },   /* DLMS                              */
    { 0x50, 0x52, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* reset, command, selection         */
    { 0x53, 0x53, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* application reset                 */
    { 0x54, 0x54, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* request of selected application   */
    { 0x55, 0x55, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x5A, 0x5A, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },   /* command                           */
    { 0x5B, 0x5B, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x5C, 0x5C, CI_TPL,   TPL_NONE,  APPLICATION_OTHER },   /* synchronise                       */
    { 0x5F, 0x5F, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },
    { 0x60, 0x60, CI_TPL,   TPL_LONG,  APPLICATION_DLMS },   /* DLMS command                      */
    { 0x61, 0x61, CI_TPL,   TPL_SHORT, APPLICATION_DLMS },
    { 0x64, 0x64, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* OBIS types, reserved              */
    { 0x65, 0x65, CI_TPL,   TPL_SHORT, APPLICATION_OTHER },
    { 0x66, 0x66, CI_TPL,   TPL_NONE,  APPLICATION_RECORDS }, /* response of selected application  */
    { 0x67, 0x67, CI_TPL,   TPL_SHORT, APPLICATION_RECORDS },
    { 0x68, 0x68, CI_TPL,   TPL_LONG,  APPLICATION_RECORDS },
    { 0x69, 0x69, CI_TPL,   TPL_NONE,  APPLICATION_FORMAT },   /* format frame                      */
    { 0x6A, 0x6A, CI_TPL,   TPL_SHORT, APPLICATION_FORMAT },
    { 0x6B, 0x6B, CI_TPL,   TPL_LONG,  APPLICATION_FORMAT },
    { 0x6C, 0x6D, CI_TPL,   TPL_LONG,  APPLICATION_OTHER },   /* clock                             */
    { 0x6E, 0x6E, CI_TPL,   TPL_SHORT, APPLICATION_ERROR },   /* application error                 */
    { 0x6F, 0x6F, CI_TPL,   TPL_LONG,  APPLICATION_ERROR },
    { 0x70, 0x70, CI_TPL,   TPL_NONE,  APPLICATION_ERROR },
    { 0x71, 0x71, CI_TPL,   TPL_NONE,  APPLICATION_ALARM },   /* alarm                             */
    { 0x72, 0x72, CI_TPL,   TPL_LONG,  APPLICATION_RECORDS }, /* full frame                        */
    { 0x73, 0x73, CI_TPL,   TPL_LONG,  APPLICATION_COMPACT },
    { 0x74, 0x74, CI_TPL,   TPL_SHORT, APPLICATION_ALARM },   /* alarm                             */
    { 0x75, 0x75, CI_TPL,   TPL_LONG,  APPLICATION_ALARM },
    { 0x78, 0x78, CI_TPL,   TPL_NONE,  APPLICATION_RECORDS },
    { 0x79, 0x79, CI_TPL,   TPL_NONE,  APPLICATION_COMPACT },
    { 0x7A, 0x7A, CI_TPL,   TPL_SHORT, APPLICATION_RECORDS },
    { 0x7B, 0x7B, CI_TPL,   TPL_SHORT, APPLICATION_COMPACT },
    { 0x7C, 0x7C, CI_TPL,   TPL_LONG,  APPLICATION_DLMS },   /* DLMS                              */
    { 0x7D, 0x7D, CI_TPL,   TPL_SHORT, APPLICATION_DLMS },
    { 0x7E, 0x7E, CI_TPL,   TPL_LONG,  APPLICATION_SML },   /* OBIS types, SML                   */
    { 0x7F, 0x7F, CI_TPL,   TPL_SHORT, APPLICATION_SML },
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
    size_t low = 0, high = ARRAY_LEN(ci_table);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ci > ci_table[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ARRAY_LEN(ci_table) && ci >= ci_table[low].first ? &ci_table[low] : &reserved;
}

/* What is behind the configuration field (protocol note: transport, sections 2.2 to 2.5). */
static void read_extension(struct reader *r, struct tpl *tpl)
{
    enum { CF_COUNTER = 0x2000, CFE_KEY_VERSION = 0x40 };
    switch (tpl->mode) {
    case 7:
    case 13:
        tpl->cfe = reader_u8(r);
        break;
    case 9:
    case 10:
        tpl->cfe = reader_u16le(r);
        break;
    default:
        break;
    }
    if (tpl->mode == 10 && (tpl->cfe & CFE_KEY_VERSION))
        reader_u8(r);
    tpl->counter_at = r->at;
    tpl->has_counter =
        tpl->mode == 10 || ((tpl->mode == 7 || tpl->mode == 9) && (tpl->cf & CF_COUNTER));
    if (tpl->has_counter)
        tpl->counter = reader_u32le(r);
    if (tpl->mode == 7 && (tpl->cfe & CFE_KEY_VERSION))
        reader_u8(r);
}

enum decode_status tpl_parse(const uint8_t *bytes, size_t n, struct tpl *tpl)
{
    struct reader r = reader_init(bytes, n);
    *tpl = (struct tpl){ .mode = -1 };
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
        tpl->mode = tpl->cf >> 8 & 0x1F;
        read_extension(&r, tpl);
    }
    tpl->header_n = r.at;
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

int tpl_kdf(const struct tpl *tpl)
{
    return tpl->cfe >> 4 & 3;
}

size_t tpl_tag_bytes(const struct tpl *tpl)
{
    enum { GCM_TAG = 12 };
    if (tpl->mode == 9)
        return GCM_TAG;
    return tpl->mode == 10 ? 4 + 4 * (size_t)(tpl->cfe >> 8 & 3) : 0;
}

static size_t block_bytes(const struct tpl *tpl, size_t n)
{
    enum { BLOCK = 16, MOST_BLOCKS = 15 };
    size_t blocks = tpl->cf >> 4 & 0x0F;
    if (tpl->mode == 5 && blocks == 0)
        return n % BLOCK == 0 ? n : 0;
    if (tpl->mode == 7 && blocks == MOST_BLOCKS && n > MOST_BLOCKS * BLOCK)
        return n - n % BLOCK;
    return blocks * BLOCK;
}

size_t tpl_encrypted_bytes(const struct tpl *tpl, size_t n)
{
    enum { ALL = 0xFF };
    size_t low = tpl->cf & 0xFF;
    switch (tpl->mode) {
    case 2:
    case 3:
        return low;
    case 5:
    case 7:
        return block_bytes(tpl, n);
    case 9:
        return tpl->cfe & 0xFF;
    case 10:
        return low == ALL ? n : low;
    default:
        return 0;
    }
}

bool tpl_starts_2f2f(const uint8_t *data, size_t n)
{
    return n >= 2 && data[0] == 0x2F && data[1] == 0x2F;
}
