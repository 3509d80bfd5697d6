/* SPDX-License-Identifier: MIT */
#include "apps/sources/source.h"

#include <string.h>

#include "apps/common/options.h"
#include "apps/sources/live.h"
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

/* What stands behind the name of a kind of device; NULL: another kind. A serial number alone, with
 * its colon, is that of a dongle. */
static const char *address_of(const struct source_type *type, const char *text)
{
    const size_t n = strlen(type->name);
    if (type == &source_rtlsdr && text[0] == ':')
        return text;
    if (strncmp(text, type->name, n) != 0 || (text[n] != ':' && text[n] != '\0'))
        return NULL;
    return text + n + (text[n] == ':');
}

static bool claims(const struct source_type *type, const char *text)
{
    return type->device ? address_of(type, text) != NULL : type->claims(text);
}

static const struct source_type *find(const char *text)
{
    size_t i = 0;
    while (!claims(sources[i], text))
        i++;
    return sources[i];
}

bool source_open(struct source *source, const struct source_config *config, struct err *err)
{
    *source = (struct source){ .type = find(config->text), .name = config->text };
    const struct source_type *type = source->type;
    if (!(type->device
              ? live_open(source, config, type->device, address_of(type, config->text), err)
              : type->open(source, config, err)))
        return false;
    if (config->has_start) {
        source->has_start = true;
        source->start_us = config->start_us;
    }
    return true;
}

bool source_may_be_live(const char *text)
{
    const struct source_type *type = find(text);
    return type->device || type->may_be_live(text);
}

bool source_is_dongle(const char *text)
{
    return find(text) == &source_rtlsdr;
}

bool source_is_device(const char *text)
{
    return find(text)->device != NULL;
}

bool source_read(struct source *source, struct iq_block *block, struct err *err)
{
    return source->type->device ? live_read(source, block) : source->type->read(source, block, err);
}

bool source_set_ppm(struct source *source, int ppm)
{
    return source->type->device && live_set_ppm(source, ppm);
}

void source_close(struct source *source)
{
    if (source->type->device)
        live_close(source);
    else
        source->type->close(source);
}
