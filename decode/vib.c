/* SPDX-License-Identifier: MIT */
#include "decode/vib.h"

#include <string.h>

enum {
    CODE = 0x7F,
    CODE_MANUFACTURER = 0x7F,
    CODE_PLAIN_TEXT = 0x7C,
    CODE_FC = 0x7C, /* among the combinable VIFEs */
};

static void set_quantity(struct vib *vib, const struct vif_row *row)
{
    vib->kind = row->quantity ? VIB_STANDARD : VIB_UNKNOWN;
    vib->quantity = row->quantity;
    vib->data = row->data;
    vib->unit = row->unit;
    vib->exp10 = row->exp10;
}

/* Looks the quantity up. Returns how many bytes of the VIB name it. */
static size_t read_quantity(const struct record *record, struct vib *vib)
{
    struct vib_code c = vib_code(record->vib, record->vib_n);
    set_quantity(vib, vif_find(c.table, c.code));
    if (c.table == VIF_PRIMARY && c.code == CODE_PLAIN_TEXT) {
        vib->kind = VIB_PLAIN_TEXT;
        vib->quantity = "custom";
        vib->data = VIF_NUMBER;
    }
    return c.n;
}

/* "vife_10" or "vife_fc_16": a reserved code stays visible in the name. */
static void qualify_reserved(struct vib *vib, bool fc, uint8_t code)
{
    static const char hex[] = "0123456789abcdef";
    char *text = vib->reserved[vib->n_qualifiers];
    size_t n = fc ? 8 : 5;
    memcpy(text, fc ? "vife_fc_" : "vife_", n);
    text[n] = hex[code >> 4];
    text[n + 1] = hex[code & 0xF];
    text[n + 2] = 0;
    vib->qualifiers[vib->n_qualifiers++] = text;
}

static void replace_quantity(struct vib *vib, enum vif_data data, enum vif_unit unit)
{
    vib->data = data;
    vib->unit = unit;
    vib->exp10 = 0;
}

static enum vib_profile profile_of(uint8_t code)
{
    return code == 0x13 ? PROFILE_INVERSE : code == 0x1E ? PROFILE_REGISTERS : PROFILE_FORWARD;
}

static void apply(struct vib *vib, const struct vife_row *row, bool fc, uint8_t code)
{
    if (row->qualifier)
        vib->qualifiers[vib->n_qualifiers++] = row->qualifier;
    switch (row->effect) {
    case VIFE_RESERVED:
        qualify_reserved(vib, fc, code);
        break;
    case VIFE_IGNORED:
    case VIFE_QUALIFIES:
        break;
    case VIFE_NO_VALUE:
        vib->no_value = true;
        break;
    case VIFE_MULTIPLIES:
        vib->exp10 += row->exp10;
        break;
    case VIFE_ADDS:
        vib->has_offset = true;
        vib->offset_exp10 = row->exp10;
        break;
    case VIFE_COUNTS:
    case VIFE_TIMES:
        replace_quantity(vib, VIF_UNSIGNED, row->unit);
        break;
    case VIFE_DATES:
        replace_quantity(vib, VIF_TIME, row->unit);
        break;
    case VIFE_RAW:
        replace_quantity(vib, VIF_RAW, row->unit);
        break;
    case VIFE_TYPE_C:
        if (vib->data == VIF_NUMBER || vib->data == VIF_COUNT)
            vib->data = VIF_UNSIGNED;
        break;
    case VIFE_TYPE_D:
        replace_quantity(vib, VIF_FLAGS, row->unit);
        break;
    case VIFE_PROFILE:
        vib->profile = profile_of(code);
        break;
    }
}

static bool is_manufacturers(const struct record *record, size_t vife)
{
    for (bool fc = false; vife < record->vib_n; vife++) {
        uint8_t code = record->vib[vife] & CODE;
        if (!fc && code == CODE_MANUFACTURER)
            return true;
        fc = !fc && code == CODE_FC;
    }
    return false;
}

void vib_read(const struct record *record, struct vib *vib)
{
    vib->no_value = vib->has_offset = false;
    vib->offset_exp10 = 0;
    vib->profile = PROFILE_NONE;
    vib->profile_at = 0;
    vib->n_qualifiers = 0;
    size_t at = read_quantity(record, vib);
    if ((record->vib[0] & CODE) == CODE_MANUFACTURER || is_manufacturers(record, at)) {
        vib->kind = VIB_MANUFACTURER;
        return;
    }
    for (; at < record->vib_n; at++) {
        uint8_t code = record->vib[at] & CODE;
        bool fc = code == CODE_FC && at + 1 < record->vib_n;
        if (fc)
            code = record->vib[++at] & CODE;
        apply(vib, vife_find(fc, code), fc, code);
        if (vib->profile != PROFILE_NONE && !vib->profile_at)
            vib->profile_at = at;
    }
}
