/* SPDX-License-Identifier: MIT */
#include "apps/output.h"

#include <string.h>

#include "apps/exit_codes.h"

static const struct output_type *const types[] = {
    &output_json,
    &output_zmq,
};

bool outputs_add(struct outputs *outputs, const char *type, const struct output_config *config,
                 struct err *err)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i]->name, type) != 0 || outputs->n >= OUTPUTS_MAX)
            continue;
        void *state = types[i]->open(config, err);
        if (!state)
            return false;
        outputs->items[outputs->n].type = types[i];
        outputs->items[outputs->n++].state = state;
        return true;
    }
    return err_set(err, EXIT_INTERNAL, "no output of the kind %s", type);
}

unsigned outputs_wait(const struct outputs *outputs, unsigned n, int limit_ms)
{
    unsigned fewest = n;
    for (size_t i = 0; i < outputs->n; i++) {
        const struct output_type *type = outputs->items[i].type;
        unsigned there = type->wait ? type->wait(outputs->items[i].state, n, limit_ms) : n;
        if (there < fewest)
            fewest = there;
    }
    return fewest;
}

bool outputs_write(const struct outputs *outputs, const struct message *message, struct err *err)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (!outputs->items[i].type->write(outputs->items[i].state, message, err))
            return false;
    return true;
}

bool outputs_close(struct outputs *outputs, struct err *err)
{
    bool ok = true;
    struct err ignored;
    for (size_t i = 0; i < outputs->n; i++)
        ok &= outputs->items[i].type->close(outputs->items[i].state, ok ? err : &ignored);
    outputs->n = 0;
    return ok;
}
