/* SPDX-License-Identifier: MIT
 * What is wrong with reception, and what to do, in plain words: from what was counted and measured.
 * A pure function. */
#ifndef APPS_RX_DIAGNOSIS_H
#define APPS_RX_DIAGNOSIS_H

#include "apps/rx/vitals.h"

/* What is looked at. */
struct condition {
    struct receiver_stats radio; /* since the start                                        */
    double seconds;              /* of the stream, since then                              */
    struct vitals vitals;
    bool eight_bits; /* of such samples it is known how little is too little    */
    bool recorded;   /* in a file: it will not become longer                    */
};

struct finding {
    bool (*applies)(const struct condition *condition);
    const char *brief;  /* for a line of a terminal */
    const char *advice; /* a sentence or two        */
};

/* The next thing that is wrong, the gravest first; before: NULL for the first. NULL: nothing more.
 */
const struct finding *diagnosis_next(const struct condition *condition,
                                     const struct finding *before);

#endif
