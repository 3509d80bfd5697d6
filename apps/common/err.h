/* SPDX-License-Identifier: MIT
 * Why something of the world failed: what was tried, on what, and why. Only main prints it. */
#ifndef APPS_COMMON_ERR_H
#define APPS_COMMON_ERR_H

#include <stdbool.h>

struct err {
    char text[512];
    int exit_code; /* see exit_codes.h */
};

/* Fills *err as printf does. Returns false, so that a failing function can end with it. */
bool err_set(struct err *err, int exit_code, const char *format, ...);

/* Standard output could not be written, errno says why: EXIT_OUTPUT. A reader that went away has
 * what it wanted: EXIT_OK, if SIGPIPE is ignored. Returns false. */
bool err_of_stdout(struct err *err);

#endif
