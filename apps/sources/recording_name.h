/* SPDX-License-Identifier: MIT
 * What the name of a recording says about it: a prefix such as cu8:868.95M:1600k:FILE, the suffix,
 * and the conventions of rtl_433, rtl-wmbus and gqrx: g001_868.95M_1600k.cu8,
 * rtlsdr_868.950M_1M6_x.cu8, gqrx_20240131_123456_868950000_1600000_fc.cf32. A pure function of the
 * text. */
#ifndef APPS_SOURCES_RECORDING_NAME_H
#define APPS_SOURCES_RECORDING_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/iq.h"

struct recording_name {
    const char *path; /* points into the text, behind the prefix; "-" is standard input         */
    bool has_format;
    enum iq_format format;
    double center_hz; /* 0 = the name does not say                                               */
    double sample_rate_sps;
    bool has_start;   /* a date and time of day in the name                                      */
    int64_t start_us; /* since 1970 UTC                                                          */
};

void recording_name_parse(const char *text, struct recording_name *name);

#endif
