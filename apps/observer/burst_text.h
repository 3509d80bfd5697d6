/* SPDX-License-Identifier: MIT
 * Reports of bursts for people: a line each, in columns. */
#ifndef APPS_OBSERVER_BURST_TEXT_H
#define APPS_OBSERVER_BURST_TEXT_H

#include <stdio.h>

#include "apps/receiver/burst_report.h"

enum { BURST_NAME_SIZE = 24, BURST_WHAT_SIZE = 512 };

/* The line above the columns. */
void burst_text_header(FILE *to);
/* source: its name, if there are several; else NULL. */
void burst_text_print(const struct burst_report *report, double sample_rate_sps, const char *source,
                      FILE *to);

/* Who sent it, "SEN 33225544"; "" if that could not be read. */
void burst_text_sender(const struct burst_report *report, char text[BURST_NAME_SIZE]);
/* What came of it, and if nothing, why. */
void burst_text_what(const struct burst_report *report, char text[BURST_WHAT_SIZE]);

#endif
