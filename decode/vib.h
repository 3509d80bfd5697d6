/* SPDX-License-Identifier: MIT
 * The meaning of a value information block: VIF and VIFEs (EN 13757-3:2018, 6.4) looked up in the
 * tables and combined. */
#ifndef DECODE_VIB_H
#define DECODE_VIB_H

#include <stdbool.h>

#include "decode/record.h"
#include "decode/vif_table.h"

enum vib_kind {
    VIB_STANDARD,
    VIB_PLAIN_TEXT,   /* the unit is a text in the record                     */
    VIB_MANUFACTURER, /* VIF or VIFE 7F/FF                                    */
    VIB_UNKNOWN,      /* reserved code in one of the tables of quantities     */
};

/* Compact profiles (EN 13757-3:2018 Annex F): elements follow their base value in time, are
 * registers of the meter besides, or precede it. */
enum vib_profile { PROFILE_NONE, PROFILE_FORWARD, PROFILE_REGISTERS, PROFILE_INVERSE };

struct vib {
    enum vib_kind kind;
    const char *quantity;
    enum vif_data data;
    enum vif_unit unit;
    int exp10;
    bool no_value; /* the meter says so with a record error */
    bool has_offset;
    int offset_exp10; /* 10^offset_exp10 is added, in the unit of the VIF */
    enum vib_profile profile;
    size_t profile_at; /* index of its VIFE in the VIB                        */
    size_t n_qualifiers;
    const char *qualifiers[RECORD_MAX_VIB]; /* parts of the name, in order */
    char reserved[RECORD_MAX_VIB][12];      /* text of the qualifiers that no table has */
};

void vib_read(const struct record *record, struct vib *vib);

/* The code that names the quantity of vib[n], n >= 1, without its extension bit, and how many bytes
 * of the VIB it takes; VIFEs follow. */
struct vib_code {
    enum vif_table table;
    uint8_t code;
    size_t n;
};
static inline struct vib_code vib_code(const uint8_t *vib, size_t n)
{
    enum { CODE = 0x7F, TO_FB = 0xFB, TO_FD = 0xFD };
    if (n > 1 && vib[0] == TO_FB)
        return (struct vib_code){ VIF_FB, vib[1] & CODE, 2 };
    if (n > 2 && vib[0] == TO_FD && vib[1] == TO_FD)
        return (struct vib_code){ VIF_FD_FD, vib[2] & CODE, 3 };
    if (n > 1 && vib[0] == TO_FD)
        return (struct vib_code){ VIF_FD, vib[1] & CODE, 2 };
    return (struct vib_code){ VIF_PRIMARY, vib[0] & CODE, 1 };
}

#endif
