/* SPDX-License-Identifier: MIT */
#include "apps/sources/source.h"

#include "apps/common/options.h"
#include "base/array_len.h"

/* The first row that claims a text gets it; the last row claims everything. */
static const struct source_type *const sources[] = {
    &source_rtlsdr, &source_rtl_tcp, &source_soapy, &source_sigmf, &source_wav, &source_file,
};

const char source_default[] = "rtlsdr";

void source_print_help(FILE *to)
{
    char left[64];
    fprintf(to, "\nSources:\n");
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        snprintf(left, sizeof left, "  %s", sources[i]->written);
        options_print_row(left, sources[i]->help, to);
    }
}

static const struct source_type *find(const char *text)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(sources) && !sources[i]->claims(text))
        i++;
    return sources[i];
}

bool source_check(const char *text, struct err *err)
{
    const struct source_type *type = find(text);
    return !type->check || type->check(text, err);
}

bool source_open(struct source *source, const struct source_config *config, struct err *err)
{
    *source = (struct source){ .type = find(config->text), .name = config->text };
    if (!source_check(config->text, err) || !source->type->open(source, config, err))
        return false;
    if (config->has_start) {
        source->has_start = true;
        source->start_us = config->start_us;
    }
    return true;
}

bool source_may_be_live(const char *text)
{
    return find(text)->may_be_live(text);
}

bool source_reads(const char *text, const char *path)
{
    const struct source_type *type = find(text);
    return type->reads && type->reads(text, path);
}

bool source_is_dongle(const char *text)
{
    return find(text) == &source_rtlsdr;
}

bool source_is_device(const char *text)
{
    return find(text)->is_device;
}

bool source_read(struct source *source, struct iq_block *block, struct err *err)
{
    return source->type->read(source, block, err);
}

bool source_set_ppm(struct source *source, int ppm)
{
    return source->type->set_ppm && source->type->set_ppm(source, ppm);
}

void source_close(struct source *source)
{
    source->type->close(source);
}

void source_print(const struct source *source, FILE *to)
{
    fprintf(to, "listening to %s%s%s%s at %.6g MHz, %.6g Msps%s%s\n", source->name,
            source->device[0] ? " (" : "", source->device, source->device[0] ? ")" : "",
            source->center_hz / 1e6, source->sample_rate_sps / 1e6,
            source->gain[0] ? ", gain: " : "", source->gain);
    fflush(to);
}
