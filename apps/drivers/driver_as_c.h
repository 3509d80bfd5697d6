/* SPDX-License-Identifier: MIT
 * Drivers as C, for the tables that are built into the program. */
#ifndef APPS_DRIVERS_DRIVER_AS_C_H
#define APPS_DRIVERS_DRIVER_AS_C_H

#include <stdio.h>

#include "apps/drivers/driver_file.h"

/* Defines drivers_builtin. The set is finished. */
void driver_write_c(const struct driver_set *set, FILE *to);

/* Defines shared_rules_builtin from the files NAME.yaml of a directory. */
bool driver_write_shared(const char *dir, FILE *to, struct err *err);

#endif
