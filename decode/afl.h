/* SPDX-License-Identifier: MIT
 * Authentication and fragmentation layer (EN 13757-7:2018, CI 90). */
#ifndef DECODE_AFL_H
#define DECODE_AFL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/status.h"

enum { AFL_MAX_MAC = 16 };

/* The fields of one frame's header, or, joined, of a message's. */
struct afl {
    uint8_t fragment; /* 0: not fragmented; 1, 2, 3 ... */
    bool more_fragments;
    bool has_mcl, has_ki, has_mcr, has_ml;
    uint8_t mcl;  /* message control: kind of authentication           */
    uint16_t ki;  /* key information                                   */
    uint32_t mcr; /* message counter                                   */
    uint16_t ml;  /* bytes of the message behind this field            */
    uint8_t mac[AFL_MAX_MAC];
    size_t mac_n;    /* 0: none */
    size_t header_n; /* bytes from CI up to the next layer */
};

/* bytes[n] start with the CI 90. What is behind the known fields is skipped by the length that the
 * header states. Returns DECODE_OK, or DECODE_BAD_LENGTH if the header is cut. */
enum decode_status afl_parse(const uint8_t *bytes, size_t n, struct afl *afl);

/* The message is not complete in this frame. */
bool afl_is_fragment(const struct afl *afl);

/* Adds the fields of a further fragment to those of a message. */
void afl_join(struct afl *message, const struct afl *fragment);

/* How the MAC is made: AES-CMAC, of which all sizes are known here, or another way. */
bool afl_mac_is_cmac(const struct afl *afl);

/* Writes the fields that the MAC covers, in front of the message, as sent, to
 * out[AFL_MAX_COVERED]. Returns how many bytes. */
enum { AFL_MAX_COVERED = 9 };
size_t afl_covered(const struct afl *afl, uint8_t out[AFL_MAX_COVERED]);

#endif
