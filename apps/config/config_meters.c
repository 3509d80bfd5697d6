/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/wipe.h"
#include "apps/config/config_reader.h"
#include "apps/telegrams/key_text.h"
#include "decode/address.h"
#include "decode/hex.h"

/* ---- a meter: one row of the table for each entry ---- */

static bool parse_hex(const char *text, uint8_t *bytes, size_t n)
{
    return strlen(text) == 2 * n && hex_bytes(text, bytes, n);
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
    return meter->n_keys < METER_MAX_KEYS && key_text_parse(text, &meter->keys[meter->n_keys]) &&
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
    { "report", NULL, false, "report: expected " TELL_POLICY_EXPECTED },
    { "key", add_key, false, "key: expected 32 hex digits (AES) or 16 (DES), at most 8 keys" },
    { "keys", add_key, true,
      "keys: expected a list of at most 8 keys of 32 hex digits (AES) or 16 (DES)" },
};
enum { N_ENTRIES = sizeof entries / sizeof entries[0] };

static bool set_entry(struct config_reader *r, const struct entry *entry, const yaml_node_t *value,
                      struct meter_config *meter)
{
    const char *text = config_scalar(value);
    struct tell_policy *policy = &r->config->policies[meter - r->config->meters];
    if (!entry->set)
        return (text && tell_policy_parse(text, policy)) ||
               config_fail_at(r, value, entry->expected);
    if (!entry->list)
        return (text && entry->set(text, meter)) || config_fail_at(r, value, entry->expected);
    if (value->type != YAML_SEQUENCE_NODE)
        return config_fail_at(r, value, entry->expected);
    const yaml_node_item_t *item = value->data.sequence.items.start;
    for (; item < value->data.sequence.items.top; item++) {
        text = config_scalar(config_node(r, *item));
        if (!text || !entry->set(text, meter))
            return config_fail_at(r, config_node(r, *item), entry->expected);
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

static bool read_meter(struct config_reader *r, const yaml_node_t *node, struct meter_config *meter)
{
    bool seen[N_ENTRIES] = { false };
    if (node->type != YAML_MAPPING_NODE)
        return config_fail_at(r, node, "meter: expected a mapping with id, name, key");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = config_node(r, pair->key);
        size_t i = find_entry(config_scalar(key));
        if (i == N_ENTRIES)
            return config_fail_at(
                r, key,
                "unknown entry of a meter: expected name, id, manufacturer, type, "
                "version, driver, report, key or keys");
        if (seen[i])
            return config_fail_at(r, key, "the entry stands twice in this meter");
        seen[i] = true;
        if (!set_entry(r, &entries[i], config_node(r, pair->value), meter))
            return false;
    }
    if (!seen[find_entry("id")])
        return config_fail_at(r, node,
                              "meter without id: expected 8 hex digits, or \"*\" for a rule");
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

static bool check_unique(struct config_reader *r, const yaml_node_t *node,
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
static bool make_room(struct config_reader *r, size_t n)
{
    struct config *config = r->config;
    config->meters = calloc(n, sizeof *config->meters);
    config->policies = calloc(n, sizeof *config->policies);
    r->lines = calloc(n, sizeof *r->lines);
    return (config->meters && config->policies && r->lines) ||
           err_set(r->err, EXIT_INTERNAL, "out of memory");
}

bool config_read_meters(struct config_reader *r, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return config_fail_at(r, node, "meters: expected a list");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    if (n > CONFIG_MAX_METERS)
        return config_fail_at(r, node, "meters: expected at most 10000");
    if (!make_room(r, n ? n : 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = config_node(r, first[i]);
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
