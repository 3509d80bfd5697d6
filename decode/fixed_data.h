/* SPDX-License-Identifier: MIT
 * The fixed data structure of old wired meters (EN 13757-3, superseded; CI 73 with 16 bytes): an
 * address of its own, and two counters with a byte each for medium and unit. */
#ifndef DECODE_FIXED_DATA_H
#define DECODE_FIXED_DATA_H

#include "decode/reading_sink.h"

enum { FIXED_DATA_BYTES = 16 };

/* Whether bytes[n] from the CI-field on are these: by the same CI new meters mean compact frames.
 */
bool fixed_data_is(const struct frame *frame, const uint8_t *bytes, size_t n);

/* What the bytes say of the meter: number, medium as device type; no manufacturer, no version. */
struct address fixed_data_address(const uint8_t data[FIXED_DATA_BYTES]);
uint8_t fixed_data_access_number(const uint8_t data[FIXED_DATA_BYTES]);
uint8_t fixed_data_status(const uint8_t data[FIXED_DATA_BYTES]);

/* Appends a reading for each counter, named as a record of that unit would be. */
void fixed_data_read(struct reading_sink *sink, const uint8_t data[FIXED_DATA_BYTES]);

#endif
