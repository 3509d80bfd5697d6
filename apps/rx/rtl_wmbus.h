/* SPDX-License-Identifier: MIT
 * wmbus-rx in the place of rtl_wmbus: called by that name, it takes that program's options, reads
 * samples of 8 bits from standard input and prints that program's lines. */
#ifndef APPS_RX_RTL_WMBUS_H
#define APPS_RX_RTL_WMBUS_H

#include "apps/rx/rx_settings.h"

/* Is it the name, perhaps behind a path? */
bool rtl_wmbus_is(const char *argv0);
/* Settings of wmbus-rx that do what these arguments ask for; help and version are told already, and
 * then *done. False with *err. options_free(&rx_program, settings) in any case. */
bool rtl_wmbus_settings(int argc, char **argv, struct rx_settings *settings, bool *done,
                        struct err *err);

#endif
