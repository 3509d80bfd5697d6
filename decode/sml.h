/* SPDX-License-Identifier: MIT
 * Smart Message Language (BSI TR-03109-1 annex IV, version 1): lists of values that electricity
 * meters push. */
#ifndef DECODE_SML_H
#define DECODE_SML_H

#include "decode/reading_sink.h"

/* Reads the values of all list responses in data[n], a file with escape sequences or bare messages,
 * whose CRCs must hold. Returns DECODE_OK; DECODE_BAD_CRC, with the readings before; or
 * DECODE_BAD_LENGTH if it is cut, or no SML. n is at most TELEGRAM_MAX_PAYLOAD. */
enum decode_status sml_read(struct reading_sink *sink, const uint8_t *data, size_t n);

#endif
