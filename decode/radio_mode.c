/* SPDX-License-Identifier: MIT */
#include "decode/radio_mode.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/dll.h"

/* Frequencies, rates, deviations, preambles and sync words: EN 13757-4:2019, each confirmed by two
 * public sources; deviation limits of T and S: 40...80 kHz, of C: 45 kHz +-25 %. S1 with its short
 * preamble is S1-m, and what a T2 meter is sent is the same signal. C2 as a row is what a meter is
 * sent; what it sends itself is C1 but for its name. */
// clang-format off
const struct radio_mode radio_modes[] = {
    { "T1",    "T1", "T2", "T1",    FRAME_A, LINE_3OF6,      868.95e6,   100e3, 40e3,    50e3,  80e3,    19,  0x03D,      10 },
    { "C1",    "C1", "C2", "C2",    FRAME_A, LINE_NRZ,       868.95e6,   100e3, 33.75e3, 45e3,  56.25e3, 16,  0x543D54CD, 32 },
    { "C1",    "C1", "C2", "C2",    FRAME_B, LINE_NRZ,       868.95e6,   100e3, 33.75e3, 45e3,  56.25e3, 16,  0x543D543D, 32 },
    { "S1",    "S1", "S2", "S2/T2", FRAME_A, LINE_MANCHESTER, 868.3e6,   32768, 40e3,    50e3,  80e3,    279, 0x07696,    18 },
    { "C2",    "C2", "C2", "C2",    FRAME_A, LINE_NRZ,       869.525e6,  50e3,  18.75e3, 25e3,  31.25e3, 16,  0x543D54CD, 32 },
    { "C2",    "C2", "C2", "C2",    FRAME_B, LINE_NRZ,       869.525e6,  50e3,  18.75e3, 25e3,  31.25e3, 16,  0x543D543D, 32 },
    { "R2",    "R2", "R2", "R2",    FRAME_A, LINE_MANCHESTER, 868.33e6,  4800,  4.8e3,   6e3,   7.2e3,   39,  0x07696,    18 },
    { "N2400", "N1", "N2", "N2",    FRAME_A, LINE_NRZ,       169.4375e6, 2400,  1.8e3,   2.4e3, 3e3,     8,   0xF68D,     16 },
    { "N2400", "N1", "N2", "N2",    FRAME_B, LINE_NRZ,       169.4375e6, 2400,  1.8e3,   2.4e3, 3e3,     8,   0xF672,     16 },
    { "N4800", "N1", "N2", "N2",    FRAME_A, LINE_NRZ,       169.4375e6, 4800,  1.8e3,   2.4e3, 3e3,     8,   0xF68D,     16 },
    { "N4800", "N1", "N2", "N2",    FRAME_B, LINE_NRZ,       169.4375e6, 4800,  1.8e3,   2.4e3, 3e3,     8,   0xF672,     16 },
    { "F2",    "F2", "F2", "F2",    FRAME_A, LINE_NRZ,       433.82e6,   2400,  4.8e3,   5.5e3, 7e3,     39,  0xF68D,     16 },
    { "F2",    "F2", "F2", "F2",    FRAME_B, LINE_NRZ,       433.82e6,   2400,  4.8e3,   5.5e3, 7e3,     39,  0xF672,     16 },
};
// clang-format on
const size_t n_radio_modes = ARRAY_LEN(radio_modes);

/* T: 19 pairs 01 and 0000111101. C: 16 pairs and 0101010000111101, which is the same 48 chips; its
 * other 16 tell the format, and are no code words of T. S: 15 pairs, the short preamble of S1-m,
 * and the sync word; S2 and what a T2 meter is sent look the same.
 * R2: the end of its 39 pairs, and the same sync word; its ten channels of 60 kHz are searched as
 * one. N: 8 pairs and the first half of the sync word; its second half, upright or inverted, tells
 * the format; the six channels a ... f, each at either rate. F: as N, with more of its preamble. */
const struct radio_channel radio_channels[] = {
    { "T/C", 868.95e6, 100e3, 48e3, 150e3, 0, 0x55555555543D, 48, 0, 3, 32 },
    { "S", 868.3e6, 32768, 50e3, 165e3, 0, 0x555555547696, 48, 3, 1, 30 },
    { "C2", 869.525e6, 50e3, 25e3, 100e3, 0, 0x55555555543D, 48, 4, 2, 32 },
    { "R2", 868.3e6, 4800, 6e3, 306e3, 60e3, 0x5555555555547696, 64, 6, 1, 78 },
    { "N2400", 169.4375e6, 2400, 2.4e3, 42e3, 12.5e3, 0x5555F6, 24, 7, 2, 16 },
    { "N4800", 169.4375e6, 4800, 2.4e3, 42e3, 12.5e3, 0x5555F6, 24, 9, 2, 16 },
    { "F2", 433.82e6, 2400, 5.5e3, 25e3, 0, 0x55555555555555F6, 64, 11, 2, 78 },
};
const size_t n_radio_channels = ARRAY_LEN(radio_channels);

const char *radio_mode_of_telegram(const char *name, uint8_t c)
{
    for (size_t k = 0; k < n_radio_modes; k++) {
        const struct radio_mode *mode = &radio_modes[k];
        if (strcmp(mode->name, name) != 0)
            continue;
        return dll_direction(c) == DIRECTION_TO_METER ? mode->to_meter
               : dll_is_two_way(c)                    ? mode->two_way
                                                      : mode->one_way;
    }
    return name;
}

unsigned line_code_byte_chips(enum line_code line)
{
    switch (line) {
    case LINE_NRZ:
        break;
    case LINE_3OF6:
        return 12;
    case LINE_MANCHESTER:
        return 16;
    }
    return 8;
}

void radio_channel_deviations(const struct radio_channel *channel, double *least_hz,
                              double *most_hz)
{
    *least_hz = *most_hz = channel->deviation_hz;
    for (size_t k = 0; k < channel->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        *least_hz = mode->deviation_min_hz < *least_hz ? mode->deviation_min_hz : *least_hz;
        *most_hz = mode->deviation_max_hz > *most_hz ? mode->deviation_max_hz : *most_hz;
    }
}

unsigned radio_mode_rest_of_sync(const struct radio_channel *channel, const struct radio_mode *mode)
{
    unsigned rest = 0;
    for (; rest < mode->sync_chips; rest++) {
        const unsigned n = mode->sync_chips - rest;
        const uint64_t mask = (UINT64_C(1) << n) - 1;
        if (((mode->sync >> rest) & mask) == (channel->training & mask))
            break;
    }
    return rest;
}

unsigned radio_channel_tail(const struct radio_channel *channel, uint64_t *chips)
{
    const struct radio_mode *mode = &radio_modes[channel->first_mode];
    const unsigned n = radio_mode_rest_of_sync(channel, mode);
    const uint64_t mask = (UINT64_C(1) << n) - 1;
    *chips = mode->sync & mask;
    for (size_t k = 1; k < channel->n_modes; k++) {
        const uint64_t rest = mode[k].sync & mask;
        if (radio_mode_rest_of_sync(channel, &mode[k]) != n ||
            (rest != *chips && rest != (~*chips & mask)))
            return 0;
    }
    return n;
}

unsigned radio_channel_preamble_chips(const struct radio_channel *channel)
{
    unsigned most = 0; /* of the sync words */
    for (size_t k = 0; k < channel->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        const unsigned inside = mode->sync_chips - radio_mode_rest_of_sync(channel, mode);
        most = inside > most ? inside : most;
    }
    return channel->training_chips - most;
}

unsigned radio_modes_parse(const char *list)
{
    unsigned set = 0;
    if (strcmp(list, "all") == 0)
        return (1u << n_radio_modes) - 1;
    for (const char *name = list;; name++) {
        const size_t n = strcspn(name, ",");
        unsigned found = 0;
        for (size_t k = 0; k < n_radio_modes; k++)
            if ((n == 1 || n == strlen(radio_modes[k].name)) &&
                strncmp(radio_modes[k].name, name, n) == 0)
                found |= 1u << k;
        if (!found)
            return 0;
        set |= found;
        name += n;
        if (!*name)
            return set;
    }
}
