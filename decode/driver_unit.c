/* SPDX-License-Identifier: MIT */
#include "decode/driver_unit.h"

#include <string.h>

#include "base/array_len.h"

/* A year of 365.2425 days, as in vif_units, and its twelfth. */
static const struct driver_unit units[] = {
    { "wh", "energy", 1, 1 },
    { "kwh", "energy", 1000, 1 },
    { "mwh", "energy", 1000000, 1 },
    { "mj", "energy", 2500, 9 },
    { "gj", "energy", 2500000, 9 },
    { "w", "power", 1, 1 },
    { "kw", "power", 1000, 1 },
    { "l", "volume", 1, 1 },
    { "m3", "volume", 1000, 1 },
    { "lh", "flow", 1, 1 },
    { "m3h", "flow", 1000, 1 },
    { "s", "time", 1, 1 },
    { "min", "time", 60, 1 },
    { "h", "time", 3600, 1 },
    { "d", "time", 86400, 1 },
    { "month", "time", 2629746, 1 },
    { "y", "time", 31556952, 1 },
    { "mv", "voltage", 1, 1 },
    { "v", "voltage", 1000, 1 },
    { "ma", "current", 1, 1 },
    { "a", "current", 1000, 1 },
    { "kvarh", "reactive energy", 1, 1 },
    { "kvah", "apparent energy", 1, 1 },
    { "kvar", "reactive power", 1, 1 },
    { "kva", "apparent power", 1, 1 },
    { "c", "temperature", 1, 1 },
    { "bar", "pressure", 1, 1 },
    { "hz", "frequency", 1, 1 },
    { "hca", "heat cost", 1, 1 },
    { "rh", "humidity", 1, 1 },
    { "kg", "mass", 1, 1 },
    { "kgh", "mass flow", 1, 1 },
};

const struct driver_unit *driver_unit_find(const char *unit)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (!strcmp(units[i].name, unit))
            return &units[i];
    return NULL;
}

const struct driver_unit *driver_unit_of_name(const char *name)
{
    const char *at = strrchr(name, '_');
    return at ? driver_unit_find(at + 1) : NULL;
}
