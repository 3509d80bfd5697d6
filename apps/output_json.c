/* SPDX-License-Identifier: MIT
 * One JSON object a line on standard output, each line flushed: whoever reads a pipe wants a
 * reading when it arrives. */
#include "apps/output.h"

#include <stdio.h>

#include "apps/telegram_json.h"

static void *open_json(const struct output_config *config, struct err *err)
{
    (void)config;
    (void)err;
    return stdout;
}

static bool write_json(void *state, const struct message *message, struct err *err)
{
    FILE *to = state;
    if (message->kind != MESSAGE_READING)
        return true;
    if (fputs(telegram_json_text(message->json), to) < 0 || fputc('\n', to) < 0 || fflush(to) != 0)
        return err_of_stdout(err);
    return true;
}

static bool close_json(void *state, struct err *err)
{
    return fflush(state) == 0 || err_of_stdout(err);
}

const struct output_type output_json = { "json", open_json, NULL, write_json, close_json };
