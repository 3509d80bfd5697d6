/* SPDX-License-Identifier: MIT */
#include "decode/reading_name.h"

#include <string.h>

/* Left free for the "_256" that makes a name unique. */
enum { ROOM_FOR_NUMBER = 4 };

struct name {
    char *text;
    size_t n;
    bool full;
};

static void put(struct name *name, const char *text, size_t n)
{
    if (name->n + n >= READING_NAME_SIZE - ROOM_FOR_NUMBER) {
        name->full = true;
        return;
    }
    memcpy(name->text + name->n, text, n);
    name->n += n;
}

static void put_part(struct name *name, const char *text)
{
    if (!*text)
        return;
    if (name->n)
        put(name, "_", 1);
    put(name, text, strlen(text));
}

static void put_number(struct name *name, const char *what, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    if (!number)
        return;
    for (; number; number /= 10)
        digits[--at] = (char)('0' + number % 10);
    put_part(name, what);
    put(name, "_", 1);
    put(name, digits + at, sizeof digits - at);
}

static void put_vib(struct name *name, const struct record *record)
{
    static const char hex[] = "0123456789abcdef";
    put(name, "_", 1);
    for (size_t i = 0; i < record->vib_n; i++)
        put(name, (char[2]){ hex[record->vib[i] >> 4], hex[record->vib[i] & 0xF] }, 2);
}

/* A plain-text unit with what a name allows: "m3" of m and superscript 3, "rh" of %RH. */
static void put_unit_text(struct name *name, const struct record *record)
{
    char text[64];
    size_t n = 0;
    for (size_t i = record->unit_n; i-- > 0 && n < sizeof text - 1;) {
        uint8_t c = record->unit[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (c == 0xB2 || c == 0xB3) /* ISO 8859-1 superscript 2 and 3 */
            c = (uint8_t)('2' + (c - 0xB2));
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            text[n++] = (char)c;
        else if (n && text[n - 1] != '_')
            text[n++] = '_';
    }
    while (n && text[n - 1] == '_')
        n--;
    text[n] = 0;
    put_part(name, text);
}

static void put_quantity(struct name *name, const struct record *record, const struct vib *vib,
                         bool by_vib)
{
    static const char *const functions[] = { "", "max", "min", "error" };
    put_part(name, functions[record->function]);
    if (vib->kind == VIB_MANUFACTURER || vib->kind == VIB_UNKNOWN) {
        put_part(name, vib->kind == VIB_UNKNOWN ? "unknown" : "manufacturer");
        put_vib(name, record);
        return;
    }
    put_part(name, vib->quantity);
    if (by_vib) {
        put_part(name, "vib");
        put_vib(name, record);
        return;
    }
    for (size_t i = 0; i < vib->n_qualifiers; i++)
        put_part(name, vib->qualifiers[i]);
}

static struct name put_all(const struct record *record, const struct vib *vib, enum vif_unit unit,
                           char *text, bool by_vib)
{
    struct name name = { .text = text };
    put_quantity(&name, record, vib, by_vib);
    put_number(&name, "storage", record->storage);
    put_number(&name, "tariff", record->tariff);
    put_number(&name, "subunit", record->subunit);
    if (vib->kind == VIB_PLAIN_TEXT)
        put_unit_text(&name, record);
    put_part(&name, vif_units[unit].name);
    name.text[name.n] = 0;
    return name;
}

size_t reading_name(const struct record *record, const struct vib *vib, enum vif_unit unit,
                    char name[READING_NAME_SIZE])
{
    struct name out = put_all(record, vib, unit, name, false);
    if (out.full)
        out = put_all(record, vib, unit, name, true);
    return out.n;
}
