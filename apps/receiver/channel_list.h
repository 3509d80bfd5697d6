/* SPDX-License-Identifier: MIT
 * What is received: modes at the frequencies of the standard, and modes at any other. */
#ifndef APPS_RECEIVER_CHANNEL_LIST_H
#define APPS_RECEIVER_CHANNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "apps/common/err.h"
#include "decode/radio_mode.h"

enum { CHANNEL_LIST_MAX = 32 };

/* One channel: modes that share a physical layer, and where. */
struct channel_choice {
    const struct radio_channel *row;
    double frequency_hz; /* that row->frequency_hz stands for */
    unsigned modes;      /* of the row, see radio_modes_parse */
};

struct channel_list {
    struct channel_choice items[CHANNEL_LIST_MAX];
    size_t n;
};

/* Adds what a text such as "T@434.475M" or "T1,C1@868.95M" says: a channel for each physical layer
 * that the modes have. False with *err, EXIT_USAGE. */
bool channel_list_parse(struct channel_list *list, const char *text, struct err *err);

/* Adds a set of modes at the frequencies of the standard; those that are there already once. */
void channel_list_add_modes(struct channel_list *list, unsigned modes);

/* Does a recording hold it? */
bool channel_fits(const struct channel_choice *channel, double center_hz, double sample_rate_sps);
/* Leaves in *fitting those that do. */
void channel_list_fitting(const struct channel_list *list, double center_hz, double sample_rate_sps,
                          struct channel_list *fitting);

/* "T/C at 868.95 MHz, S at 868.3 MHz", as long as it fits. */
void channel_list_text(const struct channel_list *list, char *text, size_t size);

#endif
