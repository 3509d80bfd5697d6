/* SPDX-License-Identifier: MIT
 * What was counted, every minute, and events: an object a line, for a file beside that of the
 * telegrams. */
#include "apps/outputs/output_lines.h"

static bool write_stats(void *state, const struct message *message, struct err *err)
{
    return (message->kind != MESSAGE_STATS && message->kind != MESSAGE_EVENT) ||
           line_sink_write(state, telegram_json_text(message->json), message->may_wait, err);
}

const struct output_type output_stats = {
    .name = "stats",
    .help = "what was counted, every minute, and events: an object a\n"
            "line, as on ZeroMQ sockets and MQTT brokers",
    .open = output_lines_open,
    .write = write_stats,
    OUTPUT_LINES,
};
