/* SPDX-License-Identifier: MIT
 * Why something of the world failed: what was tried, on what, and why. Only main prints it. */
#ifndef APPS_ERR_H
#define APPS_ERR_H

struct err {
    char text[512];
    int exit_code; /* see exit_codes.h */
};

#endif
