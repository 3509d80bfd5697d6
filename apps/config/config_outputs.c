/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/config/config_reader.h"

/* The output's own words, behind the place. */
static bool fail_as_said(struct config_reader *r, const yaml_node_t *node)
{
    const struct err said = *r->err;
    return config_fail_at(r, node, said.text);
}

/* KIND of KIND:ARG. */
static bool init_kind(struct config_reader *r, const yaml_node_t *node, const char *text,
                      struct output_spec *spec)
{
    char kind[16] = "", kinds[100], expected[sizeof kinds + 40];
    size_t n = strcspn(text, ":");
    if (n < sizeof kind)
        memcpy(kind, text, n);
    if (output_spec_init(spec, kind))
        return true;
    output_kinds(kinds, sizeof kinds);
    snprintf(expected, sizeof expected, "no output of this kind: expected %s", kinds);
    return config_fail_at(r, node, expected);
}

static bool set_text(struct config_reader *r, const yaml_node_t *node, const char *arguments,
                     struct output_spec *spec)
{
    return output_spec_set_all(spec, arguments, true, r->err) || fail_as_said(r, node);
}

static bool set_all(struct config_reader *r, const yaml_node_t *node, struct output_spec *spec)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = config_node(r, pair->key), *at = config_node(r, pair->value);
        const char *name = config_scalar(key), *value = config_scalar(at);
        if (!name || !value)
            return config_fail_at(r, key, "expected a setting and its value");
        if (!output_spec_set(spec, name, value, r->err))
            return fail_as_said(r, at);
    }
    return true;
}

/* KIND, KIND:ARG, or a mapping of KIND to ARG or to settings. */
static bool read_spec(struct config_reader *r, const yaml_node_t *item, struct output_spec *spec)
{
    const char *text = config_scalar(item);
    if (text)
        return init_kind(r, item, text, spec) &&
               (!strchr(text, ':') || set_text(r, item, strchr(text, ':') + 1, spec));
    const yaml_node_pair_t *pair = item->data.mapping.pairs.start;
    if (item->type != YAML_MAPPING_NODE || item->data.mapping.pairs.top - pair != 1 ||
        !(text = config_scalar(config_node(r, pair->key))))
        return config_fail_at(r, item,
                              "output: expected its kind, such as json, or its kind with settings, "
                              "such as mqtt: { host: localhost }");
    const yaml_node_t *value = config_node(r, pair->value);
    if (strchr(text, ':') || !init_kind(r, item, text, spec))
        return strchr(text, ':') ? config_fail_at(r, item, "output: expected its kind") : false;
    if (value->type == YAML_MAPPING_NODE)
        return set_all(r, value, spec);
    return config_scalar(value) ? set_text(r, value, config_scalar(value), spec)
                                : config_fail_at(r, value, "output: expected a text, or settings");
}

bool config_read_outputs(struct config_reader *r, const yaml_node_t *node)
{
    struct config *config = r->config;
    if (node->type != YAML_SEQUENCE_NODE)
        return config_fail_at(r, node, "outputs: expected a list");
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++) {
        const yaml_node_t *at = config_node(r, *item);
        if (config->n_outputs >= OUTPUTS_MAX)
            return config_fail_at(r, at, "outputs: expected at most 16");
        struct output_spec *spec = &config->outputs[config->n_outputs];
        memset(spec, 0, sizeof *spec);
        bool ok = read_spec(r, at, spec);
        config->n_outputs += spec->type != NULL; /* to be wiped in any case */
        if (!ok)
            return false;
        if (!output_spec_check(spec, r->err))
            return fail_as_said(r, at);
    }
    return true;
}
