/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/yaml_brackets.h"
#include "apps/drivers/driver_reader.h"
#include "decode/address.h"

/* ---- what all parts use ---- */

bool reader_fail(struct driver_reader *r, const struct driver_source *s, const yaml_node_t *node,
                 const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return err_set(r->err, EXIT_CONFIG, "%.200s:%zu: %s", s->path,
                   node ? node->start_mark.line + 1 : 1, text);
}

bool reader_no_memory(struct driver_reader *r)
{
    return err_set(r->err, EXIT_CONFIG, "the drivers need more than %d MiB of memory",
                   DRIVER_SET_MAX_BYTES >> 20);
}

const char *reader_text(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

yaml_node_t *reader_node(struct driver_source *s, int index)
{
    return yaml_document_get_node(&s->document, index);
}

yaml_node_t *reader_entry(struct driver_source *s, const yaml_node_t *mapping, const char *name)
{
    if (mapping->type != YAML_MAPPING_NODE)
        return NULL;
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
    for (; pair < mapping->data.mapping.pairs.top; pair++) {
        const char *key = reader_text(reader_node(s, pair->key));
        if (key && !strcmp(key, name))
            return reader_node(s, pair->value);
    }
    return NULL;
}

static bool is_listed(const char *names, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = names; n && (at = strstr(at, name)); at += n)
        if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

bool reader_check_entries(struct driver_reader *r, struct driver_source *s,
                          const yaml_node_t *mapping, const char *names)
{
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
    for (; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = reader_node(s, pair->key);
        const char *name = reader_text(key);
        if (!name || !is_listed(names, name))
            return reader_fail(r, s, key, "unknown entry %.40s: expected one of %s",
                               name ? name : "", names);
        if (reader_entry(s, mapping, name) != reader_node(s, pair->value))
            return reader_fail(r, s, key, "%s stands twice", name);
    }
    return true;
}

char *reader_copy(struct driver_reader *r, const char *text)
{
    char *copy = arena_text(&r->set->arena, text, strlen(text));
    if (!copy)
        reader_no_memory(r);
    return copy;
}

/* ---- the file ---- */

bool reader_load(const char *text, size_t n, struct driver_source *s, struct err *err)
{
    yaml_parser_t parser;
    if (!yaml_brackets_check(text, n, s->path, err))
        return false;
    if (!yaml_parser_initialize(&parser))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    bool ok = yaml_parser_load(&parser, &s->document);
    if (!ok)
        err_set(err, EXIT_CONFIG, "%.200s:%zu: expected YAML: %s", s->path,
                parser.problem_mark.line + 1, parser.problem ? parser.problem : "unreadable");
    yaml_parser_delete(&parser);
    const yaml_node_t *root = ok ? yaml_document_get_root_node(&s->document) : NULL;
    if (ok && (!root || root->type != YAML_MAPPING_NODE)) {
        yaml_document_delete(&s->document);
        ok = err_set(err, EXIT_CONFIG, "%.200s:1: expected a mapping with driver, meters, fields",
                     s->path);
    }
    return ok;
}

bool reader_read_file(const char *path, char **text, size_t *n, struct err *err)
{
    FILE *file = fopen(path, "rb");
    *text = file ? malloc(DRIVER_FILE_MAX_BYTES + 1) : NULL;
    if (!*text) {
        int why = file ? ENOMEM : errno;
        if (file)
            fclose(file);
        err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(why));
        return false;
    }
    *n = fread(*text, 1, DRIVER_FILE_MAX_BYTES + 1, file);
    const bool bad = ferror(file);
    const int why = errno;
    fclose(file);
    if (!bad && *n <= DRIVER_FILE_MAX_BYTES)
        return true;
    free(*text);
    return bad ? err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(why))
               : err_set(err, EXIT_CONFIG, "%.300s: expected at most 256 KiB", path);
}

/* ---- sets ---- */

static bool make_room(struct driver_set *set, struct err *err)
{
    if (set->n == DRIVER_SET_MAX)
        return err_set(err, EXIT_CONFIG, "expected at most %d drivers", DRIVER_SET_MAX);
    if (!set->entries)
        set->entries = calloc(DRIVER_SET_MAX, sizeof *set->entries);
    return set->entries || err_set(err, EXIT_INTERNAL, "out of memory");
}

static bool parse(struct driver_set *set, struct driver_reader *r, struct driver_source *s,
                  struct driver_entry *entry)
{
    r->drafts = calloc(DRIVER_MAX_RULES, sizeof *r->drafts);
    bool ok =
        r->drafts ? read_driver(r, s, entry) : err_set(r->err, EXIT_INTERNAL, "out of memory");
    free(r->drafts);
    set->n += ok;
    return ok;
}

bool driver_set_parse(struct driver_set *set, const char *text, size_t n, const char *path,
                      struct err *err)
{
    char dir[512] = ".";
    const char *slash = strrchr(path, '/');
    if (slash)
        snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    struct driver_reader r = { .set = set, .err = err, .dir = dir };
    struct driver_source s = { .path = arena_text(&set->arena, path, strlen(path)) };
    if (!s.path)
        return reader_no_memory(&r);
    if (!make_room(set, err) || !reader_load(text, n, &s, err))
        return false;
    struct driver_entry *entry = &set->entries[set->n];
    *entry = (struct driver_entry){ .path = s.path };
    bool ok = parse(set, &r, &s, entry);
    yaml_document_delete(&s.document);
    return ok;
}

void driver_set_init(struct driver_set *set, const struct shared_rules *shared)
{
    *set = (struct driver_set){ .arena = { .most = DRIVER_SET_MAX_BYTES }, .shared = shared };
}

bool driver_set_load(struct driver_set *set, const char *path, struct err *err)
{
    char *text;
    size_t n;
    if (!reader_read_file(path, &text, &n, err))
        return false;
    bool ok = driver_set_parse(set, text, n, path, err);
    free(text);
    return ok;
}

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".yaml");
}

bool driver_set_load_dir(struct driver_set *set, const char *dir, struct err *err)
{
    struct dirent **files;
    int n = scandir(dir, &files, is_yaml, alphasort);
    bool ok = n >= 0;
    if (!ok)
        return err_set(err, EXIT_CONFIG, "cannot open %.300s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        char path[512];
        int length = snprintf(path, sizeof path, "%s/%s", dir, files[i]->d_name);
        if (ok && (length < 0 || (size_t)length >= sizeof path))
            ok = err_set(err, EXIT_CONFIG, "%.300s: the name is too long", dir);
        ok = ok && driver_set_load(set, path, err);
        free(files[i]);
    }
    free(files);
    return ok;
}

static size_t count_meters(const struct driver_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->entries[i].driver->n_meters;
    return n;
}

static bool check_names(const struct driver_set *set, struct err *err)
{
    for (size_t i = 0; i < set->n; i++) {
        struct driver_table before = { set->table.drivers, i, NULL, 0 };
        const struct driver *d = set->entries[i].driver;
        const struct driver *other = driver_find(&before, d->name);
        for (size_t k = 0; !other && k < d->n_aliases; k++)
            other = driver_find(&before, d->aliases[k]);
        if (other)
            return err_set(err, EXIT_CONFIG,
                           "%.200s:1: the driver %s has that name or alias already",
                           set->entries[i].path, other->name);
    }
    return true;
}

static bool check_meters(const struct driver_detection *all, size_t n, struct err *err)
{
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1];
    for (size_t i = 1; i < n; i++) {
        if (driver_compare_detections(&all[i - 1], &all[i]) != 0)
            continue;
        address_manufacturer_text(all[i].meter.manufacturer, manufacturer);
        return err_set(err, EXIT_CONFIG, "drivers %s and %s both are for %s %02X %02X",
                       all[i - 1].driver->name, all[i].driver->name, manufacturer,
                       all[i].meter.version & 0xFFu, all[i].meter.device_type & 0xFFu);
    }
    return true;
}

bool driver_set_finish(struct driver_set *set, struct err *err)
{
    size_t n = count_meters(set), at = 0;
    const struct driver **drivers =
        arena_alloc(&set->arena, set->n + 1, sizeof(const struct driver *));
    struct driver_detection *all = arena_alloc(&set->arena, n + 1, sizeof *all);
    if (!drivers || !all)
        return err_set(err, EXIT_CONFIG, "the drivers need too much memory");
    for (size_t i = 0; i < set->n; i++) {
        drivers[i] = set->entries[i].driver;
        for (size_t k = 0; k < drivers[i]->n_meters; k++)
            all[at++] = (struct driver_detection){ drivers[i]->meters[k], drivers[i] };
    }
    qsort(all, n, sizeof *all, driver_compare_detections);
    set->table = (struct driver_table){ drivers, set->n, all, n };
    return check_names(set, err) && check_meters(all, n, err);
}

void driver_set_free(struct driver_set *set)
{
    arena_free(&set->arena);
    free(set->entries);
    set->entries = NULL;
    set->n = 0;
}
