/* SPDX-License-Identifier: MIT
 * Fraction of telegrams that the receiver gets right in a stream of generated bursts, all at one
 * Ec/N0. A telegram is right if every byte and its time are. */
#ifndef BENCH_SENSITIVITY_H
#define BENCH_SENSITIVITY_H

#include "apps/receiver/receiver.h"
#include "decode/radio_mode.h"

struct sensitivity_setup {
    const struct radio_mode *mode;
    double bt;                           /* 0: unshaped                                       */
    double deviation_hz;                 /* 0: the mode's nominal                             */
    double offset_min_hz, offset_max_hz; /* size of the offset, uniform between; either sign  */
    double clock_min, clock_max;         /* relative error of the chip rate, likewise         */
    double amplitude;                    /* of 127.5                                          */
    double dc;                           /* of I and Q together, in amplitudes                */
    double sample_rate_sps, center_hz;
    unsigned telegram_bytes;
    double zeros;            /* share of the bytes behind CI that are zero */
    unsigned preamble_pairs; /* 0: as the mode has it */
    unsigned n;              /* bursts                                            */
    unsigned modes;          /* that are received, radio_modes_parse; 0: all in the band  */
    bool told;               /* where each burst is, beside what the search finds */
    uint64_t seed;
    const char *simd; /* NULL: the best of this CPU                        */
};

struct sensitivity_counts {
    unsigned sent, right;
    unsigned wrong;                 /* accepted, but not what was sent there      */
    unsigned duplicate;             /* right, but reported before                 */
    unsigned mended;                /* of the right ones                          */
    struct receiver_stats receiver; /* what the receiver says of itself */
    uint64_t samples;
    double receiver_s; /* time spent in the receiver                 */
};

/* False with *err if the receiver cannot be opened, or a telegram of that length cannot be sent. */
bool sensitivity_run(const struct sensitivity_setup *setup, double ecn0_db,
                     struct sensitivity_counts *counts, struct err *err);

#endif
