/* SPDX-License-Identifier: MIT
 * By how much a source's oscillator is wrong, from all meters heard: theirs are wrong as well, each
 * by some ppm, so the median over meters counts, of the median of what each sent last. */
#ifndef APPS_RX_FREQUENCY_ERROR_H
#define APPS_RX_FREQUENCY_ERROR_H

#include <json-c/json.h>

#include "decode/frame.h"

enum { FREQUENCY_METERS = 128, FREQUENCY_TELEGRAMS = 7 };

struct frequency_error {
    struct {
        uint8_t address[8]; /* M-field and A-field (EN 13757-4:2019, 12.5)          */
        float ppm[FREQUENCY_TELEGRAMS];
        uint64_t n; /* telegrams heard: the last ones are kept                      */
    } meters[FREQUENCY_METERS];
    uint64_t n; /* of meters, over all time: when there are more, the oldest goes   */
};

/* The error as -p and librtlsdr have it: positive if the oscillator is fast, and so what is
 * received seems too low. */
struct ppm_estimate {
    size_t n_meters;      /* 0: nothing is known                        */
    double ppm, sure_ppm; /* the true value lies within that as a rule  */
};

/* A frame, if it is a telegram; set_ppm: what the source was corrected by when it came; NAN: nobody
 * knows, and it does not count. */
void frequency_error_add(struct frequency_error *error, const struct frame *frame, double set_ppm);
struct ppm_estimate frequency_error_estimate(const struct frequency_error *error);
/* Is it worth to be told, or kept? */
bool ppm_is_known(const struct ppm_estimate *estimate);
/* Fewer meters never tell it, however well they agree. */
size_t ppm_least_meters(void);
/* Adds it to an object of the message "stats", if it is known. */
void ppm_add_json(const struct ppm_estimate *estimate, struct json_object *o);

#endif
