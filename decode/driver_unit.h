/* SPDX-License-Identifier: MIT
 * Units that the name of a reading can end in, and how values get from one to another. */
#ifndef DECODE_DRIVER_UNIT_H
#define DECODE_DRIVER_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct driver_unit {
    const char *name;      /* "kwh" */
    const char *dimension; /* what can be converted has the same, e.g. "energy" */
    uint64_t multiply;     /* to the base unit of the dimension: * multiply / divide */
    uint32_t divide;
};

/* The unit that a name ends in, behind its last underscore; NULL: none that is known. */
const struct driver_unit *driver_unit_of_name(const char *name);
/* NULL: unknown. */
const struct driver_unit *driver_unit_find(const char *unit);

#endif
