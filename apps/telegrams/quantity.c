/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/quantity.h"

#include <stdio.h>
#include <string.h>

#include "base/array_len.h"

// clang-format off
static const struct unit {
    const char *suffix, *unit, *class;
    enum quantity_behaviour behaviour;
} units[] = {
    { "m3",     "m³",   "volume",             QUANTITY_COUNTER },
    { "kwh",    "kWh",  "energy",             QUANTITY_COUNTER },
    { "kvarh",  "kvarh", NULL,                QUANTITY_COUNTER },
    { "kvah",   "kVAh",  NULL,                QUANTITY_COUNTER },
    { "hca",    "HCA",   NULL,                QUANTITY_COUNTER },
    { "kg",     "kg",   "weight",             QUANTITY_MEASURE },
    { "m3c",    "m³°C",  NULL,                QUANTITY_COUNTER },
    { "kw",     "kW",   "power",              QUANTITY_MEASURE },
    { "kvar",   "kvar",  NULL,                QUANTITY_MEASURE },
    { "kva",    "kVA",   NULL,                QUANTITY_MEASURE },
    { "m3h",    "m³/h", "volume_flow_rate",   QUANTITY_MEASURE },
    { "kgh",    "kg/h",  NULL,                QUANTITY_MEASURE },
    { "c",      "°C",   "temperature",        QUANTITY_MEASURE },
    { "rh",     "%",    "humidity",           QUANTITY_MEASURE },
    { "pct",    "%",     NULL,                QUANTITY_MEASURE },
    { "bar",    "bar",  "pressure",           QUANTITY_MEASURE },
    { "v",      "V",    "voltage",            QUANTITY_MEASURE },
    { "a",      "A",    "current",            QUANTITY_MEASURE },
    { "hz",     "Hz",   "frequency",          QUANTITY_MEASURE },
    { "deg",    "°",     NULL,                QUANTITY_MEASURE },
    { "dbm",    "dBm",  "signal_strength",    QUANTITY_MEASURE },
    { "h",      "h",    "duration",           QUANTITY_MEASURE },
    { "min",    "min",  "duration",           QUANTITY_MEASURE },
    { "s",      "s",    "duration",           QUANTITY_MEASURE },
    { "d",      "d",    "duration",           QUANTITY_MEASURE },
    { "month",  "months", NULL,               QUANTITY_MEASURE },
    { "y",      "years", NULL,                QUANTITY_MEASURE },
    { "factor",  NULL,   NULL,                QUANTITY_MEASURE },
    { "counter", NULL,   NULL,                QUANTITY_MEASURE },
    { "date",    NULL,  "date",               QUANTITY_STATE   },
};
// clang-format on

/* Words of a name that say: not what it is now, but what it was then. */
static const char *const then[] = {
    "target",  "storage",  "max",  "min",  "error", "average",  "set",
    "history", "historic", "prev", "last", "due",   "previous", "month",
};

static bool is_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

/* Bytes of the name up to the underscore before its last word, which is told in *word. */
static size_t split_last(const char *name, size_t n, const char **word)
{
    size_t at = n;
    while (at > 0 && name[at - 1] != '_')
        at--;
    *word = name + at;
    return at > 0 ? at - 1 : 0;
}

static bool has_word(const char *name, size_t n, const char *word)
{
    size_t n_word = strlen(word);
    for (const char *at = name; at + n_word <= name + n; at++)
        if (!memcmp(at, word, n_word) && (at == name || at[-1] == '_') &&
            (at + n_word == name + n || at[n_word] == '_'))
            return true;
    return false;
}

static bool is_of_then(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(then); i++)
        if (has_word(name, n, then[i]))
            return true;
    return false;
}

static const char *volume_class(const char *media)
{
    return strstr(media, "water") && !strstr(media, "cooling") ? "water"
           : strstr(media, "gas")                              ? "gas"
                                                               : "volume";
}

static const struct unit *find_unit(const char *word, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strlen(units[i].suffix) == n && !memcmp(units[i].suffix, word, n))
            return &units[i];
    return NULL;
}

struct quantity quantity_of(const char *name, const char *media)
{
    const char *word;
    size_t n = strlen(name), stem = split_last(name, n, &word);
    if (is_digits(word) && stem > 0) { /* the same name again: volume_m3_2 */
        n = stem;
        stem = split_last(name, n, &word);
    }
    const struct unit *unit = find_unit(word, (size_t)(name + n - word));
    if (!unit)
        return (struct quantity){ .n_stem = strlen(name) };
    struct quantity q = { unit->unit, unit->class, unit->behaviour, stem > 0 ? stem : n };
    if (!strcmp(unit->suffix, "m3"))
        q.class = volume_class(media);
    if (q.behaviour == QUANTITY_COUNTER && is_of_then(name, n))
        q.behaviour = QUANTITY_STATE;
    return q;
}

/* The first of those with the highest rank; 0: no reading for people. */
static int rank(const struct reading *reading, const char *media)
{
    if (reading->kind == READING_NULL || reading->kind == READING_TEXT)
        return 0;
    struct quantity q = quantity_of(reading->name, media);
    if (q.behaviour == QUANTITY_COUNTER)
        return !strncmp(reading->name, "total", 5) ? 5 : 4;
    return !q.unit ? 1 : q.behaviour == QUANTITY_MEASURE ? 3 : 2;
}

const struct reading *quantity_main(const struct telegram *telegram)
{
    const struct reading *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < telegram->n_readings; i++) {
        int r = rank(&telegram->readings[i], telegram->media);
        if (r > best_rank) {
            best = &telegram->readings[i];
            best_rank = r;
        }
    }
    return best;
}

bool quantity_main_text(const struct telegram *telegram, struct quantity_text *text)
{
    const struct reading *reading = quantity_main(telegram);
    char number[DECIMAL_TEXT_SIZE];
    *text = (struct quantity_text){ .value = "" };
    if (!reading)
        return false;
    struct quantity q = quantity_of(reading->name, telegram->media);
    reading_print(reading, number, sizeof number);
    snprintf(text->value, sizeof text->value, "%s%s%s", number, q.unit ? " " : "",
             q.unit ? q.unit : "");
    snprintf(text->name, sizeof text->name, "%.*s", (int)q.n_stem, reading->name);
    for (char *c = text->name; *c; c++)
        if (*c == '_')
            *c = ' ';
    return true;
}
