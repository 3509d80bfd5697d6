/* SPDX-License-Identifier: MIT
 * Apator E.ITN (manufacturer-formats note, section 3.2): the block of CI A0, or of CI B6 behind a
 * header that tells its length. */
#include <string.h>

#include "decode/telegram.h"
#include "decode/transform.h"

enum { BLOCK_BYTES = 15, CI_PLAIN = 0xA0, CI_HEADER = 0xB6 };

size_t transform_apatoreitn(const struct transform_input *input, uint8_t *out)
{
    const uint8_t *b = input->bytes;
    size_t at = 0;
    if (input->telegram->ci == CI_HEADER) {
        at = input->n > 0 ? 1u + b[0] : 0;
        if (at >= input->n || b[at++] != CI_PLAIN)
            return 0;
    } else if (input->telegram->ci != CI_PLAIN) {
        return 0;
    }
    if (input->n - at < BLOCK_BYTES)
        return 0;
    memcpy(out, b + at, BLOCK_BYTES);
    return BLOCK_BYTES;
}
