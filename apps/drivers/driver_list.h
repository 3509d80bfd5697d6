/* SPDX-License-Identifier: MIT
 * The drivers there are, for people. */
#ifndef APPS_DRIVERS_DRIVER_LIST_H
#define APPS_DRIVERS_DRIVER_LIST_H

#include <stdio.h>

#include "decode/driver.h"

/* A line each: name, other names in brackets, then the meters it is taken for by itself, as
 * manufacturer.type.version in hex, * where any will do. */
void driver_list(const struct driver_table *drivers, FILE *to);

#endif
