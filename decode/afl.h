/* SPDX-License-Identifier: MIT
 * Authentication and fragmentation layer (EN 13757-7:2018, CI 90). */
#ifndef DECODE_AFL_H
#define DECODE_AFL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/status.h"

struct afl {
    uint16_t fcl;
    uint8_t fragment; /* 0: not fragmented; 1, 2, 3 ... */
    bool more_fragments;
    size_t header_n; /* bytes from CI up to the next layer */
};

/* bytes[n] start with the CI 90. Its fields behind FCL are skipped by the length the header states.
 * Returns DECODE_OK, or DECODE_BAD_LENGTH if the header is cut. */
enum decode_status afl_parse(const uint8_t *bytes, size_t n, struct afl *afl);

/* The message is not complete in this frame. */
bool afl_is_fragment(const struct afl *afl);

#endif
