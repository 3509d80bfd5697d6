/* SPDX-License-Identifier: MIT
 * Arbitrary bytes as a frame of each format. What strips clean must dress to the same bytes. */
#include "decode/dll.h"

#include <assert.h>
#include <string.h>

#include "decode/wired.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void strip_and_dress(enum frame_format format, const uint8_t *data, size_t size)
{
    struct frame frame;
    uint8_t air[FRAME_MAX_AIR_BYTES];
    enum decode_status status = dll_strip(format, data, size, &frame);
    assert(frame.n <= FRAME_MAX_BYTES && frame.status == status);
    if (status != DECODE_OK)
        return;
    size_t n = dll_dress(format, frame.bytes, frame.n, air);
    assert(n > 0 && n <= size && memcmp(air, data, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct telegram telegram;
    struct frame frame;
    strip_and_dress(FRAME_A, data, size);
    strip_and_dress(FRAME_B, data, size);
    if (dll_guess(data, size, &frame) == DECODE_OK) {
        uint8_t wired[WIRED_MAX_BYTES];
        size_t header_n = dll_parse(&frame, &telegram);
        assert(frame.n >= header_n && header_n > 0 && frame.n <= FRAME_MAX_BYTES);
        assert(frame.format != FRAME_WIRED ||
               (wired_dress(&frame, wired) == size && memcmp(wired, data, size) == 0));
    }
    return 0;
}
