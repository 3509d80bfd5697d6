/* SPDX-License-Identifier: MIT
 * A line for people at a terminal, while devices or pipes are received: how it goes, or what is
 * wrong. A pure function. */
#ifndef APPS_RX_STATUS_LINE_H
#define APPS_RX_STATUS_LINE_H

#include "apps/rx/diagnosis.h"

struct status_line {
    struct condition condition;
    size_t n_meters;
    double cpu_share;
};

/* Without an end of line. */
void status_line_text(const struct status_line *status, char *text, size_t size);

#endif
