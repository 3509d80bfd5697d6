/* SPDX-License-Identifier: MIT
 * wmbus-rx doctor: is there a dongle, may it be used, and how well does it hear; what is wrong, and
 * what to do, in plain words. */
#ifndef APPS_RX_DOCTOR_H
#define APPS_RX_DOCTOR_H

#include "apps/common/options.h"
#include "apps/rx/frequency_error.h"
#include "apps/rx/summary.h"
#include "apps/sources/source.h"

/* What was found out while listening. */
struct examination {
    const struct summary *summary;
    size_t n_meters;
    double worked_s;
    bool live, eight_bits;   /* of the sources    */
    bool recorded;           /* see diagnosis.h   */
    struct ppm_estimate ppm; /* of the last one   */
};

/* Tells of all dongles at this computer, if one of the sources is such. False with *err: there is
 * none, or none that can be used, and what to do. root: see usb_sticks_find. */
bool doctor_look_for_dongles(const char *root, const struct text_list *sources, FILE *to,
                             struct err *err);
/* Tells all that was found. True: all is well. */
bool doctor_judge(const struct examination *found, FILE *to);

#endif
