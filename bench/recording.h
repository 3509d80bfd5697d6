/* SPDX-License-Identifier: MIT
 * A recording in memory. */
#ifndef BENCH_RECORDING_H
#define BENCH_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "apps/common/err.h"
#include "dsp/iq.h"

struct recording {
    enum iq_format format;
    double center_hz, sample_rate_sps;
    uint8_t *bytes;
    size_t n; /* samples */
};

/* A file as wmbus-rx names it; center_hz, sample_rate_sps as in struct source_config. *recording is
 * zero before. False with *err; recording_free is needed in any case. */
bool recording_read(struct recording *recording, const char *text, double center_hz,
                    double sample_rate_sps, struct err *err);
/* n samples of white noise, a standard deviation of ten steps of cu8 on each rail. */
bool recording_make_noise(struct recording *recording, size_t n, double center_hz,
                          double sample_rate_sps, struct err *err);
void recording_free(struct recording *recording);

#endif
