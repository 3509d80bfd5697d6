/* SPDX-License-Identifier: MIT
 * Keys that everybody knows, because manufacturers ship meters with them. */
#ifndef DECODE_DEFAULT_KEY_H
#define DECODE_DEFAULT_KEY_H

#include "decode/meter_list.h"

/* The i-th default key of n bytes (16 or 8) for a meter of that manufacturer; NULL: no more. */
const struct meter_key *default_key(uint16_t manufacturer, size_t n, size_t i);

#endif
