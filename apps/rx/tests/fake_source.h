/* SPDX-License-Identifier: MIT
 * A source that does what a test says, in place of all others. */
#ifndef APPS_RX_TESTS_FAKE_SOURCE_H
#define APPS_RX_TESTS_FAKE_SOURCE_H

#include "apps/rx/listener.h"

/* What one read gives. */
struct fake_step {
    double lost_s, to_s; /* what is left out, and where the samples end; no later: there are none */
    int64_t t_us;
    const char *note; /* NULL: none */
    double queue_fill;
    int wanted_ppm; /* of the job, from now on; 0: as before */
};

struct fake_source {
    struct source opened; /* what it says of itself                          */
    bool may_be_live;
    const uint8_t *samples; /* cu8 */
    const struct fake_step *steps;
    size_t n_steps;
    bool fails;     /* behind the last step */
    bool takes_ppm; /* source_set_ppm does  */
    struct job *job;
    /* what was done with it */
    size_t n_opened, n_closed, n_ppm;
    int ppm;
};

extern struct fake_source fake;

#endif
