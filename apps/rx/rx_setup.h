/* SPDX-License-Identifier: MIT
 * What wmbus-rx works with, set up from its options and its configuration. */
#ifndef APPS_RX_RX_SETUP_H
#define APPS_RX_RX_SETUP_H

#include "apps/config/config.h"
#include "apps/drivers/driver_file.h"
#include "apps/drivers/format_file.h"
#include "apps/rx/rx_settings.h"
#include "apps/sources/source.h"

struct rx_setup {
    const struct rx_settings *settings;
    const char *me; /* the program's name, for warnings */
    struct config config;
    bool configured_sources; /* settings->files are those of the configuration */
    struct driver_set drivers;
    struct decoder *decoder;
    struct format_list formats;
    struct selection selection;
    struct outputs outputs;
};

/* Reads the configuration; what the options leave open, it says, and settings are checked then.
 * False with *err; rx_setup_close in any case. */
bool rx_setup_load(struct rx_setup *setup, struct rx_settings *settings, const char *me,
                   struct err *err);
/* Source i of settings->files, with what the options say of it, else the configuration; ppm NAN if
 * neither does. */
struct source_config rx_setup_source(const struct rx_setup *setup, size_t i);
/* What was read, in a line on standard output. False with *err as err_of_stdout. */
bool rx_setup_tell(const struct rx_setup *setup, struct err *err);
/* Opens everything else. */
bool rx_setup_open(struct rx_setup *setup, struct err *err);
/* Reads meters and selection again; if false with *err, they are as before. */
bool rx_setup_reload(struct rx_setup *setup, struct err *err);
/* Closes all that is open, and wipes the keys. False with *err if something was lost. */
bool rx_setup_close(struct rx_setup *setup, struct err *err);

/* May samples come in real time? */
bool rx_setup_is_live(const struct rx_setup *setup);

#endif
