/* SPDX-License-Identifier: MIT
 * Test helper: application data as hex in, readings as text out. */
#ifndef DECODE_TESTS_RECORD_TEXT_H
#define DECODE_TESTS_RECORD_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "decode/record.h"

enum { RECORD_TEXT_SIZE = 1 << 17 };

/* Reads the payload and returns "name=value;name=value" (static memory), and the status. */
const char *text_of_payload(const uint8_t *payload, size_t n, enum decode_status *status);
const char *text_of_hex(const char *hex, enum decode_status *status);

/* The readings of the last text_of_...() call. */
const struct telegram *last_telegram(void);

#endif
