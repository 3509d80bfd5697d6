/* SPDX-License-Identifier: MIT
 * Mending: a block whose CRC is wrong is tried with its least sure symbols read otherwise. A wrong
 * telegram is worse than a lost one, and each try passes a 16-bit CRC by chance once in 65,536; so
 * a result is taken only if it is by far likelier than chance. */
#ifndef DECODE_MEND_H
#define DECODE_MEND_H

#include "decode/line.h"

struct mend_result {
    bool ok;        /* the CRC is right and the odds suffice         */
    int symbols;    /* changed                                       */
    int reach;      /* bits from the first changed to the last       */
    float log_odds; /* natural logarithm: right against by chance    */
};

/* Bytes first ... first + n - 1 of line are a block, its CRC the last two. Changes line->bytes if
 * that makes the CRC right with odds of at least min_log_odds. A CRC that is right as it stands is
 * judged in the same way. */
struct mend_result mend_block(struct line_bytes *line, size_t first, size_t n, float min_log_odds);

#endif
