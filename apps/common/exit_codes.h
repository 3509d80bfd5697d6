/* SPDX-License-Identifier: MIT
 * Exit codes of all programs; the help text and the README list them. */
#ifndef APPS_COMMON_EXIT_CODES_H
#define APPS_COMMON_EXIT_CODES_H

enum {
    EXIT_OK = 0,
    EXIT_INTERNAL = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_DEVICE = 4,
    EXIT_OUTPUT = 5,
    EXIT_UNWELL = 6,
    EXIT_FILE = 14,
};

/* A set of them, for struct program: EXIT_SET(EXIT_CONFIG) | EXIT_SET(EXIT_FILE). */
#define EXIT_SET(code) (1u << (code))

#endif
