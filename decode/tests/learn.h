/* SPDX-License-Identifier: MIT
 * What the decoder learns of a full frame's application data. */
#ifndef DECODE_TESTS_LEARN_H
#define DECODE_TESTS_LEARN_H

#include "decode/compact.h"
#include "decode/record.h"

static inline void learn_records(struct compact_formats *formats, const uint8_t *data, size_t n)
{
    static struct telegram telegram;
    struct reader reader = reader_init(data, n);
    struct record record;
    enum record_kind kind;
    telegram.headers = (struct record_headers){ .n = 0 };
    do
        kind = record_next_noted(&reader, &record, &telegram);
    while (kind != RECORD_END && kind != RECORD_BAD);
    compact_learn(formats, &telegram.headers);
}

#endif
