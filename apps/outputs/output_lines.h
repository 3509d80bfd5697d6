/* SPDX-License-Identifier: MIT
 * What the outputs have in common that write lines to standard output or to a file: their state is
 * a line_sink. */
#ifndef APPS_OUTPUTS_OUTPUT_LINES_H
#define APPS_OUTPUTS_OUTPUT_LINES_H

#include "apps/outputs/line_sink.h"
#include "apps/outputs/output.h"

/* The row of an output of lines, but for name, help, open and write. */
#define OUTPUT_LINES                                                                               \
    .argument = "[:FILE]", .settings = output_lines_settings, .n_settings = 1, .to_stdout = true,  \
    .report = output_lines_report, .reopen = output_lines_reopen, .close = output_lines_close

extern const struct output_setting output_lines_settings[1];
void *output_lines_open(const struct output_spec *spec, const struct output_run *run,
                        struct err *err);
void output_lines_report(void *state, struct output_report *report);
void output_lines_reopen(void *state);
bool output_lines_close(void *state, struct err *err);

#endif
