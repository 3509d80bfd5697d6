/* SPDX-License-Identifier: MIT
 * Drivers from YAML files (decode/meters/README.md) to the tables that decode knows. */
#ifndef APPS_DRIVERS_DRIVER_FILE_H
#define APPS_DRIVERS_DRIVER_FILE_H

#include "apps/common/arena.h"
#include "apps/common/err.h"
#include "decode/driver.h"

enum {
    DRIVER_FILE_MAX_BYTES = 1 << 18,
    DRIVER_SET_MAX_BYTES = 64 << 20, /* of tables in memory                                   */
    DRIVER_SET_MAX = 1000,           /* drivers */
};

/* A telegram that a driver's file carries, and what must come out. */
struct driver_expectation {
    const char *name;
    const char *text;
    bool is_plain; /* not in quotes: a number, true, false or null */
    size_t line;
};
struct driver_test {
    const char *telegram, *key; /* hex; key may be NULL */
    const char *const *prior;
    size_t n_prior;
    bool by_name; /* the driver is not chosen by the address */
    const struct driver_expectation *expectations;
    size_t n;
    size_t line;
};

struct driver_entry {
    const struct driver *driver;
    const char *path;
    const struct driver_test *tests;
    size_t n_tests;
};

/* Rules that several drivers share, by name. */
struct shared_rules {
    const char *name;
    const char *text;
};
/* Those of the program; the last has no name. */
extern const struct shared_rules shared_rules_builtin[];

struct driver_set {
    struct arena arena;
    const struct shared_rules *shared; /* NULL: files in shared/ beside the driver only       */
    struct driver_entry *entries;
    size_t n;
    struct driver_table table; /* after driver_set_finish */
};

/* The caller frees in any case. */
void driver_set_init(struct driver_set *set, const struct shared_rules *shared);
/* Adds a driver. text[n] or a file; false with *err, which names file, line and what is expected
 * (exit code 3). */
bool driver_set_parse(struct driver_set *set, const char *text, size_t n, const char *path,
                      struct err *err);
bool driver_set_load(struct driver_set *set, const char *path, struct err *err);
/* All NAME.yaml of a directory. */
bool driver_set_load_dir(struct driver_set *set, const char *dir, struct err *err);
/* Makes set->table. Two drivers of one name or for one meter are an error. */
bool driver_set_finish(struct driver_set *set, struct err *err);
void driver_set_free(struct driver_set *set);

#endif
