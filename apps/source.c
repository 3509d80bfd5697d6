/* SPDX-License-Identifier: MIT */
#include "apps/source.h"

#include "apps/exit_codes.h"

/* The first row that claims a text gets it; the last row claims everything. */
static const struct source_type *const sources[] = {
    &source_file,
};

bool source_open(struct source *source, const struct source_config *config, struct err *err)
{
    *source = (struct source){ 0 };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (sources[i]->claims(config->text)) {
            source->type = sources[i];
            return source->type->open(source, config, err);
        }
    }
    return err_set(err, EXIT_USAGE, "%.200s: no source of this kind", config->text);
}

bool source_read(struct source *source, const void **iq, size_t *n, struct err *err)
{
    return source->type->read(source, iq, n, err);
}

void source_close(struct source *source)
{
    source->type->close(source);
}
