/* SPDX-License-Identifier: MIT */
#include "decode/radio_mode.h"

/* Frequencies, rates, deviations, preambles and sync words: EN 13757-4:2019, each confirmed by two
 * public sources; deviation limits of T: 40...80 kHz, of C: 45 kHz +-25 %. */
const struct radio_mode radio_modes[] = {
    { "T1", FRAME_A, LINE_3OF6, 868.95e6, 100e3, 40e3, 50e3, 80e3, 19, 0x03D, 10 },
    { "C1", FRAME_A, LINE_NRZ, 868.95e6, 100e3, 33.75e3, 45e3, 56.25e3, 16, 0x543D54CD, 32 },
    { "C1", FRAME_B, LINE_NRZ, 868.95e6, 100e3, 33.75e3, 45e3, 56.25e3, 16, 0x543D543D, 32 },
    { "S1", FRAME_A, LINE_MANCHESTER, 868.3e6, 32768, 40e3, 50e3, 80e3, 279, 0x07696, 18 },
};
const size_t n_radio_modes = sizeof radio_modes / sizeof radio_modes[0];
