/* SPDX-License-Identifier: MIT
 * The samples that came last, as they left their source. */
#ifndef APPS_OBSERVER_IQ_HISTORY_H
#define APPS_OBSERVER_IQ_HISTORY_H

#include <stdbool.h>
#include <stdio.h>

#include "dsp/iq.h"

struct iq_history;

/* Keeps the last n samples. NULL without memory. */
struct iq_history *iq_history_open(enum iq_format format, size_t n);
void iq_history_close(struct iq_history *history);

void iq_history_push(struct iq_history *history, const void *iq, size_t n);

/* Samples from the first to before the second of these are there, counted from the first push. */
uint64_t iq_history_first(const struct iq_history *history);
uint64_t iq_history_end(const struct iq_history *history);

/* Writes those of samples first ... end - 1 that are there. False with errno. */
bool iq_history_write(const struct iq_history *history, uint64_t first, uint64_t end, FILE *to);

#endif
