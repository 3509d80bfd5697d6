/* SPDX-License-Identifier: MIT */
#include "apps/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/wipe.h"
#include "apps/common/yaml_brackets.h"
#include "apps/config/config_reader.h"
#include "base/array_len.h"

bool config_fail_at(struct config_reader *r, const yaml_node_t *node, const char *what)
{
    return err_set(r->err, EXIT_CONFIG, "%.200s:%zu: %s", r->path, node->start_mark.line + 1, what);
}

const char *config_scalar(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

yaml_node_t *config_node(struct config_reader *r, int index)
{
    return yaml_document_get_node(&r->document, index);
}

bool config_copy_text(struct config_reader *r, const yaml_node_t *node, struct config_text *text)
{
    const char *from = config_scalar(node);
    if (!from || !*from)
        return config_fail_at(r, node, "expected a text that is not empty");
    text->line = node->start_mark.line + 1;
    return (text->text = strdup(from)) || err_set(r->err, EXIT_INTERNAL, "out of memory");
}

bool config_read_list(struct config_reader *r, const yaml_node_t *node, const char *expected,
                      bool (*add)(struct config_reader *r, const yaml_node_t *item))
{
    if (node->type != YAML_SEQUENCE_NODE)
        return config_fail_at(r, node, expected);
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++)
        if (!add(r, config_node(r, *item)))
            return false;
    return true;
}

const char *config_comma_list(struct config_reader *r, const yaml_node_t *node, char *text,
                              size_t size)
{
    size_t n = 0;
    if (node->type != YAML_SEQUENCE_NODE)
        return config_scalar(node);
    text[0] = 0;
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++) {
        const char *word = config_scalar(config_node(r, *item));
        if (!word || strlen(word) + 2 > size - n)
            return NULL;
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", word);
    }
    return text;
}

static bool add_pattern(struct config_reader *r, const yaml_node_t *item,
                        struct meter_patterns *patterns)
{
    const char *text = config_scalar(item);
    return (text && meter_patterns_add(patterns, text)) ||
           config_fail_at(r, item, "expected " METER_PATTERN_EXPECTED ", 256 at most");
}

static bool add_include(struct config_reader *r, const yaml_node_t *item)
{
    return add_pattern(r, item, &r->config->include);
}

static bool add_exclude(struct config_reader *r, const yaml_node_t *item)
{
    return add_pattern(r, item, &r->config->exclude);
}

static bool read_include(struct config_reader *r, const yaml_node_t *node)
{
    return config_read_list(r, node, "include: expected a list", add_include);
}

static bool read_exclude(struct config_reader *r, const yaml_node_t *node)
{
    return config_read_list(r, node, "exclude: expected a list", add_exclude);
}

static bool read_report(struct config_reader *r, const yaml_node_t *node)
{
    const char *text = config_scalar(node);
    return (text && tell_policy_parse(text, &r->config->policy)) ||
           config_fail_at(r, node, "report: expected " TELL_POLICY_EXPECTED);
}

static const struct {
    const char *name;
    bool (*read)(struct config_reader *r, const yaml_node_t *node);
} sections[] = {
    { "meters", config_read_meters },     { "sources", config_read_sources },
    { "outputs", config_read_outputs },   { "include", read_include },
    { "exclude", read_exclude },          { "report", read_report },
    { "channels", config_read_channels },
};

static bool fail_unknown(struct config_reader *r, const yaml_node_t *key)
{
    char text[300] = "unknown entry: expected ";
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? ", " : "",
                 sections[i].name);
    config_general_names(text, sizeof text);
    return config_fail_at(r, key, text);
}

static bool read_entry(struct config_reader *r, const yaml_node_t *key, const yaml_node_t *value)
{
    const char *name = config_scalar(key);
    for (size_t i = 0; name && i < ARRAY_LEN(sections); i++)
        if (strcmp(name, sections[i].name) == 0)
            return sections[i].read(r, value);
    return name && config_is_general(name) ? config_read_general(r, name, value)
                                           : fail_unknown(r, key);
}

/* Of an entry that is known, so that there are few before it. */
static bool stands_twice(struct config_reader *r, const yaml_node_pair_t *first,
                         const yaml_node_pair_t *pair)
{
    const char *name = config_scalar(config_node(r, pair->key));
    while (first < pair && strcmp(name, config_scalar(config_node(r, first->key))) != 0)
        first++;
    return first < pair;
}

static bool read_top(struct config_reader *r, const yaml_node_t *root)
{
    if (!root) /* comments only: all may be left out */
        return true;
    if (root->type != YAML_MAPPING_NODE)
        return err_set(r->err, EXIT_CONFIG,
                       "%.200s:1: expected a mapping of entries such as meters and outputs",
                       r->path);
    const yaml_node_pair_t *first = root->data.mapping.pairs.start;
    for (const yaml_node_pair_t *pair = first; pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = config_node(r, pair->key);
        if (config_scalar(key) && stands_twice(r, first, pair))
            return config_fail_at(r, key, "the entry stands twice");
        if (!read_entry(r, key, config_node(r, pair->value)))
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
static bool fail_syntax(struct config_reader *r, const yaml_parser_t *parser)
{
    return err_set(r->err, EXIT_CONFIG, "%.200s:%zu: expected YAML: %s", r->path,
                   parser->problem_mark.line + 1, parser->problem ? parser->problem : "unreadable");
}

static bool load_only_document(struct config_reader *r, yaml_parser_t *parser)
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
            ok = config_fail_at(r, yaml_document_get_root_node(&second),
                                "expected only one document");
        wipe_document(&second);
    }
    wipe_document(&r->document);
    return ok;
}

bool config_parse(const char *text, size_t n, const char *path, struct config *config,
                  struct err *err)
{
    struct config_reader r = { .path = path, .config = config, .err = err };
    yaml_parser_t parser;
    memset(config, 0, sizeof *config);
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

static bool holds_secrets(const struct config *config)
{
    for (size_t i = 0; i < config->n_meters; i++)
        if (config->meters[i].n_keys > 0)
            return true;
    for (size_t i = 0; i < config->n_outputs; i++)
        for (size_t k = 0; k < config->outputs[i].type->n_settings; k++)
            if (config->outputs[i].type->settings[k].secret && config->outputs[i].values[k])
                return true;
    return false;
}

bool config_load(const char *path, struct config *config, struct err *err)
{
    struct stat st;
    size_t n = 0;
    memset(config, 0, sizeof *config);
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
    config->keys_exposed = ok && holds_secrets(config) && (st.st_mode & (S_IRGRP | S_IROTH));
    return ok;
}

void config_wipe(struct config *config)
{
    wipe(config->meters, config->n_meters * sizeof *config->meters);
    free(config->meters);
    free(config->policies);
    for (size_t i = 0; i < config->n_outputs; i++)
        output_spec_wipe(&config->outputs[i]);
    for (size_t i = 0; i < config->n_sources; i++)
        free(config->sources[i].written.text);
    for (size_t i = 0; i < config->n_channels; i++)
        free(config->channels[i].text);
    config_general_free(&config->general);
    memset(config, 0, sizeof *config);
}
