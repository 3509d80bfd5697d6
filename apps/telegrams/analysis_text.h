/* SPDX-License-Identifier: MIT
 * The analysis of a telegram as text for people, for --analyze. */
#ifndef APPS_TELEGRAMS_ANALYSIS_TEXT_H
#define APPS_TELEGRAMS_ANALYSIS_TEXT_H

#include <stdio.h>

#include "decode/analysis.h"

/* A line for each field, layer by layer, then the readings that have no bytes of their own. */
void analysis_text(const struct telegram *telegram, FILE *to, bool in_colour);

/* Whether people read it who see colours: a terminal, and no NO_COLOR in the environment. */
bool analysis_wants_colour(FILE *to);

#endif
