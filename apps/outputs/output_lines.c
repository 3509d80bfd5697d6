/* SPDX-License-Identifier: MIT */
#include "apps/outputs/output_lines.h"

const struct output_setting output_lines_settings[1] = {
    { "file", "the path of a file", NULL, false },
};

void *output_lines_open(const struct output_spec *spec, const struct output_run *run,
                        struct err *err)
{
    return line_sink_open(spec->values[0], run->live, run->stop, err);
}

void output_lines_report(void *state, struct output_report *report)
{
    report->lost = line_sink_lost(state, &report->trouble, &report->queue_fill);
}

void output_lines_reopen(void *state)
{
    line_sink_reopen(state);
}

bool output_lines_close(void *state, struct err *err)
{
    return line_sink_close(state, err);
}
