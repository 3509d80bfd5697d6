/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "apps/common/number.h"
#include "apps/common/yes_or_no.h"
#include "apps/config/config_reader.h"
#include "base/array_len.h"

static bool is_rate(double value)
{
    return value >= NUMBER_LEAST_SPS;
}

static bool is_gain(double value)
{
    return fabs(value) <= CONFIG_MOST_GAIN_DB;
}

static bool is_ppm(double value)
{
    return fabs(value) <= CONFIG_MOST_PPM;
}

static const struct {
    const char *name;
    size_t offset;
    bool (*check)(double value);
    const char *expected;
} numbers[] = {
    { "frequency", offsetof(struct config_source, center_hz), number_is_hz,
      "frequency: expected Hz, such as 868.625M" },
    { "rate", offsetof(struct config_source, sample_rate_sps), is_rate,
      "rate: expected samples a second, such as 1.6M" },
    { "gain", offsetof(struct config_source, gain_db), is_gain,
      "gain: expected dB, such as 32.8, -100 to 100" },
    { "ppm", offsetof(struct config_source, ppm), is_ppm, "ppm: expected -1000 to 1000" },
};

static bool read_number(struct config_reader *r, const yaml_node_t *at, size_t i,
                        struct config_source *source)
{
    const char *text = config_scalar(at);
    double *value = (double *)((char *)source + numbers[i].offset);
    return (text && number_parse(text, strlen(text), value) && numbers[i].check(*value)) ||
           config_fail_at(r, at, numbers[i].expected);
}

static bool read_bias_tee(struct config_reader *r, const yaml_node_t *at,
                          struct config_source *source)
{
    return yes_or_no_parse(config_scalar(at), &source->bias_tee) ||
           config_fail_at(r, at, "bias_tee: expected yes or no");
}

static bool read_setting(struct config_reader *r, const yaml_node_t *key, const yaml_node_t *at,
                         struct config_source *source)
{
    const char *name = config_scalar(key);
    if (name && strcmp(name, "source") == 0)
        return !source->written.text ? config_copy_text(r, at, &source->written)
                                     : config_fail_at(r, key, "the entry stands twice");
    if (name && strcmp(name, "bias_tee") == 0)
        return read_bias_tee(r, at, source);
    for (size_t i = 0; name && i < ARRAY_LEN(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0)
            return read_number(r, at, i, source);
    return config_fail_at(r, key,
                          "unknown entry: expected source, frequency, rate, gain, ppm or bias_tee");
}

static bool read_settings(struct config_reader *r, const yaml_node_t *item,
                          struct config_source *source)
{
    const yaml_node_pair_t *pair = item->data.mapping.pairs.start;
    for (; pair < item->data.mapping.pairs.top; pair++)
        if (!read_setting(r, config_node(r, pair->key), config_node(r, pair->value), source))
            return false;
    return source->written.text ||
           config_fail_at(r, item, "expected an entry source, such as rtlsdr");
}

static bool add_source(struct config_reader *r, const yaml_node_t *item)
{
    struct config *config = r->config;
    if (config->n_sources >= CONFIG_MAX_SOURCES)
        return config_fail_at(r, item, "sources: expected at most 16");
    struct config_source *source = &config->sources[config->n_sources++];
    *source = (struct config_source){ .center_hz = (double)NAN,
                                      .sample_rate_sps = (double)NAN,
                                      .gain_db = (double)NAN,
                                      .ppm = (double)NAN };
    return item->type == YAML_MAPPING_NODE ? read_settings(r, item, source)
                                           : config_copy_text(r, item, &source->written);
}

bool config_read_sources(struct config_reader *r, const yaml_node_t *node)
{
    return config_read_list(r, node, "sources: expected a list of sources, as on the command line",
                            add_source);
}

static bool add_channel(struct config_reader *r, const yaml_node_t *item)
{
    struct config *config = r->config;
    return config->n_channels < CONFIG_MAX_CHANNELS
               ? config_copy_text(r, item, &config->channels[config->n_channels++])
               : config_fail_at(r, item, "channels: expected at most 32");
}

bool config_read_channels(struct config_reader *r, const yaml_node_t *node)
{
    return config_read_list(r, node, "channels: expected a list such as [T@434.475M]", add_channel);
}
