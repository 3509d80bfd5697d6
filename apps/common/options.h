/* SPDX-License-Identifier: MIT
 * Command lines: a program describes its options as rows of a table; parsing and the help text both
 * come from the rows. */
#ifndef APPS_COMMON_OPTIONS_H
#define APPS_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "apps/common/err.h"

enum option_kind {
    OPTION_FLAG,   /* bool                                                                */
    OPTION_TEXT,   /* const char *                                                        */
    OPTION_NUMBER, /* double, see number.h                                                */
    OPTION_COUNT,  /* unsigned                                                            */
    OPTION_SOME,   /* the same, but not 0                                                 */
    OPTION_LIST,   /* struct text_list; may be given several times                        */
};

struct option {
    char letter;          /* 0 = none                                                     */
    const char *name;     /* without "--"; NULL: it has a letter only                     */
    const char *argument; /* its name in the help; NULL for a flag                        */
    enum option_kind kind;
    size_t offset;    /* of the variable in the caller's struct                       */
    const char *help; /* NULL: an option for tests, left out of the help              */
};

struct text_list {
    const char **items;
    size_t n;
};

struct program {
    const char *name;
    const char *usage;       /* what follows the name, e.g. "[OPTION]... FILE..."         */
    const char *description; /* sentences, lines broken                                   */
    const struct option *options;
    size_t n_options;
    void (*more_help)(FILE *to); /* behind the options; NULL: nothing                     */
    size_t operands;             /* offset of the struct text_list for what is no option; it  */
                                 /* may also be the list of an option                         */
    unsigned exit_codes;         /* EXIT_SET; beside those of all: ok, internal, usage, output */
};

/* Fills *values, which the caller has zeroed or set to defaults. --name VALUE, --name=VALUE,
 * -x VALUE, -xVALUE; "-" alone is an operand, and everything after "--". False with *err (exit code
 * 2) for what it does not know. options_free in any case. */
bool options_parse(const struct program *program, int argc, char **argv, void *values,
                   struct err *err);
/* Appends. False with *err without memory. */
bool text_list_add(struct text_list *list, const char *item, struct err *err);
/* Frees the lists. */
void options_free(const struct program *program, void *values);

/* Prints the help text or the version to standard output. False with *err as err_of_stdout. */
bool options_tell(const struct program *program, bool help, struct err *err);

/* A line of it: left, and what it means, which may have several lines, beside that or below. */
void options_print_row(const char *left, const char *help, FILE *to);
/* Usage, description, options, exit codes. */
void options_print_help(const struct program *program, FILE *to);

#endif
