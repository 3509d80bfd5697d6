/* SPDX-License-Identifier: MIT */
#include "decode/status.h"

const char *decode_status_name(enum decode_status status)
{
    switch (status) {
    case DECODE_OK:
        return "ok";
    case DECODE_MORE:
        return "more";
    case DECODE_BAD_CODE:
        return "bad_code";
    case DECODE_BAD_CRC:
        return "bad_crc";
    case DECODE_BAD_LENGTH:
        return "bad_length";
    case DECODE_NO_KEY:
        return "no_key";
    case DECODE_BAD_2F2F:
        return "bad_2f2f";
    case DECODE_BAD_ELL_CRC:
        return "bad_ell_crc";
    case DECODE_BAD_MAC:
        return "bad_mac";
    case DECODE_BAD_TAG:
        return "bad_tag";
    case DECODE_UNSUPPORTED:
        return "unsupported";
    case DECODE_WAITING_FORMAT:
        return "waiting_format";
    case DECODE_WAITING_FRAGMENT:
        return "waiting_fragment";
    case DECODE_N_STATUS:
        break;
    }
    return "unknown";
}
