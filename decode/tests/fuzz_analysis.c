/* SPDX-License-Identifier: MIT
 * Arbitrary frames, decoded and analysed: every byte has one meaning, in order. The first byte says
 * whether it is a frame of wired M-Bus. */
#include <assert.h>
#include <string.h>

#include "decode/analysis.h"
#include "decode/decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t next, next_full;
};

static void take(void *to, const struct analysis_span *span)
{
    struct seen *seen = to;
    size_t *next = span->layer == ANALYSIS_FULL_FRAME ? &seen->next_full : &seen->next;
    volatile uint8_t sum = 0;
    assert(span->n > 0 && span->at == *next && strlen(span->text) < 1000 && span->field);
    for (size_t i = 0; i < span->n; i++)
        sum = (uint8_t)(sum + span->bytes[i]);
    *next += span->n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct meter_config any = {
        .any_id = true,
        .keys = { { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17 }, 16 } },
        .n_keys = 1
    };
    static struct decoder *decoder;
    static struct telegram telegram;
    struct frame frame = { .status = DECODE_OK };
    struct seen seen = { 0, 0 };
    if (!decoder)
        decoder = decoder_open(&any, 1);
    if (size < 1 || size - 1 > FRAME_MAX_BYTES)
        return 0;
    memcpy(frame.bytes, data + 1, size - 1);
    frame.n = size - 1;
    frame.format = data[0] & 2 ? FRAME_WIRED : FRAME_A;
    decoder_decode(decoder, &frame, 0, &telegram);
    analysis_run(&telegram, take, &seen);
    assert(seen.next >= telegram.frame.n && seen.next_full == telegram.full_n);
    return 0;
}
