/* SPDX-License-Identifier: MIT
 * Records to readings with systematic names. */
#ifndef DECODE_RECORD_READ_H
#define DECODE_RECORD_READ_H

#include "decode/reading_sink.h"
#include "decode/record.h"

/* Reads the record that starts at telegram->payload[at], and nothing else. */
void record_read_at(struct reading_sink *sink, size_t at);

#endif
