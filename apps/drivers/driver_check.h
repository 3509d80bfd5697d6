/* SPDX-License-Identifier: MIT
 * The test telegrams of drivers, decoded and compared. */
#ifndef APPS_DRIVERS_DRIVER_CHECK_H
#define APPS_DRIVERS_DRIVER_CHECK_H

#include <stdio.h>

#include "apps/drivers/driver_file.h"

struct driver_check {
    size_t telegrams, readings, differences;
};

/* Runs the tests of an entry with the drivers of the set, which is finished, in front of those that
 * are built in. Says what differs on `to`, a line each. False only without memory. */
bool driver_check_run(const struct driver_set *set, const struct driver_entry *entry,
                      struct driver_check *check, FILE *to, struct err *err);

#endif
