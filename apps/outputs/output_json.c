/* SPDX-License-Identifier: MIT
 * One JSON object a line, each line flushed: whoever reads a pipe wants a reading when it arrives.
 */
#include "apps/outputs/output_lines.h"

static bool write_json(void *state, const struct message *message, struct err *err)
{
    return message->kind != MESSAGE_READING ||
           line_sink_write(state, telegram_json_text(message->json), message->may_wait, err);
}

const struct output_type output_json = {
    .name = "json",
    .help = "an object a line, as without this option",
    .open = output_lines_open,
    .write = write_json,
    OUTPUT_LINES,
};
