/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_as_c.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"

/* Sets of codes and selectors that many rules share are written once. */
struct emitter {
    FILE *to;
    const struct driver_codes **codes;
    size_t n_codes;
};

static void emit_text(FILE *to, const char *text)
{
    if (!text) {
        fputs("NULL", to);
        return;
    }
    fputc('"', to);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\' || *c == '?')
            fprintf(to, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n\"\n\"", to);
        else if (*c < 0x20 || *c >= 0x7F)
            fprintf(to, "\\%03o", *c);
        else
            fputc(*c, to);
    }
    fputc('"', to);
}

static void emit_range(FILE *to, const char *name, const struct driver_range *range)
{
    if (range->first || range->last)
        fprintf(to, ".%s = { %" PRIu64 "u, %" PRIu64 "u }, ", name, range->first, range->last);
}

/* ---- codes ---- */

static size_t codes_number(struct emitter *e, const struct driver_codes *codes)
{
    size_t i = 0;
    while (i < e->n_codes && memcmp(e->codes[i], codes, sizeof *codes) != 0)
        i++;
    if (i == e->n_codes)
        e->codes[e->n_codes++] = codes;
    return i;
}

static void collect_codes(struct emitter *e, const struct driver *d)
{
    for (size_t i = 0; i < d->n_record_rules; i++)
        if (d->rules[i].record->codes)
            codes_number(e, d->rules[i].record->codes);
    for (size_t i = 0; i < d->n_ignored; i++)
        if (d->ignored[i].codes)
            codes_number(e, d->ignored[i].codes);
    for (size_t i = 0; i < d->n_blocks; i++)
        if (d->blocks[i].record && d->blocks[i].record->codes)
            codes_number(e, d->blocks[i].record->codes);
}

static void emit_all_codes(const struct emitter *e)
{
    fprintf(e->to, "static const struct driver_codes codes[] = {\n");
    for (size_t i = 0; i < e->n_codes; i++) {
        fprintf(e->to, "    { { ");
        for (size_t k = 0; k < sizeof e->codes[i]->bits / sizeof e->codes[i]->bits[0]; k++)
            fprintf(e->to, "0x%" PRIx64 "u, ", e->codes[i]->bits[k]);
        fprintf(e->to, "} },\n");
    }
    fprintf(e->to, "    { { 0 } },\n};\n\n");
}

/* ---- parts of a rule ---- */

static void emit_selector(struct emitter *e, const struct driver_selector *s)
{
    fputs("{ ", e->to);
    if (s->codes)
        fprintf(e->to, ".codes = &codes[%zu], ", codes_number(e, s->codes));
    if (s->vib_n) {
        fputs(".vib = { ", e->to);
        for (size_t i = 0; i < s->vib_n; i++)
            fprintf(e->to, "0x%02X, ", s->vib[i]);
        fprintf(e->to, "}, .vib_n = %u, ", s->vib_n);
    }
    fprintf(e->to, ".functions = %u, ", s->functions);
    emit_range(e->to, "storage", &s->storage);
    emit_range(e->to, "tariff", &s->tariff);
    emit_range(e->to, "subunit", &s->subunit);
    if (s->nth)
        fprintf(e->to, ".nth = %u, ", s->nth);
    if (s->n_qualifiers) {
        fprintf(e->to, ".n_qualifiers = %u, .qualifiers = { ", s->n_qualifiers);
        for (size_t i = 0; i < s->n_qualifiers; i++) {
            emit_text(e->to, s->qualifiers[i]);
            fputs(", ", e->to);
        }
        fputs("}, ", e->to);
    }
    fputs("}", e->to);
}

static void emit_selector_pointer(struct emitter *e, const char *name,
                                  const struct driver_selector *s)
{
    if (!s)
        return;
    fprintf(e->to, ".%s = &(const struct driver_selector)", name);
    emit_selector(e, s);
    fputs(", ", e->to);
}

static void emit_conditions(FILE *to, const struct driver_condition *conditions, size_t n)
{
    if (!n)
        return;
    fprintf(to, ".n_conditions = %zu, .conditions = (const struct driver_condition[]){ ", n);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "{ %d, %d, %d, %u, %u }, ", (int)conditions[i].of, (int)conditions[i].test,
                conditions[i].at, conditions[i].mask, conditions[i].value);
    fputs("}, ", to);
}

static void emit_lookup(FILE *to, const struct driver_lookup *lookup)
{
    if (!lookup)
        return;
    fprintf(to, ".lookup = &(const struct driver_lookup){ %d, %d, 0x%" PRIx64 "u, ",
            lookup->is_bits, lookup->is_number, lookup->mask);
    emit_text(to, lookup->rest);
    if (lookup->n) {
        fputs(", (const struct driver_word[]){ ", to);
        for (size_t i = 0; i < lookup->n; i++) {
            fprintf(to, "{ 0x%" PRIx64 "u, ", lookup->words[i].value);
            emit_text(to, lookup->words[i].text);
            fputs(" }, ", to);
        }
        fprintf(to, "}, %zu }, ", lookup->n);
    } else {
        fputs(", NULL, 0 }, ", to);
    }
}

static void emit_calc(FILE *to, const struct driver_calc *calc)
{
    if (!calc)
        return;
    fputs(".calc = &(const struct driver_calc){ (const struct driver_step[]){ ", to);
    for (size_t i = 0; i < calc->n; i++)
        fprintf(to, "{ %d, %.17g, %u }, ", (int)calc->steps[i].kind, calc->steps[i].number,
                calc->steps[i].rule);
    fprintf(to, "}, %zu, %u }, ", calc->n, calc->per);
}

static void emit_bytes(FILE *to, const struct driver_bytes *bytes)
{
    if (bytes->at || bytes->n || bytes->n_bits || bytes->big_endian)
        fprintf(to, ".bytes = { %d, %u, %d, %u, %u }, ", bytes->at, bytes->n, bytes->big_endian,
                bytes->first_bit, bytes->n_bits);
}

static void emit_flags(FILE *to, const struct driver_rule *rule)
{
    const struct {
        bool is;
        const char *name;
    } flags[] = {
        { rule->has_numbers, "has_numbers" },
        { rule->is_hidden, "is_hidden" },
        { rule->is_joined, "is_joined" },
        { rule->may_be_empty, "may_be_empty" },
        { rule->is_raw, "is_raw" },
        { rule->has_invalid, "has_invalid" },
        { rule->invalid_is_empty, "invalid_is_empty" },
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].is)
            fprintf(to, ".%s = true, ", flags[i].name);
}

static void emit_rule(struct emitter *e, const struct driver_rule *rule)
{
    FILE *to = e->to;
    fputs("        { .name = ", to);
    emit_text(to, rule->name);
    fprintf(to, ", .from = %d, .type = %d, .depth = %u, ", (int)rule->from, (int)rule->type,
            rule->depth);
    emit_flags(to, rule);
    fprintf(to, ".time_form = %d, ", (int)rule->time_form);
    if (rule->unit) {
        fputs(".unit = ", to);
        emit_text(to, rule->unit);
        fputs(", ", to);
    }
    fprintf(to, ".multiply = %" PRIu64 "u, .divide = %u, .exp10 = %d, ", rule->multiply,
            rule->divide, rule->exp10);
    if (rule->has_invalid)
        fprintf(to, ".invalid = 0x%" PRIx64 "u, ", rule->invalid);
    emit_selector_pointer(e, "record", rule->record);
    emit_bytes(to, &rule->bytes);
    if (rule->repeat)
        fprintf(to, ".repeat = %u, .step = %u, ", rule->repeat, rule->step);
    if (rule->after)
        fprintf(to, ".after = %u, ", rule->after);
    emit_conditions(to, rule->conditions, rule->n_conditions);
    emit_lookup(to, rule->lookup);
    emit_calc(to, rule->calc);
    fputs("},\n", to);
}

/* ---- a driver ---- */

static void emit_blocks(struct emitter *e, const struct driver *d)
{
    if (!d->n_blocks)
        return;
    fprintf(e->to, "    .n_blocks = %zu,\n    .blocks = (const struct driver_block[]){\n",
            d->n_blocks);
    for (size_t i = 0; i < d->n_blocks; i++) {
        const struct driver_block *b = &d->blocks[i];
        const struct transform *t = b->transform ? transform_find(b->transform_name) : NULL;
        fprintf(e->to, "        { .in = %d, ", (int)b->in);
        emit_selector_pointer(e, "record", b->record);
        if (t)
            fprintf(e->to, ".transform = %s, .transform_name = \"%s\", ", t->symbol, t->name);
        emit_conditions(e->to, b->conditions, b->n_conditions);
        fprintf(e->to, ".first_rule = %u, .n_rules = %u },\n", b->first_rule, b->n_rules);
    }
    fputs("    },\n", e->to);
}

static void emit_meter(FILE *to, const struct driver_meter *meter)
{
    fprintf(to, "{ 0x%04X, 0x%X, 0x%X, 0x%X, 0x%X }, ", meter->manufacturer, meter->version,
            meter->device_type, meter->first_ci, meter->last_ci);
}

static void emit_head(FILE *to, const struct driver *d)
{
    fputs("    .name = ", to);
    emit_text(to, d->name);
    fputs(",\n    .media = ", to);
    emit_text(to, d->media);
    fprintf(to, ",\n    .is_generic = %d,\n", d->is_generic);
    if (d->n_aliases) {
        fprintf(to, "    .n_aliases = %zu,\n    .aliases = (const char *const[]){ ", d->n_aliases);
        for (size_t i = 0; i < d->n_aliases; i++) {
            emit_text(to, d->aliases[i]);
            fputs(", ", to);
        }
        fputs("},\n", to);
    }
    if (d->n_meters) {
        fprintf(to, "    .n_meters = %zu,\n    .meters = (const struct driver_meter[]){ ",
                d->n_meters);
        for (size_t i = 0; i < d->n_meters; i++)
            emit_meter(to, &d->meters[i]);
        fputs("},\n", to);
    }
}

static void emit_index(FILE *to, const struct driver_index *index)
{
    fputs("    .index = &(const struct driver_index){\n        { ", to);
    for (size_t i = 0; i <= DRIVER_GROUPS; i++)
        fprintf(to, "%u, ", index->first[i]);
    fputs("},\n        (const uint16_t[]){ ", to);
    for (size_t i = 0; i < index->first[DRIVER_GROUPS]; i++)
        fprintf(to, "%u, ", index->rules[i]);
    fputs("0 },\n    },\n", to);
}

static void emit_driver(struct emitter *e, const struct driver *d)
{
    FILE *to = e->to;
    fprintf(to, "static const struct driver driver_%s = {\n", d->name);
    emit_head(to, d);
    fprintf(to, "    .n_rules = %zu,\n    .n_record_rules = %zu,\n    .first_other_rule = %zu,\n",
            d->n_rules, d->n_record_rules, d->first_other_rule);
    if (d->n_rules) {
        fputs("    .rules = (const struct driver_rule[]){\n", to);
        for (size_t i = 0; i < d->n_rules; i++)
            emit_rule(e, &d->rules[i]);
        fputs("    },\n", to);
    }
    emit_index(to, d->index);
    emit_blocks(e, d);
    if (d->n_ignored) {
        fprintf(to, "    .n_ignored = %zu,\n    .ignored = (const struct driver_selector[]){\n",
                d->n_ignored);
        for (size_t i = 0; i < d->n_ignored; i++) {
            fputs("        ", to);
            emit_selector(e, &d->ignored[i]);
            fputs(",\n", to);
        }
        fputs("    },\n", to);
    }
    fputs("};\n\n", to);
}

static void emit_table(const struct driver_set *set, FILE *to)
{
    const struct driver_table *t = &set->table;
    fputs("static const struct driver *const all[] = {\n", to);
    for (size_t i = 0; i < t->n; i++)
        fprintf(to, "    &driver_%s,\n", t->drivers[i]->name);
    fputs("    NULL,\n};\n\nstatic const struct driver_detection detections[] = {\n", to);
    for (size_t i = 0; i < t->n_detections; i++) {
        fputs("    { ", to);
        emit_meter(to, &t->detections[i].meter);
        fprintf(to, "&driver_%s },\n", t->detections[i].driver->name);
    }
    fprintf(to,
            "    { { 0 }, NULL },\n};\n\n"
            "const struct driver_table drivers_builtin = { all, %zu, detections, %zu };\n",
            t->n, t->n_detections);
}

void driver_write_c(const struct driver_set *set, FILE *to)
{
    size_t most = 1;
    for (size_t i = 0; i < set->n; i++)
        most += set->entries[i].driver->n_rules + set->entries[i].driver->n_ignored +
                set->entries[i].driver->n_blocks;
    struct emitter e = { .to = to, .codes = calloc(most, sizeof(const struct driver_codes *)) };
    if (!e.codes)
        return;
    fputs("/* Made from decode/meters/ by wmbus-compile-drivers. */\n#include "
          "\"decode/driver.h\"\n\n",
          to);
    for (size_t i = 0; i < set->n; i++)
        collect_codes(&e, set->entries[i].driver);
    emit_all_codes(&e);
    for (size_t i = 0; i < set->n; i++)
        emit_driver(&e, set->entries[i].driver);
    emit_table(set, to);
    free(e.codes);
}

/* ---- shared rules ---- */

static bool emit_file(const char *dir, const char *name, FILE *to, struct err *err)
{
    char path[512], text[1024];
    int c;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *from = fopen(path, "rb");
    if (!from)
        return err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(errno));
    fprintf(to, "    { \"%.*s\",\n", (int)strlen(name) - 5, name);
    while (fgets(text, sizeof text, from)) {
        emit_text(to, text);
        fputc('\n', to);
    }
    fputs("    },\n", to);
    c = ferror(from);
    fclose(from);
    return !c || err_set(err, EXIT_CONFIG, "cannot read %.300s", path);
}

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && n < 64 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".yaml");
}

bool driver_write_shared(const char *dir, FILE *to, struct err *err)
{
    struct dirent **files;
    int n = scandir(dir, &files, is_yaml, alphasort);
    bool ok = n >= 0;
    if (!ok)
        return err_set(err, EXIT_CONFIG, "cannot open %.300s: %s", dir, strerror(errno));
    fputs("/* Made from decode/meters/shared/ by wmbus-compile-drivers. */\n"
          "#include \"apps/drivers/driver_file.h\"\n\n"
          "const struct shared_rules shared_rules_builtin[] = {\n",
          to);
    for (int i = 0; i < n; i++) {
        ok = ok && emit_file(dir, files[i]->d_name, to, err);
        free(files[i]);
    }
    free(files);
    fputs("    { NULL, NULL },\n};\n", to);
    return ok;
}
