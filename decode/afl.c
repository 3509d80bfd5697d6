/* SPDX-License-Identifier: MIT */
#include "decode/afl.h"

#include "decode/reader.h"

enum decode_status afl_parse(const uint8_t *bytes, size_t n, struct afl *afl)
{
    struct reader r = reader_init(bytes, n);
    *afl = (struct afl){ 0 };
    reader_u8(&r); /* CI */
    uint8_t length = reader_u8(&r);
    const uint8_t *body = reader_bytes(&r, length);
    afl->header_n = r.at;
    if (!body || length < sizeof afl->fcl)
        return DECODE_BAD_LENGTH;
    afl->fcl = (uint16_t)(body[0] | body[1] << 8);
    afl->fragment = (uint8_t)afl->fcl;
    afl->more_fragments = (afl->fcl & 0x4000) != 0;
    return DECODE_OK;
}

bool afl_is_fragment(const struct afl *afl)
{
    return afl->more_fragments || afl->fragment > 1;
}
