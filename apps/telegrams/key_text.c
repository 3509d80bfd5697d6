/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/key_text.h"

#include <string.h>

#include "decode/hex.h"

bool key_text_parse(const char *text, struct meter_key *key)
{
    size_t n = strlen(text) / 2;
    if ((n != 8 && n != 16) || strlen(text) != 2 * n || !hex_bytes(text, key->bytes, n))
        return false;
    key->n = n;
    return true;
}
