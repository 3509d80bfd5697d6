/* SPDX-License-Identifier: MIT */
#include "apps/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "apps/exit_codes.h"
#include "apps/wipe.h"
#include "apps/yaml_brackets.h"
#include "decode/address.h"
#include "decode/hex.h"

struct reader {
    yaml_document_t document;
    const char *path;
    struct config *config;
    size_t *lines; /* of each meter */
    struct err *err;
};

static bool fail_at(struct reader *r, const yaml_node_t *node, const char *what)
{
    return err_set(r->err, EXIT_CONFIG, "%.200s:%zu: %s", r->path, node->start_mark.line + 1, what);
}

static const char *scalar(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

static yaml_node_t *node_at(struct reader *r, int index)
{
    return yaml_document_get_node(&r->document, index);
}

/* ---- a meter: one row of the table for each entry ---- */

static bool parse_hex(const char *text, uint8_t *bytes, size_t n)
{
    return strlen(text) == 2 * n && hex_bytes(text, bytes, n);
}

bool config_key_parse(const char *text, struct meter_key *key)
{
    size_t n = strlen(text) / 2;
    if ((n != 8 && n != 16) || !parse_hex(text, key->bytes, n))
        return false;
    key->n = n;
    return true;
}

static bool set_name(const char *text, struct meter_config *meter)
{
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof meter->name)
        return false;
    memcpy(meter->name, text, n + 1);
    return true;
}

static bool set_id(const char *text, struct meter_config *meter)
{
    struct address address;
    if (!strcmp(text, "*"))
        return meter->any_id = true;
    if (address_id_parse(text, meter->id))
        return true;
    if (meter->has_manufacturer || meter->has_version || meter->has_device_type ||
        !address_din_parse(text, &address))
        return false;
    memcpy(meter->id, address.id, sizeof meter->id);
    meter->manufacturer = address.manufacturer;
    meter->version = address.version;
    meter->device_type = address.device_type;
    return meter->has_manufacturer = meter->has_version = meter->has_device_type = true;
}

static bool set_manufacturer(const char *text, struct meter_config *meter)
{
    return !meter->has_manufacturer &&
           (meter->has_manufacturer = address_manufacturer_parse(text, &meter->manufacturer));
}

static bool set_version(const char *text, struct meter_config *meter)
{
    return !meter->has_version && (meter->has_version = parse_hex(text, &meter->version, 1));
}

static bool set_type(const char *text, struct meter_config *meter)
{
    return !meter->has_device_type &&
           (meter->has_device_type = parse_hex(text, &meter->device_type, 1));
}

static bool set_driver(const char *text, struct meter_config *meter)
{
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof meter->driver)
        return false;
    memcpy(meter->driver, text, n + 1);
    return true;
}

static bool add_key(const char *text, struct meter_config *meter)
{
    return meter->n_keys < METER_MAX_KEYS && config_key_parse(text, &meter->keys[meter->n_keys]) &&
           ++meter->n_keys;
}

static const struct entry {
    const char *name;
    bool (*set)(const char *text, struct meter_config *meter);
    bool list; /* the value may be a sequence */
    const char *expected;
} entries[] = {
    { "name", set_name, false, "name: expected a text of 1 to 63 bytes" },
    { "id", set_id, false,
      "id: expected 8 hex digits, the 15 characters of a DIN address such as 07ELS3312345678 "
      "(without manufacturer, type and version beside it), or \"*\"" },
    { "manufacturer", set_manufacturer, false,
      "manufacturer: expected three letters, and none in id" },
    { "type", set_type, false, "type: expected two hex digits, and none in id" },
    { "version", set_version, false, "version: expected two hex digits, and none in id" },
    { "driver", set_driver, false, "driver: expected the name of a kind of meter" },
    { "key", add_key, false, "key: expected 32 hex digits (AES) or 16 (DES), at most 8 keys" },
    { "keys", add_key, true,
      "keys: expected a list of at most 8 keys of 32 hex digits (AES) or 16 (DES)" },
};
enum { N_ENTRIES = sizeof entries / sizeof entries[0] };

static bool set_entry(struct reader *r, const struct entry *entry, const yaml_node_t *value,
                      struct meter_config *meter)
{
    const char *text = scalar(value);
    if (!entry->list)
        return (text && entry->set(text, meter)) || fail_at(r, value, entry->expected);
    if (value->type != YAML_SEQUENCE_NODE)
        return fail_at(r, value, entry->expected);
    const yaml_node_item_t *item = value->data.sequence.items.start;
    for (; item < value->data.sequence.items.top; item++) {
        text = scalar(node_at(r, *item));
        if (!text || !entry->set(text, meter))
            return fail_at(r, node_at(r, *item), entry->expected);
    }
    return true;
}

static size_t find_entry(const char *name)
{
    size_t i = 0;
    while (i < N_ENTRIES && (!name || strcmp(entries[i].name, name) != 0))
        i++;
    return i;
}

static bool read_meter(struct reader *r, const yaml_node_t *node, struct meter_config *meter)
{
    bool seen[N_ENTRIES] = { false };
    if (node->type != YAML_MAPPING_NODE)
        return fail_at(r, node, "meter: expected a mapping with id, name, key");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key);
        size_t i = find_entry(scalar(key));
        if (i == N_ENTRIES)
            return fail_at(r, key,
                           "unknown entry of a meter: expected name, id, manufacturer, type, "
                           "version, driver, key or keys");
        if (seen[i])
            return fail_at(r, key, "the entry stands twice in this meter");
        seen[i] = true;
        if (!set_entry(r, &entries[i], node_at(r, pair->value), meter))
            return false;
    }
    if (!seen[find_entry("id")])
        return fail_at(r, node, "meter without id: expected 8 hex digits, or \"*\" for a rule");
    return true;
}

/* ---- all meters ---- */

static bool overlap(bool has_a, bool has_b, unsigned a, unsigned b)
{
    return !has_a || !has_b || a == b;
}

/* Would one telegram fit both? Rules for many may overlap, as long as they differ. */
static bool same_meter(const struct meter_config *a, const struct meter_config *b)
{
    if (a->any_id != b->any_id || memcmp(a->id, b->id, sizeof a->id) != 0)
        return false;
    if (a->any_id && (a->has_manufacturer != b->has_manufacturer ||
                      a->has_version != b->has_version || a->has_device_type != b->has_device_type))
        return false;
    return overlap(a->has_manufacturer, b->has_manufacturer, a->manufacturer, b->manufacturer) &&
           overlap(a->has_version, b->has_version, a->version, b->version) &&
           overlap(a->has_device_type, b->has_device_type, a->device_type, b->device_type);
}

static bool check_unique(struct reader *r, const yaml_node_t *node,
                         const struct meter_config *meter)
{
    const struct config *config = r->config;
    for (size_t i = 0; i < config->n_meters; i++) {
        if (same_meter(&config->meters[i], meter))
            return err_set(r->err, EXIT_CONFIG,
                           "%.200s:%zu: duplicate id: the meter of line %zu has it already",
                           r->path, node->start_mark.line + 1, r->lines[i]);
    }
    return true;
}

/* Not realloc, which would leave keys behind in freed memory. */
static bool make_room(struct reader *r, size_t n)
{
    struct config *config = r->config;
    config->meters = calloc(n, sizeof *config->meters);
    r->lines = calloc(n, sizeof *r->lines);
    return (config->meters && r->lines) || err_set(r->err, EXIT_INTERNAL, "out of memory");
}

static bool read_meters(struct reader *r, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return fail_at(r, node, "meters: expected a list");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    if (n > CONFIG_MAX_METERS)
        return fail_at(r, node, "meters: expected at most 10000");
    if (!make_room(r, n ? n : 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = node_at(r, first[i]);
        struct meter_config *meter = &r->config->meters[i];
        if (!read_meter(r, item, meter) || !check_unique(r, item, meter)) {
            wipe(meter, sizeof *meter);
            return false;
        }
        r->lines[i] = item->start_mark.line + 1;
        r->config->n_meters++;
    }
    return true;
}

static bool read_top(struct reader *r, const yaml_node_t *root)
{
    bool seen = false;
    if (!root || root->type != YAML_MAPPING_NODE)
        return err_set(r->err, EXIT_CONFIG, "%.200s:1: expected a mapping with the entry meters",
                       r->path);
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    for (; pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key);
        const char *name = scalar(key);
        if (name && (!strcmp(name, "sources") || !strcmp(name, "outputs")))
            return fail_at(r, key, "sources and outputs are reserved: expected meters only");
        if (!name || strcmp(name, "meters") != 0)
            return fail_at(r, key, "unknown entry: expected meters");
        if (seen)
            return fail_at(r, key, "meters stands twice");
        seen = true;
        if (!read_meters(r, node_at(r, pair->value)))
            return false;
    }
    return true;
}

/* ---- the file ---- */

static void wipe_document(yaml_document_t *document)
{
    for (yaml_node_t *node = document->nodes.start; node < document->nodes.top; node++)
        if (node->type == YAML_SCALAR_NODE)
            wipe(node->data.scalar.value, node->data.scalar.length);
    yaml_document_delete(document);
}

/* The parser's own buffers hold the text, keys included. */
static void wipe_parser(yaml_parser_t *parser)
{
    wipe(parser->buffer.start, (size_t)(parser->buffer.end - parser->buffer.start));
    wipe(parser->raw_buffer.start, (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
    yaml_parser_delete(parser);
}

/* The problem texts of libyaml are constants and hold nothing of the file. */
static bool fail_syntax(struct reader *r, const yaml_parser_t *parser)
{
    return err_set(r->err, EXIT_CONFIG, "%.200s:%zu: expected YAML: %s", r->path,
                   parser->problem_mark.line + 1, parser->problem ? parser->problem : "unreadable");
}

static bool load_only_document(struct reader *r, yaml_parser_t *parser)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &r->document))
        return fail_syntax(r, parser);
    const yaml_node_t *root = yaml_document_get_root_node(&r->document);
    bool ok = read_top(r, root);
    if (ok && !yaml_parser_load(parser, &second))
        ok = fail_syntax(r, parser);
    else if (ok) {
        if (yaml_document_get_root_node(&second))
            ok = fail_at(r, yaml_document_get_root_node(&second), "expected only one document");
        wipe_document(&second);
    }
    wipe_document(&r->document);
    return ok;
}

bool config_parse(const char *text, size_t n, const char *path, struct config *config,
                  struct err *err)
{
    struct reader r = { .path = path, .config = config, .err = err };
    yaml_parser_t parser;
    *config = (struct config){ 0 };
    if (!yaml_brackets_check(text, n, path, err))
        return false;
    if (!yaml_parser_initialize(&parser))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    bool ok = load_only_document(&r, &parser);
    wipe_parser(&parser);
    free(r.lines);
    if (!ok)
        config_wipe(config);
    return ok;
}

static bool read_whole(int fd, const char *path, char *text, size_t *n, struct err *err)
{
    ssize_t got;
    *n = 0;
    while ((got = read(fd, text + *n, CONFIG_MAX_BYTES + 1 - *n)) > 0)
        *n += (size_t)got;
    if (got < 0)
        return err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(errno));
    if (*n > CONFIG_MAX_BYTES)
        return err_set(err, EXIT_CONFIG, "%.300s: expected at most 1 MiB", path);
    return true;
}

static bool holds_keys(const struct config *config)
{
    for (size_t i = 0; i < config->n_meters; i++)
        if (config->meters[i].n_keys > 0)
            return true;
    return false;
}

bool config_load(const char *path, struct config *config, struct err *err)
{
    struct stat st;
    size_t n = 0;
    *config = (struct config){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set(err, EXIT_CONFIG, "cannot open %.300s: %s", path, strerror(errno));
    char *text = malloc(CONFIG_MAX_BYTES + 1);
    bool ok =
        text ? read_whole(fd, path, text, &n, err) : err_set(err, EXIT_INTERNAL, "out of memory");
    close(fd);
    ok = ok && config_parse(text, n, path, config, err);
    wipe(text, n);
    free(text);
    config->keys_exposed = ok && holds_keys(config) && (st.st_mode & (S_IRGRP | S_IROTH));
    return ok;
}

void config_wipe(struct config *config)
{
    wipe(config->meters, config->n_meters * sizeof *config->meters);
    free(config->meters);
    *config = (struct config){ 0 };
}
