/* SPDX-License-Identifier: MIT
 * Which driver a telegram gets, and the telegram through it. */
#ifndef DECODE_DRIVER_CHOICE_H
#define DECODE_DRIVER_CHOICE_H

#include "decode/driver_run.h"
#include "decode/meter_list.h"

/* Tables of drivers, the first that knows a meter counts. */
struct driver_choice {
    const struct driver_table *own; /* read at run time; NULL: none */
    const struct driver_table *builtin;
};

/* Sets telegram->driver, kind and media by telegram->meter: the driver that the configuration
 * names, else the one that the address tells. */
void driver_choose(const struct driver_choice *choice, const struct meter_list *meters,
                   struct telegram *telegram);

/* The readings of telegram->payload, with the driver if there is one. has_records and is_sealed as
 * in struct driver_input. Returns what driver_run and record_read_all do; DECODE_OK for data that
 * are neither records nor a driver's. */
enum decode_status driver_read(struct telegram *telegram, struct crypto *crypto,
                               const struct meter_list *meters, bool has_records, bool is_sealed);

#endif
