/* SPDX-License-Identifier: MIT */
#include "decode/driver_select.h"

#include <string.h>

enum { CODE = 0x7F, CODE_MANUFACTURER = 0x7F, CODE_PLAIN_TEXT = 0x7C };

int driver_code(const uint8_t *vib, size_t n)
{
    struct vib_code c = vib_code(vib, n);
    if (c.table == VIF_PRIMARY && (c.code == CODE_MANUFACTURER || c.code == CODE_PLAIN_TEXT))
        return -1;
    return (int)c.table * 128 + c.code;
}

bool driver_selects_group(const struct driver_selector *s, size_t group)
{
    if (!s->codes)
        return driver_group(driver_code(s->vib, s->vib_n)) == group;
    return group < DRIVER_GROUPS - 1 && s->codes->bits[group / 16] >> (group % 16 * 4) & 0xF;
}

/* from: which byte of the VIB is the first to compare. */
static bool is_vib(const struct driver_selector *s, const struct record *record, size_t from)
{
    if (from + s->vib_n != record->vib_n)
        return false;
    for (size_t i = 0; i < s->vib_n; i++)
        if ((s->vib[i] ^ record->vib[from + i]) & CODE)
            return false;
    return true;
}

static bool has_qualifier(const struct vib *vib, const char *qualifier)
{
    for (size_t i = 0; i < vib->n_qualifiers; i++)
        if (!strcmp(vib->qualifiers[i], qualifier))
            return true;
    return false;
}

/* In any order: meters disagree, and no meaning depends on it. */
static bool are_qualifiers(const struct driver_selector *s, const struct vib *vib)
{
    if (s->n_qualifiers != vib->n_qualifiers)
        return false;
    for (size_t i = 0; i < s->n_qualifiers; i++)
        if (!has_qualifier(vib, s->qualifiers[i]))
            return false;
    return true;
}

bool driver_selects_quantity(const struct driver_selector *s, const struct record *record,
                             const struct vib *vib, int code)
{
    if (!s->codes)
        return is_vib(s, record, 0);
    if (code < 0 || !(s->codes->bits[code / 64] >> (code % 64) & 1))
        return false;
    if (s->vib_n)
        return is_vib(s, record, vib_code(record->vib, record->vib_n).n);
    return vib->kind != VIB_MANUFACTURER && are_qualifiers(s, vib);
}

static bool compare(enum driver_comparison test, unsigned is, unsigned value)
{
    switch (test) {
    case DRIVER_IS:
        return is == value;
    case DRIVER_IS_NOT:
        return is != value;
    case DRIVER_AT_LEAST:
        return is >= value;
    case DRIVER_AT_MOST:
        return is <= value;
    }
    return false;
}

static bool holds(const struct driver_condition *c, const uint8_t *bytes, size_t n,
                  const struct telegram *telegram)
{
    long at = c->at < 0 ? (long)n + c->at : c->at;
    switch (c->of) {
    case DRIVER_OF_BYTE:
        return at >= 0 && (size_t)at < n && compare(c->test, bytes[at] & c->mask, c->value);
    case DRIVER_OF_LENGTH:
        return compare(c->test, (unsigned)n, c->value);
    case DRIVER_OF_CI:
        return compare(c->test, telegram->ci, c->value);
    case DRIVER_OF_VERSION:
        return compare(c->test, telegram->meter.version, c->value);
    case DRIVER_OF_TYPE:
        return compare(c->test, telegram->meter.device_type, c->value);
    }
    return false;
}

bool driver_conditions_hold(const struct driver_condition *conditions, size_t n_conditions,
                            const uint8_t *bytes, size_t n, const struct telegram *telegram)
{
    for (size_t i = 0; i < n_conditions; i++)
        if (!holds(&conditions[i], bytes, n, telegram))
            return false;
    return true;
}
