/* SPDX-License-Identifier: MIT
 * Techem MK Radio 3a (manufacturer-formats note, section 2): consumptions of half months, newest
 * first, to those of the months of the year. */
#include <string.h>

#include "decode/transform.h"

enum { DATE = 2, TOTAL = 4, HALVES = 7, MONTHS = 12, HALF_STEP = 3, OUTPUT = 7 + 2 * MONTHS };

static void put(uint8_t *out, unsigned value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
}

/* Date, total (3 bytes), the newest month; January to December, FFFF where nothing is known. With a
 * date after the 15th each triple is a month, its halves from the 16th on and before; until the
 * 15th the second half of a triple belongs to the month before. */
size_t transform_mkradio3a(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *p = input->bytes;
    if (input->n < HALVES + HALF_STEP * MONTHS)
        return 0;
    unsigned date = p[DATE] | (unsigned)p[DATE + 1] << 8;
    unsigned day = date & 0x1F, month = date >> 5 & 0x0F;
    if (month < 1 || month > MONTHS)
        return 0;
    memcpy(out, p + DATE, 2);
    memcpy(out + 2, p + TOTAL, 3);
    memset(out + 5, 0xFF, OUTPUT - 5);
    for (unsigned i = 0; i < MONTHS; i++) {
        const uint8_t *half = p + HALVES + HALF_STEP * i;
        unsigned sum = day > 15 ? half[1] + half[2] : half[1] + (i > 0 ? half[-1] : 0u);
        unsigned of = (month + MONTHS - 1 - i) % MONTHS;
        put(out + 7 + 2 * of, sum);
        if (i == 0)
            put(out + 5, sum);
    }
    return OUTPUT;
}
