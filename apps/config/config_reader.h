/* SPDX-License-Identifier: MIT
 * What the parts of the configuration's reader share. Messages never hold a value of the file: it
 * could be a key. */
#ifndef APPS_CONFIG_CONFIG_READER_H
#define APPS_CONFIG_CONFIG_READER_H

#include <yaml.h>

#include "apps/config/config.h"

struct config_reader {
    yaml_document_t document;
    const char *path;
    struct config *config;
    size_t *lines; /* of each meter */
    struct err *err;
};

/* False with *err: path, line of the node, what. */
bool config_fail_at(struct config_reader *r, const yaml_node_t *node, const char *what);
/* NULL: no scalar, or a zero in it. */
const char *config_scalar(const yaml_node_t *node);
yaml_node_t *config_node(struct config_reader *r, int index);

/* A copy of a text that is not empty. */
bool config_copy_text(struct config_reader *r, const yaml_node_t *node, struct config_text *text);
/* What a text or a list of texts says, with commas between: [T, C] is T,C. NULL if it is none, or
 * longer than text[size]. */
const char *config_comma_list(struct config_reader *r, const yaml_node_t *node, char *text,
                              size_t size);
/* A list, each item of which is given to add. */
bool config_read_list(struct config_reader *r, const yaml_node_t *node, const char *expected,
                      bool (*add)(struct config_reader *r, const yaml_node_t *item));

/* Is it an entry of config_general.h? */
bool config_is_general(const char *name);
/* Its value into r->config->general, or false with *err. */
bool config_read_general(struct config_reader *r, const char *name, const yaml_node_t *at);

/* The values of the entries meters, sources, channels, outputs; each adds to r->config, or false
 * with *err. */
bool config_read_meters(struct config_reader *r, const yaml_node_t *node);
bool config_read_sources(struct config_reader *r, const yaml_node_t *node);
bool config_read_channels(struct config_reader *r, const yaml_node_t *node);
bool config_read_outputs(struct config_reader *r, const yaml_node_t *node);

#endif
