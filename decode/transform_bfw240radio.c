/* SPDX-License-Identifier: MIT
 * BFW 240 radio (manufacturer-formats note, section 7): big-endian totals and eighteen months in 12
 * bits each, two in three bytes. */
#include <string.h>

#include "decode/transform.h"

enum { CHECK = 2 /* 2F 2F */, MONTHS = 8, PAIRS = 9, DATE = MONTHS + 3 * PAIRS, INPUT = DATE + 3 };
enum { OUTPUT = 7 + 2 * 2 * PAIRS };

static uint8_t *put(uint8_t *out, unsigned value)
{
    *out++ = (uint8_t)value;
    *out++ = (uint8_t)(value >> 8);
    return out;
}

/* Previous and current total, date; the months, newest first. */
size_t transform_bfw240radio(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *x = input->bytes + CHECK;
    if (input->n < CHECK + INPUT || input->bytes[0] != 0x2F || input->bytes[1] != 0x2F)
        return 0;
    uint8_t *at = put(out, (unsigned)x[2] << 8 | x[3]);
    at = put(at, (unsigned)x[4] << 8 | x[5]);
    memcpy(at, x + DATE, 3);
    at += 3;
    for (int pair = PAIRS - 1; pair >= 0; pair--) {
        const uint8_t *t = x + MONTHS + 3 * pair;
        at = put(at, (unsigned)(t[1] & 0x0F) << 8 | t[2]);
        at = put(at, (unsigned)(t[1] >> 4) << 8 | t[0]);
    }
    return OUTPUT;
}
