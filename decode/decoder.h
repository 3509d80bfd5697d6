/* SPDX-License-Identifier: MIT
 * The whole decoder behind one object: frames in, telegrams with readings out. It holds what is
 * known of the meters: names, keys, later learnt formats and counters. No I/O, no clock. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "decode/telegram.h"

struct decoder;

enum {
    METER_MAX_KEYS = 8,
    METER_NAME_SIZE = 64,
};

/* One key: 16 bytes (AES-128) or 8 (DES). */
struct meter_key {
    uint8_t bytes[16];
    size_t n;
};

/* One configured meter, or a rule for many. */
struct meter_config {
    char name[METER_NAME_SIZE]; /* "" = no name                                          */
    bool any_id;                /* "*": the fields below choose                          */
    uint8_t id[4];              /* as on air (little-endian); ignored with any_id        */
    bool has_manufacturer, has_version, has_device_type;
    uint16_t manufacturer; /* compared without bit 15                               */
    uint8_t version, device_type;
    struct meter_key keys[METER_MAX_KEYS];
    size_t n_keys;
};

/* Returns NULL without memory. The configuration is copied. The caller closes. */
struct decoder *decoder_open(const struct meter_config *meters, size_t n_meters);
/* Wipes the keys. NULL is allowed. */
void decoder_close(struct decoder *decoder);

/* Decodes one frame that passed its CRCs. t_us: time of reception, microseconds since 1970 UTC, or
 * since the start of a replay. Fills *telegram whatever happens; returns telegram->status, see
 * status.h. Bounded time, no allocation. */
enum decode_status decoder_decode(struct decoder *decoder, const struct frame *frame, int64_t t_us,
                                  struct telegram *telegram);

#endif
