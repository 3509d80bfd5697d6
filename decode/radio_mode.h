/* SPDX-License-Identifier: MIT
 * The radio modes (EN 13757-4:2019) as a table: what a channel carries and how a frame starts. */
#ifndef DECODE_RADIO_MODE_H
#define DECODE_RADIO_MODE_H

#include <stddef.h>
#include <stdint.h>

#include "decode/frame.h"

enum line_code { LINE_NRZ, LINE_3OF6, LINE_MANCHESTER };

struct radio_mode {
    const char *name;         /* as printed: "T1", "C1", "S1"                              */
    enum frame_format format; /* that the sync word announces                              */
    enum line_code line;
    double frequency_hz;
    double chip_rate_cps;
    double deviation_min_hz, deviation_hz, deviation_max_hz;
    unsigned preamble_pairs;  /* fewest 01 pairs before the sync word                      */
    uint32_t sync;            /* sync word in time order, last chip in bit 0               */
    unsigned sync_chips;
};

extern const struct radio_mode radio_modes[];
extern const size_t n_radio_modes;

#endif
