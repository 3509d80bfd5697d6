/* SPDX-License-Identifier: MIT
 * A key as people write it. */
#ifndef APPS_TELEGRAMS_KEY_TEXT_H
#define APPS_TELEGRAMS_KEY_TEXT_H

#include <stdbool.h>

#include "decode/meter_list.h"

/* 32 hex digits (AES-128) or 16 (DES); else false. */
bool key_text_parse(const char *text, struct meter_key *key);

#endif
