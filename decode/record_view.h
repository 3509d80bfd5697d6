/* SPDX-License-Identifier: MIT
 * Records one by one, as they were sent, with what the standard says of them: for people who write
 * drivers. */
#ifndef DECODE_RECORD_VIEW_H
#define DECODE_RECORD_VIEW_H

#include "decode/reading.h"
#include "decode/record.h"

struct record_view {
    enum record_kind kind;
    const uint8_t *header; /* DIF to VIFEs and the length of variable data */
    size_t header_n;
    const uint8_t *data;
    size_t data_n;
    const char *quantity;   /* of READING_NAMES.md; "" for manufacturer's and unreadable data  */
    const char *unit;       /* that the name ends in; "" for none */
    struct reading reading; /* systematic name, value; a profile as hex */
    bool summer_time;       /* of a point in time: so the clock is set */
};

/* The next record. Returns false at the end; what cannot be read is the last, RECORD_BAD. */
bool record_view_next(struct reader *reader, struct record_view *view);

#endif
