/* SPDX-License-Identifier: MIT
 * A driver file to start from, made of one telegram. */
#ifndef APPS_DRIVERS_DRIVER_PROPOSE_H
#define APPS_DRIVERS_DRIVER_PROPOSE_H

#include <stdio.h>

#include "apps/common/err.h"
#include "decode/telegram.h"

/* Prints a file (decode/meters/README.md) with the meter's row, a field for each record under its
 * systematic name, and the telegram as a test, in clear, so that it holds no key. False with *err
 * if the telegram was not read, or nothing says which meter it is from. */
bool driver_propose(const struct telegram *telegram, FILE *to, struct err *err);

#endif
