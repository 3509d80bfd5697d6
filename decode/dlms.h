/* SPDX-License-Identifier: MIT
 * DLMS/COSEM (IEC 62056-5-3): data notifications, which meters push. */
#ifndef DECODE_DLMS_H
#define DECODE_DLMS_H

#include "decode/reading_sink.h"

/* Reads the values of a data notification in data[n] that stand behind an OBIS code, with the
 * scaler and unit behind them. Returns DECODE_OK; DECODE_BAD_LENGTH, with the readings before, if
 * it is cut; DECODE_UNSUPPORTED for another kind of message, ciphered ones among them. */
enum decode_status dlms_read(struct reading_sink *sink, const uint8_t *data, size_t n);

#endif
