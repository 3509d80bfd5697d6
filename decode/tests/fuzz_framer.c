/* SPDX-License-Identifier: MIT
 * Soft chips into the framer. Even first byte: the rest are the chips. Odd: no fuzzer finds a CRC,
 * so the rest is a telegram, sent in the mode of bits 1-2 of the first byte, behind as many changes
 * of chips (two bytes place, one byte new value) as the second byte says. */
#include "decode/framer.h"

#include <assert.h>
#include <string.h>

#include "decode/chip_encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct framer framer;
static struct chip_burst burst;
static soft_chip_t chips[CHIP_ENCODE_MAX_CHIPS];

static void read_chips(const struct radio_channel *channel, size_t n, float llr_per_step)
{
    static struct frame frame;
    const struct chip_span span = { .chips = chips, .n = n, .llr_per_step = llr_per_step };
    size_t need = 0;
    switch (framer_read(&framer, channel, &span, &frame, &need)) {
    case DECODE_MORE:
        assert(need > n);
        break;
    case DECODE_OK:
        assert(frame.n >= 10 && frame.n <= sizeof frame.bytes);
        assert(frame.bytes[0] == frame.n - 1 && frame.status == DECODE_OK);
        break;
    case DECODE_BAD_CRC:
        assert(frame.n <= sizeof frame.bytes && frame.status == DECODE_BAD_CRC);
        break;
    case DECODE_BAD_CODE:
        break;
    default:
        assert(!"a status the framer does not have");
    }
}

static size_t send(const struct radio_channel *channel, const uint8_t *data, size_t size,
                   unsigned mode)
{
    enum { CHANGE = 3 };
    const struct radio_mode *row = &radio_modes[channel->first_mode + mode % channel->n_modes];
    const size_t n_changes = data[0] < (size - 1) / CHANGE ? data[0] : (size - 1) / CHANGE;
    const uint8_t *changes = data + 1, *telegram = changes + CHANGE * n_changes;
    if (!chip_encode(row, telegram, (size_t)(data + size - telegram), 0, 2, &burst))
        return 0;
    const size_t start =
        burst.first_sync_chip + row->sync_chips - radio_mode_rest_of_sync(channel, row);
    const size_t n = burst.n - start;
    for (size_t k = 0; k < n; k++)
        chips[k] = burst.chips[start + k] ? 60 : -60;
    for (size_t k = 0; k < n_changes; k++, changes += CHANGE)
        chips[(size_t)(changes[0] << 8 | changes[1]) % n] = (soft_chip_t)changes[2];
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const float llr_per_step[] = { 0.5f, 0.1f };
    if (size < 2)
        return 0;
    const struct radio_channel *channel = &radio_channels[((data[0] >> 3) & 15) % n_radio_channels];
    size_t n = size - 1 < sizeof chips ? size - 1 : sizeof chips;
    if (data[0] & 1)
        n = send(channel, data + 1, size - 1, (data[0] >> 1) & 3);
    else
        memcpy(chips, data + 1, n);
    read_chips(channel, n, llr_per_step[data[0] >> 7]);
    return 0;
}
