/* SPDX-License-Identifier: MIT
 * What the configuration says once for all sources and meters: entries that have the names of the
 * command line's options, with _ for -, and mean the same. */
#ifndef APPS_CONFIG_CONFIG_GENERAL_H
#define APPS_CONFIG_CONFIG_GENERAL_H

#include <stdbool.h>
#include <stddef.h>

/* NULL, 0, false: not said. */
struct config_general {
    const char *modes, *drivers, *formats, *ppm_file, *record_bursts;
    unsigned burst_limit;
    bool auto_ppm, iq_swap, records, obis, all;
};

/* What settings leave open, defaults say; texts stay those of the defaults. */
void config_general_complete(struct config_general *settings,
                             const struct config_general *defaults);
/* Frees texts that the configuration's reader made. */
void config_general_free(struct config_general *general);
/* The names of the entries, each behind a comma, at the end of text. */
void config_general_names(char *text, size_t size);

#endif
