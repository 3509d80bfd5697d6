/* SPDX-License-Identifier: MIT */
#include "decode/obis.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/record_value.h"

enum obis_medium {
    ABSTRACT = 0,
    ELECTRICITY = 1,
    HCA = 4,
    COOLING = 5,
    HEAT = 6,
    GAS = 7,
    COLD_WATER = 8,
    WARM_WATER = 9,
};

enum { F_NONE = 255 };

/* clang-format off */
/* Value groups C, D, E and what a record calls it (protocol note: application, section 11). Of rows
 * that say the same the first is for records, each for codes. */
static const struct obis_row {
    uint8_t a, c, d;
    bool has_tariff; /* E is the tariff */
    uint8_t e;
    const char *quantity, *qualifier;
} rows[] = {
    { ELECTRICITY, 1, 8, true, 0,  "energy",          NULL },
    { ELECTRICITY, 1, 8, true, 0,  "energy",          "forward" },
    { ELECTRICITY, 2, 8, true, 0,  "energy",          "backward" },
    { ELECTRICITY, 16, 8, true, 0, "energy",          "delta" },
    { ELECTRICITY, 3, 8, true, 0,  "reactive_energy", NULL },
    { ELECTRICITY, 4, 8, true, 0,  "reactive_energy", "backward" },
    { ELECTRICITY, 5, 8, true, 0,  "reactive_energy", "quadrant_1" },
    { ELECTRICITY, 6, 8, true, 0,  "reactive_energy", "quadrant_2" },
    { ELECTRICITY, 7, 8, true, 0,  "reactive_energy", "quadrant_3" },
    { ELECTRICITY, 8, 8, true, 0,  "reactive_energy", "quadrant_4" },
    { ELECTRICITY, 9, 8, true, 0,  "apparent_energy", NULL },
    { ELECTRICITY, 1, 7, false, 0, "power",           NULL },
    { ELECTRICITY, 2, 7, false, 0, "power",           "backward" },
    { ELECTRICITY, 16, 7, false, 0, "power",          "delta" },
    { ELECTRICITY, 21, 7, false, 0, "power",          "l1" },
    { ELECTRICITY, 41, 7, false, 0, "power",          "l2" },
    { ELECTRICITY, 61, 7, false, 0, "power",          "l3" },
    { ELECTRICITY, 3, 7, false, 0, "reactive_power",  NULL },
    { ELECTRICITY, 4, 7, false, 0, "reactive_power",  "backward" },
    { ELECTRICITY, 9, 7, false, 0, "apparent_power",  NULL },
    { ELECTRICITY, 11, 7, false, 0, "current",        NULL },
    { ELECTRICITY, 31, 7, false, 0, "current",        "l1" },
    { ELECTRICITY, 51, 7, false, 0, "current",        "l2" },
    { ELECTRICITY, 71, 7, false, 0, "current",        "l3" },
    { ELECTRICITY, 91, 7, false, 0, "current",        "n" },
    { ELECTRICITY, 12, 7, false, 0, "voltage",        NULL },
    { ELECTRICITY, 32, 7, false, 0, "voltage",        "l1" },
    { ELECTRICITY, 52, 7, false, 0, "voltage",        "l2" },
    { ELECTRICITY, 72, 7, false, 0, "voltage",        "l3" },
    { ELECTRICITY, 14, 7, false, 0, "frequency",      NULL },
    { GAS, 3, 0, true, 0,          "volume",          NULL },
    { GAS, 3, 0, true, 0,          "volume",          "uncorrected" },
    { GAS, 3, 2, true, 0,          "volume",          "base_conditions" },
    { GAS, 43, 0, false, 0,        "volume_flow",     NULL },
    { HEAT, 1, 0, true, 0,         "energy",          NULL },
    { HEAT, 2, 0, true, 0,         "volume",          NULL },
    { HEAT, 8, 0, false, 0,        "power",           NULL },
    { HEAT, 9, 0, false, 0,        "volume_flow",     NULL },
    { HEAT, 10, 0, false, 0,       "flow_temperature", NULL },
    { HEAT, 11, 0, false, 0,       "return_temperature", NULL },
    { HEAT, 12, 0, false, 0,       "temperature_difference", NULL },
    { HCA, 1, 0, false, 0,         "consumption",     NULL },
    { COLD_WATER, 1, 0, true, 0,   "volume",          NULL },
    { COLD_WATER, 2, 0, false, 0,  "volume_flow",     NULL },
    { ABSTRACT, 1, 0, false, 0,    "time_point",      NULL },
    { ABSTRACT, 97, 97, false, 0,  "error_flags",     NULL },
    { ABSTRACT, 96, 1, false, 0,   "fabrication_no",  NULL },
    { ABSTRACT, 0, 2, false, 0,    "firmware_version", NULL },
};

/* Units of DLMS (IEC 62056-6-2, table 4) that are known here. */
static const struct { uint8_t code; enum vif_unit unit; } units[] = {
    { 4, UNIT_D },     { 5, UNIT_H },    { 6, UNIT_MIN },  { 7, UNIT_S },    { 8, UNIT_DEGREE },
    { 9, UNIT_C },     { 13, UNIT_M3 },  { 14, UNIT_M3 },  { 15, UNIT_M3_PER_H },
    { 16, UNIT_M3_PER_H }, { 20, UNIT_KG }, { 24, UNIT_BAR }, { 25, UNIT_J },
    { 26, UNIT_J_PER_H }, { 27, UNIT_W }, { 28, UNIT_VA }, { 29, UNIT_VAR }, { 30, UNIT_WH },
    { 31, UNIT_VAH },  { 32, UNIT_VARH }, { 33, UNIT_A },  { 35, UNIT_V },   { 44, UNIT_HZ },
};
/* clang-format on */
enum { N_ROWS = ARRAY_LEN(rows), N_UNITS = ARRAY_LEN(units) };

static char *put_number(char *at, unsigned number)
{
    if (number >= 100)
        *at++ = (char)('0' + number / 100);
    if (number >= 10)
        *at++ = (char)('0' + number / 10 % 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

void obis_text(const struct obis *obis, char text[OBIS_TEXT_SIZE])
{
    static const char behind[] = "-:..";
    char *at = text;
    for (size_t i = 0; i < 5; i++) {
        at = put_number(at, obis->groups[i]);
        if (i < 4)
            *at++ = behind[i];
    }
    if (obis->groups[5] != F_NONE) {
        *at++ = '*';
        if (obis->groups[5] < 10)
            *at++ = '0';
        at = put_number(at, obis->groups[5]);
    }
    *at = 0;
}

static int medium_of(uint8_t device_type)
{
    switch (device_type) {
    case 0x02:
        return ELECTRICITY;
    case 0x03:
        return GAS;
    case 0x04:
    case 0x0C:
    case 0x0D:
        return HEAT;
    case 0x0A:
    case 0x0B:
        return COOLING;
    case 0x08:
        return HCA;
    case 0x06:
    case 0x15:
        return WARM_WATER;
    case 0x07:
    case 0x16:
        return COLD_WATER;
    default:
        return ABSTRACT;
    }
}

/* Cooling is called as heat, warm water as cold. */
static uint8_t row_medium(uint8_t a)
{
    return a == COOLING ? HEAT : a == WARM_WATER ? COLD_WATER : a;
}

static bool has_qualifier(const struct vib *vib, const char *qualifier)
{
    if (!qualifier)
        return vib->n_qualifiers == 0;
    return vib->n_qualifiers == 1 && strcmp(vib->qualifiers[0], qualifier) == 0;
}

bool obis_of_record(uint8_t device_type, const struct record *record, const struct vib *vib,
                    struct obis *obis)
{
    uint8_t medium = (uint8_t)medium_of(device_type);
    if (vib->kind != VIB_STANDARD || vib->profile != PROFILE_NONE || record->subunit ||
        record->function != RECORD_INSTANTANEOUS || record->storage >= F_NONE ||
        record->tariff > UINT8_MAX)
        return false;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct obis_row *row = &rows[i];
        if ((row->a != ABSTRACT && row->a != row_medium(medium)) ||
            strcmp(row->quantity, vib->quantity) != 0 || !has_qualifier(vib, row->qualifier) ||
            (record->tariff && !row->has_tariff))
            continue;
        if (row->a == ABSTRACT && record->storage)
            return false; /* times of stored values have codes of their own */
        bool due_date = row->a == HCA && record->storage == 1;
        *obis =
            (struct obis){ { row->a == ABSTRACT ? row->a : medium, 0, row->c, due_date ? 2 : row->d,
                             (uint8_t)(row->e + record->tariff),
                             record->storage && !due_date ? (uint8_t)record->storage : F_NONE } };
        return true;
    }
    return false;
}

void obis_announce_code(struct reading_sink *sink, const struct record *record,
                        const struct vib *vib)
{
    const struct telegram *t = sink->telegram;
    sink->has_obis =
        record && !t->anonymous && obis_of_record(t->meter.device_type, record, vib, &sink->obis);
}

/* ---- values ---- */

static enum vif_unit unit_of(uint8_t code)
{
    for (size_t i = 0; i < N_UNITS; i++)
        if (units[i].code == code)
            return units[i].unit;
    return UNIT_NONE;
}

static const struct obis_row *row_of(const struct obis *obis)
{
    const uint8_t *g = obis->groups;
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].a == row_medium(g[0]) && rows[i].c == g[2] && rows[i].d == g[3] &&
            (rows[i].has_tariff || rows[i].e == g[4]))
            return &rows[i];
    return NULL;
}

struct name {
    char *text;
    size_t n;
};

static void put_part(struct name *name, const char *part)
{
    size_t n = strlen(part);
    if (!n)
        return;
    if (name->n)
        name->text[name->n++] = '_';
    memcpy(name->text + name->n, part, n);
    name->n += n;
}

static void put_numbered(struct name *name, const char *what, unsigned number)
{
    put_part(name, what);
    name->text[name->n++] = '_';
    name->n = (size_t)(put_number(name->text + name->n, number) - name->text);
}

/* Group F tells billing periods apart, 255 is the present; some meters send 0 for it. */
static bool is_present(const struct obis *obis)
{
    return obis->groups[5] == F_NONE || obis->groups[5] == 0;
}

/* Returns the length. The longest name is far shorter than the room. */
static size_t put_name(const struct obis *obis, const char *unit, char *text)
{
    struct name name = { text, 0 };
    const struct obis_row *row = row_of(obis);
    const uint8_t *g = obis->groups;
    if (row) {
        put_part(&name, row->quantity);
        if (row->qualifier)
            put_part(&name, row->qualifier);
        if (!is_present(obis))
            put_numbered(&name, "storage", g[5]);
        if (row->has_tariff && g[4])
            put_numbered(&name, "tariff", g[4]);
        if (g[1])
            put_numbered(&name, "subunit", g[1]);
    } else {
        put_numbered(&name, "obis", g[0]);
        for (size_t i = 1; i < (is_present(obis) ? 5u : 6u); i++) {
            name.text[name.n++] = '_';
            name.n = (size_t)(put_number(name.text + name.n, g[i]) - name.text);
        }
    }
    put_part(&name, unit);
    name.text[name.n] = 0;
    return name.n;
}

static bool is_text(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7E)
            return false;
    return n > 0;
}

static const char *set_bytes(const struct obis_value *value, struct reading *reading)
{
    size_t n = value->n < READING_TEXT_SIZE / 2 - 1 ? value->n : READING_TEXT_SIZE / 2 - 1;
    if (!is_text(value->bytes, n)) {
        reading_set_hex(reading, value->bytes, n);
        return "hex";
    }
    memcpy(reading->text, value->bytes, n);
    reading->text[n] = 0;
    reading->kind = READING_TEXT;
    return "";
}

static const char *set_number(const struct obis_value *value, struct reading *reading)
{
    const struct vib vib = { .unit = unit_of(value->unit) };
    const struct vif_unit_row *unit = &vif_units[vib.unit];
    struct decimal number = value->number;
    if (value->kind == OBIS_REAL) {
        double real = value->real * (double)unit->multiply / unit->divide;
        for (int e = unit->exp10; e < 0; e++)
            real /= 10;
        reading_set_real(reading, real);
    } else if (record_normalise(&vib, &number)) {
        reading_set_decimal(reading, &number);
    }
    return unit->name;
}

void obis_read(struct reading_sink *sink, const struct obis_value *value)
{
    struct reading *reading = reading_sink_next(sink);
    const char *unit = "";
    if (!reading)
        return;
    reading->kind = READING_NULL;
    if (value->kind == OBIS_BYTES)
        unit = set_bytes(value, reading);
    else if (value->kind != OBIS_NULL)
        unit = set_number(value, reading);
    sink->obis = value->obis;
    sink->has_obis = true;
    reading_sink_accept(sink, put_name(&value->obis, unit, reading->name));
    sink->has_obis = false;
}
