/* SPDX-License-Identifier: MIT
 * What wmbus-rx is asked for: its options, each a row of a table. */
#ifndef APPS_RX_RX_SETTINGS_H
#define APPS_RX_RX_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/common/err.h"
#include "apps/common/options.h"
#include "apps/config/config_general.h"
#include "apps/observer/observer.h"
#include "apps/receiver/channel_list.h"

struct rx_settings {
    double center_hz, sample_rate_sps; /* NAN: not given */
    double gain_db;                    /* the same       */
    double ppm;
    struct text_list files, outputs, include, exclude;
    const char *config, *zmq, *start_time, *simd, *report;
    struct config_general general; /* what the configuration may say as well */
    unsigned modes;
    struct text_list channel_texts;
    struct channel_list channels;
    unsigned seconds, zmq_wait, block_samples, threads;
    bool check_config, realtime, bias_tee, help, version;
    int64_t start_us;
    bool doctor;
    const char *usb_root; /* see usb_sticks_find */
    bool quiet;           /* no summary at the end                                              */
    double stall_s;       /* end if no samples come for so long; 0: wait                        */
    struct observer_request observe;
};

/* Everything as it is without options. */
struct rx_settings rx_settings_default(void);
/* False with *err (exit code 2): a value that cannot be. Fills modes, channels and
 * start_us. */
bool rx_settings_check(struct rx_settings *settings, struct err *err);

extern const struct program rx_program;

#endif
