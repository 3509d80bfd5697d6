/* SPDX-License-Identifier: MIT */
#include "decode/default_key.h"

#include "base/array_len.h"
#include "decode/address.h"

/* Protocol notes: transport, sections 2.6 and 3; manufacturer formats, section 1.2. All zeros is
 * what Apator, gas meters and test devices are delivered with. */
static const struct {
    bool of_diehl; /* else of everybody */
    struct meter_key key;
} keys[] = {
    { true,
      { { 0x51, 0x72, 0x89, 0x10, 0xE6, 0x6D, 0x83, 0xF8, 0x51, 0x72, 0x89, 0x10, 0xE6, 0x6D, 0x83,
          0xF8 },
        16 } },
    { true, { { 0x39, 0xBC, 0x8A, 0x10, 0xE6, 0x6D, 0x83, 0xF8 }, 8 } },
    { true, { { 0x51, 0x72, 0x89, 0x10, 0xE6, 0x6D, 0x83, 0xF8 }, 8 } },
    { false, { { 0 }, 16 } },
};

const struct meter_key *default_key(uint16_t manufacturer, size_t n, size_t i)
{
    bool is_diehl = address_is_diehl(manufacturer);
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (keys[k].key.n == n && (is_diehl || !keys[k].of_diehl) && i-- == 0)
            return &keys[k].key;
    return NULL;
}
