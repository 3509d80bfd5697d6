/* SPDX-License-Identifier: MIT
 * The whole decoder behind one object: frames in, telegrams with readings out. It holds what is
 * known of the meters: names, keys, later learnt formats and counters. No I/O, no clock. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "decode/compact.h"
#include "decode/driver.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"

struct decoder;

/* Returns NULL without memory. The configuration is copied. The caller closes. */
struct decoder *decoder_open(const struct meter_config *meters, size_t n_meters);
/* Takes these meters in place of those before, and keeps what it learnt. False without memory, then
 * nothing has changed. */
bool decoder_set_meters(struct decoder *decoder, const struct meter_config *meters,
                        size_t n_meters);
/* Drivers that come before the built-in ones; NULL: none. Not copied: they outlive the decoder. */
void decoder_use_drivers(struct decoder *decoder, const struct driver_table *drivers);
/* Whether readings of records get their OBIS codes; at first they do not. */
void decoder_set_obis(struct decoder *decoder, bool with_obis);
/* Formats of compact frames that this decoder learnt, not those that every decoder knows: the i-th,
 * NULL: no more. Valid until the next telegram. */
const struct compact_format *decoder_format(const struct decoder *decoder, size_t i);
/* A format that was kept; false if it is none. */
bool decoder_add_format(struct decoder *decoder, const struct compact_format *format);
/* Wipes the keys. NULL is allowed. */
void decoder_close(struct decoder *decoder);

/* Decodes one frame that passed its CRCs. t_us: time of reception, microseconds since 1970 UTC, or
 * since the start of a replay. Fills *telegram whatever happens; returns telegram->status, see
 * status.h. Bounded time, no allocation. */
enum decode_status decoder_decode(struct decoder *decoder, const struct frame *frame, int64_t t_us,
                                  struct telegram *telegram);

#endif
