/* SPDX-License-Identifier: MIT
 * Driver files as a whole: for which meters, shared rules, and the index of the rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/yes_or_no.h"
#include "apps/drivers/driver_reader.h"
#include "decode/address.h"
#include "decode/driver_select.h"
#include "decode/meter_list.h"

enum { MOST_SHARED = 4 /* shared rules within shared rules */ };

/* ---- shared rules ---- */

static bool read_body(struct driver_reader *r, struct driver_source *s, const yaml_node_t *root);

static bool use_text(struct driver_reader *r, const char *text, size_t n, const char *path)
{
    struct driver_source s = { .path = path };
    if (!reader_load(text, n, &s, r->err))
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
    if (!(own = reader_copy(r, path)) || !reader_read_file(path, &text, &n, r->err))
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
    return !node || yes_or_no_parse(reader_text(node), &r->driver.is_generic) ||
           reader_fail(r, s, node, "generic: expected yes or no");
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

bool read_driver(struct driver_reader *r, struct driver_source *s, struct driver_entry *entry)
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
