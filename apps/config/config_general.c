/* SPDX-License-Identifier: MIT */
#include "apps/config/config_general.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"
#include "apps/common/yes_or_no.h"
#include "apps/config/config_reader.h"
#include "base/array_len.h"
#include "decode/radio_mode.h"

enum kind {
    FLAG,
    TEXT,
    COUNT,
    LIST, /* a text with commas, or a list of YAML; kept as the text */
};

static bool is_modes(const char *text)
{
    return radio_modes_parse(text) != 0;
}

#define AT(name) offsetof(struct config_general, name)

static const struct row {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *expected;             /* behind the name */
    bool (*check)(const char *value); /* NULL: any text that is not empty */
} rows[] = {
    { "modes", LIST, AT(modes), "what --modes takes, such as T,C or [T, C]", is_modes },
    { "iq_swap", FLAG, AT(iq_swap), "yes or no", NULL },
    { "auto_ppm", FLAG, AT(auto_ppm), "yes or no", NULL },
    { "ppm_file", TEXT, AT(ppm_file), "the path of a file", NULL },
    { "drivers", TEXT, AT(drivers), "the path of a folder", NULL },
    { "formats", TEXT, AT(formats), "the path of a file", NULL },
    { "records", FLAG, AT(records), "yes or no", NULL },
    { "obis", FLAG, AT(obis), "yes or no", NULL },
    { "all", FLAG, AT(all), "yes or no", NULL },
    { "record_bursts", TEXT, AT(record_bursts), "the path of a folder", NULL },
    { "burst_limit", COUNT, AT(burst_limit), "a whole number from 1 to 2147483647", NULL },
};

/* Is a text kept? */
static bool is_text(const struct row *row)
{
    return row->kind == TEXT || row->kind == LIST;
}

static void *field(const struct row *row, struct config_general *general)
{
    return (char *)general + row->offset;
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool read_count(const char *text, unsigned *count)
{
    double number;
    if (!text || !number_parse(text, strlen(text), &number) || number < 1 || number > INT32_MAX ||
        number != (double)(unsigned)number)
        return false;
    *count = (unsigned)number;
    return true;
}

static bool copy_text(const char *text, char **copy, struct err *err)
{
    return (*copy = strdup(text)) || err_set(err, EXIT_INTERNAL, "out of memory");
}

/* False: it is not what the row expects. A text is not copied. */
static bool read_value(const struct row *row, const char *text, struct config_general *general)
{
    switch (row->kind) {
    case FLAG:
        return yes_or_no_parse(text, field(row, general));
    case COUNT:
        return read_count(text, field(row, general));
    case TEXT:
    case LIST:
        return text && *text && (!row->check || row->check(text));
    }
    return false;
}

static const struct row *find(const char *name)
{
    for (size_t k = 0; k < ARRAY_LEN(rows); k++)
        if (strcmp(name, rows[k].name) == 0)
            return &rows[k];
    return NULL;
}

bool config_is_general(const char *name)
{
    return find(name) != NULL;
}

bool config_read_general(struct config_reader *r, const char *name, const yaml_node_t *at)
{
    const struct row *row = find(name);
    char expected[100], list[200];
    const char *text =
        row->kind == LIST ? config_comma_list(r, at, list, sizeof list) : config_scalar(at);
    if (read_value(row, text, &r->config->general))
        return !is_text(row) || copy_text(text, field(row, &r->config->general), r->err);
    snprintf(expected, sizeof expected, "%s: expected %s", row->name, row->expected);
    return config_fail_at(r, at, expected);
}

/* ---- the rest ----------------------------------------------------------------------------- */

void config_general_names(char *text, size_t size)
{
    size_t n = strlen(text);
    for (size_t k = 0; k < ARRAY_LEN(rows) && n < size; k++)
        n += (size_t)snprintf(text + n, size - n, ", %s", rows[k].name);
}

void config_general_complete(struct config_general *settings, const struct config_general *defaults)
{
    static const struct config_general nothing = { .modes = NULL };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        const size_t n = is_text(&rows[k])       ? sizeof(const char *)
                         : rows[k].kind == COUNT ? sizeof(unsigned)
                                                 : sizeof(bool);
        if (memcmp(field(&rows[k], settings), (const char *)&nothing + rows[k].offset, n) == 0)
            memcpy(field(&rows[k], settings), (const char *)defaults + rows[k].offset, n);
    }
}

void config_general_free(struct config_general *general)
{
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        void *text = NULL;
        if (is_text(&rows[k]))
            memcpy(&text, field(&rows[k], general), sizeof text);
        free(text);
    }
    *general = (struct config_general){ .modes = NULL };
}
