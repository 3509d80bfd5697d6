/* SPDX-License-Identifier: MIT */
#include "decode/driver.h"

#include <string.h>

#include "decode/address.h"

int driver_compare_detections(const void *a, const void *b)
{
    const struct driver_meter *x = &((const struct driver_detection *)a)->meter;
    const struct driver_meter *y = &((const struct driver_detection *)b)->meter;
    if (x->manufacturer != y->manufacturer)
        return x->manufacturer < y->manufacturer ? -1 : 1;
    if (x->device_type != y->device_type)
        return x->device_type < y->device_type ? -1 : 1;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return (x->first_ci > y->first_ci) - (x->first_ci < y->first_ci);
}

static size_t first_of(const struct driver_table *table, uint16_t manufacturer)
{
    size_t low = 0, high = table->n_detections;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->detections[middle].meter.manufacturer < manufacturer)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool fits(uint16_t wanted, uint8_t is)
{
    return wanted == DRIVER_ANY || wanted == is;
}

static bool fits_ci(const struct driver_meter *m, int ci)
{
    if (m->first_ci == 0 && m->last_ci == 0xFF)
        return true;
    return ci >= m->first_ci && ci <= m->last_ci;
}

static int exactness(const struct driver_meter *m)
{
    return 4 * (m->last_ci != 0xFF) + 2 * (m->device_type != DRIVER_ANY) +
           (m->version != DRIVER_ANY);
}

/* Manufacturers have a handful of rows. */
static const struct driver *detect(const struct driver_table *table, uint16_t manufacturer,
                                   const struct address *meter, int ci)
{
    const struct driver *found = NULL;
    int best = -1;
    for (size_t i = first_of(table, manufacturer); i < table->n_detections; i++) {
        const struct driver_meter *m = &table->detections[i].meter;
        if (m->manufacturer != manufacturer)
            break;
        if (fits(m->device_type, meter->device_type) && fits(m->version, meter->version) &&
            fits_ci(m, ci) && exactness(m) > best) {
            best = exactness(m);
            found = table->detections[i].driver;
        }
    }
    return found;
}

const struct driver *driver_detect(const struct driver_table *table, const struct address *meter,
                                   int ci)
{
    const struct driver *driver = detect(table, meter->manufacturer & MANUFACTURER_MASK, meter, ci);
    return driver ? driver : detect(table, DRIVER_ANY, meter, ci);
}

const struct driver *driver_find(const struct driver_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct driver *d = table->drivers[i];
        if (!strcmp(d->name, name))
            return d;
        for (size_t k = 0; k < d->n_aliases; k++)
            if (!strcmp(d->aliases[k], name))
                return d;
    }
    return NULL;
}
