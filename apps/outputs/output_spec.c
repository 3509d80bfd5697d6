/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/wipe.h"
#include "apps/outputs/output.h"

static size_t find_setting(const struct output_type *type, const char *name, size_t n)
{
    size_t i = 0;
    while (i < type->n_settings &&
           (strlen(type->settings[i].name) != n || memcmp(type->settings[i].name, name, n) != 0))
        i++;
    return i;
}

static bool set_value(struct output_spec *spec, size_t i, const char *value, struct err *err)
{
    const struct output_setting *setting = &spec->type->settings[i];
    if (spec->values[i])
        return err_set(err, EXIT_USAGE, "%s: %s stands twice", spec->type->name, setting->name);
    if (!*value || (setting->check && !setting->check(value)))
        return err_set(err, EXIT_USAGE, "%s: %s: expected %s", spec->type->name, setting->name,
                       setting->expected);
    return (spec->values[i] = strdup(value)) || err_set(err, EXIT_INTERNAL, "out of memory");
}

bool output_spec_set(struct output_spec *spec, const char *name, const char *value, struct err *err)
{
    const struct output_type *type = spec->type;
    size_t i = find_setting(type, name, strlen(name));
    if (i < type->n_settings)
        return set_value(spec, i, value, err);
    err_set(err, EXIT_USAGE, "%s: unknown setting: expected", type->name);
    for (i = 0; i < type->n_settings; i++) {
        size_t n = strlen(err->text);
        snprintf(err->text + n, sizeof err->text - n, "%s %s", i ? "," : "",
                 type->settings[i].name);
    }
    return false;
}

bool output_spec_check(const struct output_spec *spec, struct err *err)
{
    const struct output_type *type = spec->type;
    return type->to_stdout || spec->values[0] ||
           err_set(err, EXIT_USAGE, "%s: expected its %s: %s", type->name, type->settings[0].name,
                   type->settings[0].expected);
}

/* Where the next ,NAME= of a known name begins, or the end: commas may stand in file names. */
static const char *next_setting(const struct output_type *type, const char *at)
{
    for (; (at = strchr(at, ',')); at++) {
        size_t n = strcspn(at + 1, "=,");
        if (at[1 + n] == '=' && find_setting(type, at + 1, n) < type->n_settings)
            return at;
    }
    return NULL;
}

/* NAME=VALUE from, up to end; an argument without a name is the first setting. */
static bool set_piece(struct output_spec *spec, const char *from, size_t n, bool named,
                      bool in_file, struct err *err)
{
    const struct output_type *type = spec->type;
    size_t n_name = strcspn(from, "=");
    size_t i = named ? find_setting(type, from, n_name) : 0;
    if (type->settings[i].secret && !in_file)
        return err_set(err, EXIT_USAGE,
                       "%s: %s: others can see it in the list of processes; expected it in the "
                       "configuration file",
                       type->name, type->settings[i].name);
    char *value = strndup(from + (named ? n_name + 1 : 0), n - (named ? n_name + 1 : 0));
    bool ok = value ? set_value(spec, i, value, err) : err_set(err, EXIT_INTERNAL, "out of memory");
    wipe(value, value ? strlen(value) : 0);
    free(value);
    return ok;
}

bool output_spec_set_all(struct output_spec *spec, const char *at, bool in_file, struct err *err)
{
    if (spec->type->n_settings == 0)
        return err_set(err, EXIT_USAGE, "%s: expected nothing behind it", spec->type->name);
    for (bool named = false; at; named = true) {
        const char *end = next_setting(spec->type, at);
        if (!set_piece(spec, at, end ? (size_t)(end - at) : strlen(at), named, in_file, err))
            return false;
        at = end ? end + 1 : NULL;
    }
    return true;
}

bool output_spec_parse(struct output_spec *spec, const char *text, struct err *err)
{
    char kind[16] = "";
    size_t n = strcspn(text, ":");
    if (n < sizeof kind)
        memcpy(kind, text, n);
    if (!output_spec_init(spec, kind)) {
        char kinds[100];
        output_kinds(kinds, sizeof kinds);
        return err_set(err, EXIT_USAGE, "no output of the kind %.40s: expected %s", text, kinds);
    }
    return (!text[n] || output_spec_set_all(spec, text + n + 1, false, err)) &&
           output_spec_check(spec, err);
}

void output_spec_wipe(struct output_spec *spec)
{
    for (size_t i = 0; i < OUTPUT_SETTINGS_MAX; i++) {
        if (spec->values[i])
            wipe(spec->values[i], strlen(spec->values[i]));
        free(spec->values[i]);
        spec->values[i] = NULL;
    }
}
