/* SPDX-License-Identifier: MIT
 * A driver at work: the application data of one telegram to readings with the driver's names. What
 * the driver does not speak of keeps its systematic name. */
#ifndef DECODE_DRIVER_RUN_H
#define DECODE_DRIVER_RUN_H

#include "decode/driver.h"

/* Where the application data are and what is needed to open them. */
struct driver_input {
    struct crypto *crypto;
    const struct meter_key *const *keys; /* that are configured for the meter */
    size_t n_keys;
    bool has_records; /* telegram->payload holds data records                                  */
    bool is_sealed;   /* telegram->payload is not in clear: only blocks with a transform count */
};

/* Fills telegram->readings. Returns DECODE_OK; DECODE_BAD_LENGTH as record_read_all does; or
 * DECODE_UNSUPPORTED if the data are no records, or sealed, and no block of the driver fits.
 * Bounded time, no allocation. */
enum decode_status driver_run(const struct driver *driver, const struct driver_input *input,
                              struct telegram *telegram);

#endif
