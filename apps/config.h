/* SPDX-License-Identifier: MIT
 * The configuration file: YAML with the meters, their names and keys. Messages name file, line and
 * what was expected, and never a value: it could be a key. */
#ifndef APPS_CONFIG_H
#define APPS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "apps/err.h"
#include "decode/decoder.h"

enum {
    CONFIG_MAX_BYTES = 1 << 20,
    CONFIG_MAX_METERS = 10000,
};

struct config {
    struct meter_config *meters;
    size_t n_meters;
    bool keys_exposed; /* the file holds keys, and others can read it              */
};

/* False with *err (exit code 3); config_wipe is then allowed but not needed. */
bool config_load(const char *path, struct config *config, struct err *err);
/* The same for text[n]; path is for messages. */
bool config_parse(const char *text, size_t n, const char *path, struct config *config,
                  struct err *err);
/* Overwrites the keys and frees the meters. */
void config_wipe(struct config *config);

/* 32 hex digits (AES-128) or 16 (DES). */
bool config_key_parse(const char *text, struct meter_key *key);

#endif
