/* SPDX-License-Identifier: MIT */
#include "apps/driver_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/driver_reader.h"
#include "apps/exit_codes.h"
#include "decode/address.h"
#include "decode/driver_select.h"
#include "decode/meter_list.h"

enum { MOST_SHARED = 4 /* shared rules within shared rules */ };

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

/* libyaml's time grows with the square of the brackets that are open at once. */
static bool check_brackets(const char *text, size_t n, const char *path, struct err *err)
{
    enum { MOST_OPEN = 100 };
    int open_brackets = 0;
    size_t line = 1;
    for (size_t i = 0; i < n && open_brackets <= MOST_OPEN; i++) {
        line += text[i] == '\n';
        open_brackets += text[i] == '[' || text[i] == '{';
        if (open_brackets > 0)
            open_brackets -= text[i] == ']' || text[i] == '}';
    }
    return open_brackets <= MOST_OPEN ||
           err_set(err, EXIT_CONFIG, "%.200s:%zu: expected at most %d open brackets", path, line,
                   MOST_OPEN);
}

/* The caller deletes the document if true. */
static bool load_document(const char *text, size_t n, struct driver_source *s, struct err *err)
{
    yaml_parser_t parser;
    if (!check_brackets(text, n, s->path, err))
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

/* The caller frees *text. */
static bool read_file(const char *path, char **text, size_t *n, struct err *err)
{
    FILE *file = fopen(path, "rb");
    *text = file ? malloc(DRIVER_FILE_MAX_BYTES + 1) : NULL;
    if (!*text) {
        int why = file ? ENOMEM : errno;
        if (file)
            fclose(file);
        return err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(why));
    }
    *n = fread(*text, 1, DRIVER_FILE_MAX_BYTES + 1, file);
    bool bad = ferror(file);
    fclose(file);
    if (!bad && *n <= DRIVER_FILE_MAX_BYTES)
        return true;
    free(*text);
    return err_set(err, EXIT_CONFIG,
                   bad ? "cannot read %.300s" : "%.300s: expected at most 256 KiB", path);
}

/* ---- shared rules ---- */

static bool read_body(struct driver_reader *r, struct driver_source *s, const yaml_node_t *root);

static bool use_text(struct driver_reader *r, const char *text, size_t n, const char *path)
{
    struct driver_source s = { .path = path };
    if (!load_document(text, n, &s, r->err))
        return false;
    const yaml_node_t *root = yaml_document_get_root_node(&s.document);
    r->n_taken_before = r->n_taken;
    bool ok = reader_check_entries(r, &s, root, "use fields ignore") && read_body(r, &s, root);
    yaml_document_delete(&s.document);
    return ok;
}

static bool use_file(struct driver_reader *r, const char *name)
{
    char path[512], *text, *own;
    size_t n;
    int length = snprintf(path, sizeof path, "%s/shared/%s.yaml", r->dir, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return err_set(r->err, EXIT_CONFIG, "%.200s: the name is too long", r->dir);
    if (!(own = reader_copy(r, path)) || !read_file(path, &text, &n, r->err))
        return false;
    bool ok = use_text(r, text, n, own);
    free(text);
    return ok;
}

static bool use(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node)
{
    const char *name = reader_text(node);
    if (!name || !*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
        return reader_fail(r, s, node, "use: expected names of shared rules");
    for (const struct shared_rules *shared = r->set->shared; shared && shared->name; shared++)
        if (!strcmp(shared->name, name))
            return use_text(r, shared->text, strlen(shared->text), name);
    return use_file(r, name);
}

static bool use_all(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "use: expected a list of names");
    if (r->depth == MOST_SHARED)
        return reader_fail(r, s, node, "use: shared rules use each other too deeply");
    r->depth++;
    bool ok = true;
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; ok && item < node->data.sequence.items.top; item++)
        ok = use(r, s, reader_node(s, *item));
    r->depth--;
    return ok;
}

/* ---- a driver ---- */

static bool read_ignored(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "ignore: expected a list of records");
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++) {
        const yaml_node_t *record = reader_node(s, *item);
        const char *text = reader_text(record);
        if (r->n_ignored == sizeof r->ignored / sizeof r->ignored[0])
            return reader_fail(r, s, record, "ignore: expected at most 64");
        const char *wrong =
            text ? read_selector(text, &r->ignored[r->n_ignored++], r) : "expected a record";
        if (wrong)
            return reader_fail(r, s, record, "ignore: %s", wrong);
    }
    return true;
}

/* Own fields first, so that shared ones of the same name give way. */
static bool read_body(struct driver_reader *r, struct driver_source *s, const yaml_node_t *root)
{
    yaml_node_t *fields = reader_entry(s, root, "fields");
    yaml_node_t *blocks = reader_entry(s, root, "blocks");
    const yaml_node_t *ignore = reader_entry(s, root, "ignore");
    const yaml_node_t *shared = reader_entry(s, root, "use");
    return (!fields || read_fields(r, s, fields, 0)) && (!blocks || read_blocks(r, s, blocks)) &&
           (!ignore || read_ignored(r, s, ignore)) && (!shared || use_all(r, s, shared));
}

static bool is_driver_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && !name[n] && n < METER_DRIVER_SIZE && strcmp(name, DRIVER_NONE) != 0;
}

static bool hex_or_any(const char *text, uint16_t *value)
{
    if (!strcmp(text, "*")) {
        *value = DRIVER_ANY;
        return true;
    }
    if (strlen(text) != 2 || strspn(text, "0123456789abcdefABCDEF") != 2)
        return false;
    *value = (uint16_t)strtoul(text, NULL, 16);
    return true;
}

static bool manufacturer_or_any(const char *text, uint16_t *manufacturer)
{
    if (!strcmp(text, "*")) {
        *manufacturer = DRIVER_ANY;
        return true;
    }
    return address_manufacturer_parse(text, manufacturer);
}

/* Perhaps "ci A0-A7" behind the address. */
static bool read_ci(const char **at, struct driver_meter *meter)
{
    char word[64], *end;
    meter->first_ci = 0;
    meter->last_ci = 0xFF;
    if (!reader_word(at, word))
        return true;
    if (strcmp(word, "ci") != 0 || !reader_word(at, word) || strlen(word) != 5 || word[2] != '-' ||
        strspn(word, "0123456789ABCDEFabcdef-") != 5)
        return false;
    meter->first_ci = (uint8_t)strtoul(word, &end, 16);
    meter->last_ci = (uint8_t)strtoul(word + 3, NULL, 16);
    return end == word + 2 && meter->first_ci <= meter->last_ci && !reader_word(at, word);
}

static bool read_meter(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node,
                       struct driver_meter *meter)
{
    char manufacturer[64], version[64], type[64];
    const char *at = reader_text(node);
    if (!at || !reader_word(&at, manufacturer) || !reader_word(&at, version) ||
        !reader_word(&at, type) || !manufacturer_or_any(manufacturer, &meter->manufacturer) ||
        !hex_or_any(version, &meter->version) || !hex_or_any(type, &meter->device_type) ||
        !read_ci(&at, meter))
        return reader_fail(r, s, node,
                           "meters: expected manufacturer, version and type, such as KAM 1B 16, "
                           "KAM * 16 or HYD * 07 ci A0-A7");
    return true;
}

static bool read_meters(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "meters: expected a list");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    struct driver_meter *meters = arena_alloc(&r->set->arena, n + 1, sizeof *meters);
    if (!meters)
        return reader_no_memory(r);
    for (size_t i = 0; i < n; i++)
        if (!read_meter(r, s, reader_node(s, first[i]), &meters[i]))
            return false;
    r->driver.meters = meters;
    r->driver.n_meters = n;
    return true;
}

static bool read_aliases(struct driver_reader *r, struct driver_source *s, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "aliases: expected a list");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    const char **aliases = arena_alloc(&r->set->arena, n + 1, sizeof *aliases);
    if (!aliases)
        return reader_no_memory(r);
    for (size_t i = 0; i < n; i++) {
        const char *text = reader_text(reader_node(s, first[i]));
        if (!text || !is_driver_name(text))
            return reader_fail(r, s, node, "aliases: expected names of small letters and digits");
        if (!(aliases[i] = reader_copy(r, text)))
            return false;
    }
    r->driver.aliases = aliases;
    r->driver.n_aliases = n;
    return true;
}

static bool read_generic(struct driver_reader *r, struct driver_source *s, const yaml_node_t *root)
{
    const yaml_node_t *node = reader_entry(s, root, "generic");
    const char *text = node ? reader_text(node) : NULL;
    r->driver.is_generic = text && !strcmp(text, "yes");
    return !node || r->driver.is_generic || reader_fail(r, s, node, "generic: expected yes");
}

static bool read_head(struct driver_reader *r, struct driver_source *s, const yaml_node_t *root)
{
    yaml_node_t *name = reader_entry(s, root, "driver"), *media = reader_entry(s, root, "media");
    const yaml_node_t *meters = reader_entry(s, root, "meters");
    const yaml_node_t *aliases = reader_entry(s, root, "aliases");
    const char *text = name ? reader_text(name) : NULL;
    if (!text || !is_driver_name(text))
        return reader_fail(r, s, name ? name : root,
                           "driver: expected a name of small letters and digits");
    if (!(r->driver.name = reader_copy(r, text)))
        return false;
    if (media) {
        if (!reader_text(media))
            return reader_fail(r, s, media, "media: expected a text");
        if (!(r->driver.media = reader_copy(r, reader_text(media))))
            return false;
    }
    return read_generic(r, s, root) && (!meters || read_meters(r, s, meters)) &&
           (!aliases || read_aliases(r, s, aliases));
}

static bool keep_ignored(struct driver_reader *r)
{
    struct driver_selector *all = arena_alloc(&r->set->arena, r->n_ignored + 1, sizeof *all);
    if (!all)
        return reader_no_memory(r);
    memcpy(all, r->ignored, r->n_ignored * sizeof *all);
    r->driver.ignored = all;
    r->driver.n_ignored = r->n_ignored;
    return true;
}

static size_t fill_index(const struct driver *driver, uint16_t first[DRIVER_GROUPS + 1],
                         uint16_t *rules)
{
    size_t n = 0;
    for (size_t group = 0; group < DRIVER_GROUPS; group++) {
        first[group] = (uint16_t)n;
        for (size_t i = 0; i < driver->n_record_rules; i++) {
            if (!driver_selects_group(driver->rules[i].record, group))
                continue;
            if (rules)
                rules[n] = (uint16_t)i;
            n++;
        }
    }
    first[DRIVER_GROUPS] = (uint16_t)n;
    return n;
}

/* At most DRIVER_MAX_RULES rules in DRIVER_GROUPS groups: fewer than 2^16. */
static bool make_index(struct driver_reader *r)
{
    struct driver_index *index = arena_alloc(&r->set->arena, 1, sizeof *index);
    if (!index)
        return reader_no_memory(r);
    size_t n = fill_index(&r->driver, index->first, NULL);
    uint16_t *rules = arena_alloc(&r->set->arena, n + 1, sizeof *rules);
    if (!rules)
        return reader_no_memory(r);
    fill_index(&r->driver, index->first, rules);
    index->rules = rules;
    r->driver.index = index;
    return true;
}

static bool read_driver(struct driver_reader *r, struct driver_source *s,
                        struct driver_entry *entry)
{
    const yaml_node_t *root = yaml_document_get_root_node(&s->document);
    yaml_node_t *tests = reader_entry(s, root, "tests");
    if (!reader_check_entries(
            r, s, root, "driver aliases media generic meters use fields blocks ignore tests") ||
        !read_head(r, s, root) || !read_body(r, s, root) || !keep_ignored(r) || !finish_rules(r) ||
        !make_index(r) || (tests && !read_tests(r, s, tests, entry)))
        return false;
    struct driver *driver = arena_alloc(&r->set->arena, 1, sizeof *driver);
    if (!driver)
        return reader_no_memory(r);
    *driver = r->driver;
    entry->driver = driver;
    return true;
}

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
    if (!make_room(set, err) || !load_document(text, n, &s, err))
        return false;
    struct driver_entry *entry = &set->entries[set->n];
    *entry = (struct driver_entry){ .path = s.path };
    bool ok = parse(set, &r, &s, entry);
    yaml_document_delete(&s.document);
    return ok;
}

/* ---- sets ---- */

void driver_set_init(struct driver_set *set, const struct shared_rules *shared)
{
    *set = (struct driver_set){ .arena = { .most = DRIVER_SET_MAX_BYTES }, .shared = shared };
}

bool driver_set_load(struct driver_set *set, const char *path, struct err *err)
{
    char *text;
    size_t n;
    if (!read_file(path, &text, &n, err))
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
    const struct driver **drivers = arena_alloc(&set->arena, set->n + 1, sizeof *drivers);
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
