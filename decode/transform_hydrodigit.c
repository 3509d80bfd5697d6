/* SPDX-License-Identifier: MIT
 * The tail of B Meters' Hydrodigit (manufacturer-formats note, section 5): its first byte says
 * which parts follow. */
#include <string.h>

#include "base/array_len.h"
#include "decode/transform.h"

/* In the order of transmission. */
static const struct part {
    uint8_t bit;
    uint8_t n;  /* bytes */
    uint8_t at; /* in the output */
} parts[] = {
    { 0x01, 1, 1 },   /* battery */
    { 0x02, 4, 2 },   /* fraud: type, date */
    { 0x80, 3, 6 },   /* date of a leak */
    { 0x04, 4, 9 },   /* backflow */
    { 0x10, 36, 13 }, /* totals at the ends of twelve months */
};
enum { OUTPUT = 49 };

/* Byte 0 as sent, but only the bits of parts that are there in full; then all parts in fixed
 * places, zero if they were not sent. */
size_t transform_hydrodigit(const struct transform_input *input, uint8_t *out)
{
    size_t at = 1;
    if (input->n < 1)
        return 0;
    memset(out, 0, OUTPUT);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct part *part = &parts[i];
        if (!(input->bytes[0] & part->bit))
            continue;
        if (input->n - at < part->n)
            break;
        out[0] |= part->bit;
        memcpy(out + part->at, input->bytes + at, part->n);
        at += part->n;
    }
    return OUTPUT;
}
