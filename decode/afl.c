/* SPDX-License-Identifier: MIT */
#include "decode/afl.h"

#include <string.h>

#include "decode/reader.h"

/* Bits of the fragmentation control field, FCL. */
enum {
    FCL_MORE = 0x4000,
    FCL_MCL = 0x2000,
    FCL_ML = 0x1000,
    FCL_MCR = 0x0800,
    FCL_MAC = 0x0400,
    FCL_KI = 0x0200,
};

/* Low nibble of the message control field: bytes of the MAC (protocol note: transport, section 4).
 * The last two are GMAC. */
enum { AT_GMAC = 8 };
static const uint8_t mac_bytes[16] = { 0, 0, 0, 2, 4, 8, 12, 16, 12, 16 };

static void read_mac(struct reader *r, struct afl *afl, bool ml_follows)
{
    size_t ml = ml_follows ? 2 : 0, left = reader_left(r);
    /* A later fragment says nothing of the kind: all that is left. */
    size_t n = afl->has_mcl ? mac_bytes[afl->mcl & 0x0F] : left > ml ? left - ml : 0;
    if (n > AFL_MAX_MAC)
        r->bad = true;
    const uint8_t *mac = reader_bytes(r, n);
    if (!mac)
        return;
    memcpy(afl->mac, mac, n);
    afl->mac_n = n;
}

enum decode_status afl_parse(const uint8_t *bytes, size_t n, struct afl *afl)
{
    struct reader r = reader_init(bytes, n);
    *afl = (struct afl){ 0 };
    reader_u8(&r); /* CI */
    uint8_t length = reader_u8(&r);
    const uint8_t *body = reader_bytes(&r, length);
    if (!body)
        return DECODE_BAD_LENGTH;
    afl->header_n = r.at;
    r = reader_init(body, length);
    uint16_t fcl = reader_u16le(&r);
    afl->fragment = (uint8_t)fcl;
    afl->more_fragments = (fcl & FCL_MORE) != 0;
    if ((afl->has_mcl = fcl & FCL_MCL))
        afl->mcl = reader_u8(&r);
    if ((afl->has_ki = fcl & FCL_KI))
        afl->ki = reader_u16le(&r);
    if ((afl->has_mcr = fcl & FCL_MCR))
        afl->mcr = reader_u32le(&r);
    afl->has_ml = fcl & FCL_ML;
    if (fcl & FCL_MAC)
        read_mac(&r, afl, afl->has_ml);
    if (afl->has_ml)
        afl->ml = reader_u16le(&r);
    return r.bad ? DECODE_BAD_LENGTH : DECODE_OK;
}

bool afl_is_fragment(const struct afl *afl)
{
    return afl->more_fragments || afl->fragment > 1;
}

void afl_join(struct afl *message, const struct afl *fragment)
{
    message->fragment = fragment->fragment;
    message->more_fragments = fragment->more_fragments;
    if (fragment->has_mcl)
        message->mcl = fragment->mcl;
    if (fragment->has_ki)
        message->ki = fragment->ki;
    if (fragment->has_mcr)
        message->mcr = fragment->mcr;
    if (fragment->has_ml)
        message->ml = fragment->ml;
    message->has_mcl |= fragment->has_mcl;
    message->has_ki |= fragment->has_ki;
    message->has_mcr |= fragment->has_mcr;
    message->has_ml |= fragment->has_ml;
    if (fragment->mac_n > 0) {
        memcpy(message->mac, fragment->mac, sizeof message->mac);
        message->mac_n = fragment->mac_n;
    }
}

bool afl_mac_is_cmac(const struct afl *afl)
{
    unsigned at = afl->mcl & 0x0F;
    return afl->has_mcl && at < AT_GMAC && mac_bytes[at] > 0 && mac_bytes[at] == afl->mac_n;
}

static size_t put(uint8_t *out, size_t at, uint32_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[at + i] = (uint8_t)(value >> (8 * i));
    return at + n;
}

size_t afl_covered(const struct afl *afl, uint8_t out[AFL_MAX_COVERED])
{
    size_t n = 0;
    if (afl->has_mcl)
        n = put(out, n, afl->mcl, 1);
    if (afl->has_ki)
        n = put(out, n, afl->ki, 2);
    if (afl->has_mcr)
        n = put(out, n, afl->mcr, 4);
    if (afl->has_ml)
        n = put(out, n, afl->ml, 2);
    return n;
}
