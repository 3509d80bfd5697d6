/* SPDX-License-Identifier: MIT
 * Application data: data records (EN 13757-3:2018, DIF/DIFE, VIF/VIFE, data) and the readings they
 * carry. */
#ifndef DECODE_RECORD_H
#define DECODE_RECORD_H

#include "decode/telegram.h"

/* Reads all records of telegram->payload[0 .. payload_n), which must be in clear, and appends a
 * reading for each to telegram->readings. Names are made unique with _2, _3 ... What cannot be read
 * (manufacturer's data, reserved codes) becomes a text reading of its hex, so nothing is dropped.
 * Returns DECODE_OK, or DECODE_BAD_LENGTH if a record runs past the end: the readings before it
 * stand, the rest is kept as hex. */
enum decode_status record_read_all(struct telegram *telegram);

#endif
