/* SPDX-License-Identifier: MIT
 * Mending: a block is read with its least sure symbols otherwise where that makes its CRC right. A
 * wrong telegram is worse than a lost one, and each try passes a 16-bit CRC by chance once in
 * 65,536; so a reading is taken only if it is by far likelier than chance, and than any other
 * reading that has the same CRC. */
#ifndef DECODE_MEND_H
#define DECODE_MEND_H

#include "decode/line.h"

struct mend_result {
    bool ok;        /* the CRC is right and the odds suffice         */
    int symbols;    /* changed                                       */
    float log_odds; /* natural logarithm: right against wrong        */
};

/* Bytes first ... first + n - 1 of line are a block, its CRC the last two. Changes line->bytes to
 * the likeliest reading with a right CRC, if its odds are at least min_log_odds. A CRC that is
 * right as it stands is judged in the same way: two errors of the same syndrome do not show in it.
 */
struct mend_result mend_block(struct line_bytes *line, size_t first, size_t n, float min_log_odds);

#endif
