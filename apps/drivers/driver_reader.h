/* SPDX-License-Identifier: MIT
 * What the parts of the reader of driver files share. */
#ifndef APPS_DRIVERS_DRIVER_READER_H
#define APPS_DRIVERS_DRIVER_READER_H

#include <yaml.h>

#include "apps/drivers/driver_file.h"

/* A file, of the driver itself or of shared rules. */
struct driver_source {
    yaml_document_t document;
    const char *path;
};

/* A field that waits to become a rule: names of other rules are not numbers yet. */
struct rule_draft {
    struct driver_rule rule;
    int place; /* 0: records, 1 + n: block n, DRAFT_OTHER */
    const char *after, *calc, *per;
    const char *path;
    size_t line;
};
enum { DRAFT_OTHER = 1000 };

struct driver_reader {
    struct driver_set *set;
    struct err *err;
    const char *dir; /* where shared/ is */
    struct driver driver;
    struct driver_block blocks[DRIVER_MAX_BLOCKS];
    size_t n_blocks;
    struct rule_draft *drafts; /* [DRIVER_MAX_RULES] */
    size_t n_drafts;
    const char *taken[DRIVER_MAX_RULES]; /* names of fields of the files read before */
    size_t n_taken, n_taken_before;
    struct driver_selector ignored[64];
    size_t n_ignored;
    int depth; /* of shared rules */
};

/* All return false with reader->err set. */
bool reader_fail(struct driver_reader *r, const struct driver_source *s, const yaml_node_t *node,
                 const char *format, ...);
bool reader_no_memory(struct driver_reader *r);

/* Of a file: the caller frees *text; deletes s->document if true. */
bool reader_read_file(const char *path, char **text, size_t *n, struct err *err);
bool reader_load(const char *text, size_t n, struct driver_source *s, struct err *err);

/* NULL: not a scalar, or with a zero byte in it. */
const char *reader_text(const yaml_node_t *node);
yaml_node_t *reader_node(struct driver_source *s, int index);
/* The value of an entry of a mapping; NULL: none. */
yaml_node_t *reader_entry(struct driver_source *s, const yaml_node_t *mapping, const char *name);
/* Fails at an entry that is not in the blank-separated list of names, or stands twice. */
bool reader_check_entries(struct driver_reader *r, struct driver_source *s,
                          const yaml_node_t *mapping, const char *names);
char *reader_copy(struct driver_reader *r, const char *text);
/* Decimal, or hex with 0x. */
bool reader_integer(const char *text, uint64_t *value);
/* "1", "3-7", "any". */
bool reader_range(const char *text, struct driver_range *range);
/* The next blank-separated word of *at, at most 63 characters; false at the end. */
bool reader_word(const char **at, char word[64]);

/* A document: entry->driver and its tests. */
bool read_driver(struct driver_reader *r, struct driver_source *s, struct driver_entry *entry);
/* "max volume_flow storage 1": what is wrong, or NULL. */
const char *read_selector(const char *text, struct driver_selector *selector,
                          struct driver_reader *r);
/* "byte 3 & 0F = 1" */
const char *read_condition(const char *text, struct driver_condition *condition);
/* A scalar or a list. */
bool read_conditions(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                     const struct driver_condition **conditions, size_t *n);
/* fields: of a driver (place 0) or of a block. */
bool read_fields(struct driver_reader *r, struct driver_source *s, yaml_node_t *node, int place);
bool read_blocks(struct driver_reader *r, struct driver_source *s, yaml_node_t *node);
bool read_tests(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                struct driver_entry *entry);
/* Puts the drafts in order and resolves the names in them. */
bool finish_rules(struct driver_reader *r);
/* Number of the first rule of that name, from 1 on; 0: none. */
uint16_t rule_number(const struct driver *driver, const char *name);
/* "sqrt(a_kwh * a_kwh)": what is wrong, or NULL. */
const char *read_expression(const char *text, struct driver_reader *r, struct driver_calc *calc);

#endif
