/* SPDX-License-Identifier: MIT
 * The radio modes (EN 13757-4:2019) as a table: what a channel carries and how a frame starts. */
#ifndef DECODE_RADIO_MODE_H
#define DECODE_RADIO_MODE_H

#include <stddef.h>
#include <stdint.h>

#include "decode/frame.h"

enum line_code { LINE_NRZ, LINE_3OF6, LINE_MANCHESTER };

/* Chips of a byte. */
unsigned line_code_byte_chips(enum line_code line);

struct radio_mode {
    const char *name;         /* "T1", "C1", "S1", "N2400" ...                             */
    const char *one_way;      /* what the standard calls it where a meter speaks, ...      */
    const char *two_way;      /* ... where it answers, ...                                 */
    const char *to_meter;     /* ... and where it is spoken to                             */
    enum frame_format format; /* that the sync word announces                              */
    enum line_code line;
    double frequency_hz;
    double chip_rate_cps;
    double deviation_min_hz, deviation_hz, deviation_max_hz;
    unsigned preamble_pairs; /* fewest 01 pairs before the sync word                      */
    uint32_t sync;           /* sync word in time order, last chip in bit 0               */
    unsigned sync_chips;
};

extern const struct radio_mode radio_modes[];
extern const size_t n_radio_modes;

/* A set of rows, bit k for radio_modes[k], from names with commas between them, "T1,C1", or "all";
 * a letter alone, "T", stands for all that begin with it. 0 for a name that is none. */
unsigned radio_modes_parse(const char *list);

/* What the standard calls the mode of a telegram with this C-field, of a mode by its name: "S2/T2"
 * for a command in S1, which may be for a meter of either. Any other name stays what it is. */
const char *radio_mode_of_telegram(const char *name, uint8_t c);

/* Modes that share frequency, chip rate and how a frame starts are received as one. */
struct radio_channel {
    const char *name;
    double frequency_hz;
    double chip_rate_cps;
    double deviation_hz;        /* in the middle of what its modes use                         */
    double pass_hz;             /* half width that is searched: carriers and their tones        */
    double raster_hz;           /* of its channels, if it has several beside each other; else 0 */
    uint64_t training;          /* chips that every frame has before the data: end of the      */
    unsigned training_chips;    /* preamble and (the start of) the sync word, last in bit 0     */
    size_t first_mode, n_modes; /* in radio_modes[]                                         */
    unsigned preamble_chips;    /* before the sync word, at the least                       */
};

extern const struct radio_channel radio_channels[];
extern const size_t n_radio_channels;

/* The range of deviations that the channel's modes allow. */
void radio_channel_deviations(const struct radio_channel *channel, double *least_hz,
                              double *most_hz);

/* Chips of the preamble in the training sequence. */
unsigned radio_channel_preamble_chips(const struct radio_channel *channel);

/* What follows the training sequence, as it stands or inverted, in all modes of the channel: number
 * of chips, 0 if there is no such thing. Writes *chips, last one in bit 0. */
unsigned radio_channel_tail(const struct radio_channel *channel, uint64_t *chips);

/* Chips of the mode's sync word that lie behind the channel's training sequence. */
unsigned radio_mode_rest_of_sync(const struct radio_channel *channel,
                                 const struct radio_mode *mode);

#endif
