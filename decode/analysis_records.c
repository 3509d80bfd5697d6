/* SPDX-License-Identifier: MIT
 * Application data: records, and bytes that readings were made of. */
#include <stdio.h>
#include <string.h>

#include "decode/analysis_state.h"
#include "decode/record_view.h"
#include "decode/vib.h"

enum { EXTENSION = 0x80, IDLE = 0x2F, LONGEST_VALUE = 64 };

/* ---- readings ---- */

static void append(struct analysis *a, const char *text)
{
    size_t at = strlen(a->text);
    snprintf(a->text + at, sizeof a->text - at, "%s%s", at ? ", " : "", text);
}

/* A long text is cut, but not inside a character. */
static void append_reading(struct analysis *a, const struct reading *reading)
{
    char number[DECIMAL_TEXT_SIZE] = "";
    reading_print(reading, number, sizeof number);
    const char *value = reading->kind == READING_TEXT ? reading->text : number;
    int n = (int)strlen(value);
    const char *dots = n > LONGEST_VALUE ? " ..." : "";
    if (n > LONGEST_VALUE)
        for (n = LONGEST_VALUE; n > 0 && ((unsigned char)value[n] & 0xC0) == 0x80;)
            n--;
    char text[READING_NAME_SIZE + LONGEST_VALUE + 8];
    snprintf(text, sizeof text, "%s = %.*s%s", reading->name, n, value, dots);
    append(a, text);
}

static bool covers(const struct reading *reading, size_t at)
{
    return reading->from_n > 0 && reading->from <= at &&
           at < (size_t)reading->from + reading->from_n;
}

/* How many bytes from at on have the same readings; at most n. */
static size_t same_readings(const struct telegram *t, size_t at, size_t n)
{
    for (size_t i = 0; i < t->n_readings; i++) {
        const struct reading *reading = &t->readings[i];
        size_t end = (size_t)reading->from + reading->from_n;
        if (reading->from_n && reading->from > at && reading->from - at < n)
            n = reading->from - at;
        if (reading->from_n && end > at && end - at < n)
            n = end - at;
    }
    return n;
}

void analysis_fields(struct analysis *a, size_t n, const char *field)
{
    const struct telegram *t = a->telegram;
    for (size_t end = a->at + n; a->at < end;) {
        size_t part = same_readings(t, a->at, end - a->at);
        a->text[0] = 0;
        for (size_t i = 0; i < t->n_readings; i++)
            if (covers(&t->readings[i], a->at))
                append_reading(a, &t->readings[i]);
        if (*a->text)
            analysis_span(a, part, field, a->text);
        else
            analysis_unused(a, part, "not used");
    }
}

/* ---- records ---- */

static void put_dif(struct analysis *a, const struct record *record)
{
    static const char *const functions[] = { "instantaneous", "maximum", "minimum",
                                             "during error" };
    static const char *const fields[] = { "no data",   "8 bit",    "16 bit",    "24 bit",
                                          "32 bit",    "real",     "48 bit",    "64 bit",
                                          "selection", "2 digits", "4 digits",  "6 digits",
                                          "8 digits",  "variable", "12 digits", "special" };
    analysis_put(a, 1, "DIF", "%s, %s%s", fields[record->data_field], functions[record->function],
                 a->bytes[a->at] & 0x40 ? ", storage bit 0" : "");
}

static void put_difes(struct analysis *a, const struct record *record)
{
    bool more = a->bytes[a->at - 1] & EXTENSION;
    while (more) {
        more = a->bytes[a->at] & EXTENSION;
        if (more)
            analysis_put(a, 1, "DIFE", "continued");
        else
            analysis_put(a, 1, "DIFE", "storage %llu, tariff %lu, subunit %u",
                         (unsigned long long)record->storage, (unsigned long)record->tariff,
                         record->subunit);
    }
}

static void put_quantity(struct analysis *a, const char *field, enum vif_table table, uint8_t code)
{
    enum { PLAIN_TEXT = 0x7C, ANY = 0x7E, MANUFACTURER = 0x7F };
    const char *quantity = vif_find(table, code)->quantity;
    if (table == VIF_PRIMARY && code == PLAIN_TEXT)
        quantity = "unit as text";
    else if (table == VIF_PRIMARY && code == ANY)
        quantity = "any";
    else if (table == VIF_PRIMARY && code == MANUFACTURER)
        quantity = "the manufacturer's";
    analysis_put(a, 1, field, "%s", quantity ? quantity : "reserved");
}

/* What the VIFEs so far say of the next one. */
struct vife_state {
    bool is_own, is_fc; /* the manufacturer's; of the table behind FC */
};

static void put_vife(struct analysis *a, uint8_t code, struct vife_state *state)
{
    enum { FC = 0xFC, OWN = 0x7F };
    const struct vife_row *row = vife_find(state->is_fc, code);
    bool starts_own = !state->is_fc && (code & OWN) == OWN, starts_fc = !state->is_fc && code == FC;
    if (state->is_own)
        analysis_put(a, 1, "VIFE", "the manufacturer's");
    else if (starts_fc)
        analysis_put(a, 1, "VIFE", "more codes");
    else if (starts_own)
        analysis_put(a, 1, "VIFE", "the manufacturer's follow");
    else if (row->qualifier)
        analysis_put(a, 1, "VIFE", "%s", row->qualifier);
    else if (row->effect == VIFE_MULTIPLIES)
        analysis_put(a, 1, "VIFE", "times 10^%d", row->exp10);
    else if (row->effect == VIFE_ADDS)
        analysis_put(a, 1, "VIFE", "plus 10^%d", row->exp10);
    else
        analysis_put(a, 1, "VIFE", row->effect == VIFE_RESERVED ? "reserved" : "no effect");
    state->is_own |= starts_own;
    state->is_fc = starts_fc;
}

static void put_vib_byte(struct analysis *a, const struct record *record, size_t i,
                         struct vife_state *state)
{
    struct vib_code c = vib_code(record->vib, record->vib_n);
    if (i + 1 < c.n)
        analysis_put(a, 1, i ? "VIFE" : "VIF", "table %s",
                     i                   ? "FD FD"
                     : c.table == VIF_FB ? "FB"
                                         : "FD");
    else if (i + 1 == c.n)
        put_quantity(a, i ? "VIFE" : "VIF", c.table, c.code);
    else
        put_vife(a, record->vib[i], state);
}

/* The unit of a plain-text VIF may stand before or behind the VIFEs. */
static void put_vib(struct analysis *a, const struct record *record)
{
    const uint8_t *unit = record->unit ? record->unit - 1 : NULL;
    struct vife_state state = { .is_own = (record->vib[0] & 0x7F) == 0x7F };
    for (size_t i = 0; i < record->vib_n || (unit && a->bytes + a->at == unit);) {
        if (unit && a->bytes + a->at == unit)
            analysis_put(a, 1 + record->unit_n, "unit", "its length and text, last letter first");
        else
            put_vib_byte(a, record, i++, &state);
    }
}

/* A block of the driver may name parts of the data. */
static bool has_parts(const struct telegram *t, size_t at, size_t n)
{
    for (size_t i = 0; i < t->n_readings; i++)
        if (t->readings[i].from_n && t->readings[i].from >= at &&
            t->readings[i].from + t->readings[i].from_n <= at + n && t->readings[i].from_n < n)
            return true;
    return false;
}

static bool is_listed(const struct telegram *t, const struct reading *systematic, size_t at)
{
    for (size_t i = 0; i < t->n_readings; i++)
        if (covers(&t->readings[i], at) && !strcmp(t->readings[i].name, systematic->name))
            return true;
    return false;
}

static void put_data(struct analysis *a, const struct record_view *view)
{
    const struct telegram *t = a->telegram;
    if (has_parts(t, a->at, view->data_n)) {
        analysis_fields(a, view->data_n, "data");
        return;
    }
    a->text[0] = 0;
    if (!is_listed(t, &view->reading, a->at))
        append_reading(a, &view->reading);
    for (size_t i = 0; i < t->n_readings; i++)
        if (covers(&t->readings[i], a->at))
            append_reading(a, &t->readings[i]);
    if (view->summer_time)
        append(a, "summer time");
    analysis_span(a, view->data_n, "data", a->text);
}

static void put_record(struct analysis *a, const struct record *record,
                       const struct record_view *view)
{
    put_dif(a, record);
    put_difes(a, record);
    put_vib(a, record);
    if (record->data_field == DATA_VARIABLE)
        analysis_put(a, 1, "LVAR", "%zu bytes", record->data_n);
    put_data(a, view);
}

static void put_fillers(struct analysis *a)
{
    size_t n = 0;
    while (a->at + n < a->n && a->bytes[a->at + n] == IDLE)
        n++;
    if (a->at == 0 && n >= 2) {
        analysis_span(a, 2, "2F 2F", "check bytes or fillers");
        n -= 2;
    }
    analysis_span(a, n, "2F", "fillers");
}

void analysis_records(struct analysis *a)
{
    struct record record;
    struct record_view view;
    for (;;) {
        put_fillers(a);
        struct reader reader = reader_init(a->bytes, a->n), again;
        reader.at = a->at;
        again = reader;
        switch (record_next(&reader, &record)) {
        case RECORD_DATA:
            record_view_next(&again, &view);
            put_record(a, &record, &view);
            break;
        case RECORD_MANUFACTURER:
            analysis_put(a, 1, "DIF", "%s",
                         a->bytes[a->at] == 0x1F ? "manufacturer's data; more in the next message"
                                                 : "manufacturer's data");
            analysis_fields(a, record.data_n, "data");
            return;
        case RECORD_BAD:
            analysis_unused(a, a->n - a->at,
                            "no record: it would run past the end, or is reserved");
            return;
        case RECORD_END:
            return;
        }
    }
}
