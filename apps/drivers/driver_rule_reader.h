/* SPDX-License-Identifier: MIT
 * What the readers of the parts of one rule share. */
#ifndef APPS_DRIVERS_DRIVER_RULE_READER_H
#define APPS_DRIVERS_DRIVER_RULE_READER_H

#include "apps/drivers/driver_reader.h"

/* What the entries of one rule are read with. */
struct rule_reader {
    struct driver_reader *r;
    struct driver_source *s;
    yaml_node_t *node;
    struct rule_draft *draft;
};

/* All return false with the error set. */
bool rule_fail(struct rule_reader *rr, const char *what);

/* The text of an entry. *text is NULL if there is no such entry. */
bool rule_text(struct rule_reader *rr, const char *name, const char **text);
/* A number from 0 to most; *value stays if there is no such entry. */
bool rule_number_entry(struct rule_reader *rr, const char *name, uint64_t most, uint64_t *value);

/* at, type, size, bits, repeat, step. */
bool rule_bytes(struct rule_reader *rr);
/* scale, divide, invalid. */
bool rule_scale(struct rule_reader *rr);
/* flags, values, numbers, mask, rest, ok. */
bool rule_lookup(struct rule_reader *rr);
/* Whether the unit that the name ends in is one of the record's quantity, and which it is. */
bool rule_unit(struct rule_reader *rr);

#endif
