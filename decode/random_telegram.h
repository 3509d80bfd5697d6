/* SPDX-License-Identifier: MIT
 * Telegrams that look like those of meters, for benches and the signal generator. */
#ifndef DECODE_RANDOM_TELEGRAM_H
#define DECODE_RANDOM_TELEGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Writes bytes[n], n = 11 ... 256, from L on without CRCs: C = 44, a manufacturer of three letters,
 * a BCD identification number, a version, a device type of 02 03 04 06 07 08, CI 72, 78 or 7A, the
 * rest random. The same seed gives the same telegram. */
void random_telegram(uint64_t seed, uint8_t *bytes, size_t n);

#endif
