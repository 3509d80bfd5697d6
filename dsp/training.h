/* SPDX-License-Identifier: MIT
 * The chips before the data: preamble tail and what all frames of a channel start with. */
#ifndef DSP_TRAINING_H
#define DSP_TRAINING_H

#include <stdint.h>

enum { TRAINING_MAX_CHIPS = 64 };

struct training {
    uint64_t chips; /* in time order, last chip in bit 0; starts with 0101... */
    unsigned n;
};

/* +1 or -1: chip k of the sequence, 0 the first. */
static inline int training_chip(const struct training *training, unsigned k)
{
    return (training->chips >> (training->n - 1 - k)) & 1 ? 1 : -1;
}

#endif
