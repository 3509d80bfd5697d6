/* SPDX-License-Identifier: MIT
 * The configuration file: YAML with the meters, their names and keys, sources, outputs, and what is
 * told. Messages name file, line and what was expected, and never a value: it could be a key. */
#ifndef APPS_CONFIG_CONFIG_H
#define APPS_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "apps/common/err.h"
#include "apps/config/config_general.h"
#include "apps/config/selection.h"
#include "apps/outputs/output.h"
#include "decode/decoder.h"

enum {
    CONFIG_MAX_BYTES = 1 << 20,
    CONFIG_MAX_METERS = 10000,
    CONFIG_MAX_SOURCES = 16,
    CONFIG_MAX_CHANNELS = 32,
    CONFIG_MOST_PPM = 1000,    /* an oscillator's error, either way; that of the options, too */
    CONFIG_MOST_GAIN_DB = 100, /* the same                                                    */
};

/* A text as on the command line, which the file's reader does not understand; the line it is on. */
struct config_text {
    char *text;
    size_t line;
};

/* NAN: not said. */
struct config_source {
    struct config_text written;
    double center_hz, sample_rate_sps, gain_db, ppm;
    bool bias_tee;
};

struct config {
    struct meter_config *meters;
    struct tell_policy *policies; /* [n_meters] */
    size_t n_meters;
    struct output_spec outputs[OUTPUTS_MAX];
    size_t n_outputs;
    struct config_source sources[CONFIG_MAX_SOURCES];
    size_t n_sources;
    struct config_text channels[CONFIG_MAX_CHANNELS];
    size_t n_channels;
    struct config_general general;
    struct meter_patterns include, exclude;
    struct tell_policy policy; /* of meters that have none */
    bool keys_exposed;         /* the file holds keys or passwords, and others can read it */
};

/* False with *err (exit code 3); config_wipe is then allowed but not needed. */
bool config_load(const char *path, struct config *config, struct err *err);
/* The same for text[n]; path is for messages. */
bool config_parse(const char *text, size_t n, const char *path, struct config *config,
                  struct err *err);
/* Overwrites keys and passwords and frees all. */
void config_wipe(struct config *config);

#endif
