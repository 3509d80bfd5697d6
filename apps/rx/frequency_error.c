/* SPDX-License-Identifier: MIT */
#include "apps/rx/frequency_error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/telegrams/telegram_json.h"

enum { FIRST_ADDRESS_BYTE = 2, LEAST_BYTES = 10 };

/* How far one meter is off, as is assumed before others are heard. */
static const double prior_ppm = 15;
/* What is less sure is not told. */
static const double most_sure_ppm = 6;
/* Of a normal distribution: the share that is within the standard deviation; error of a median over
 * that of a mean. */
static const double within_deviation = 0.68, of_median = 1.2533;

void frequency_error_add(struct frequency_error *error, const struct frame *frame, double set_ppm)
{
    const uint8_t *address = frame->bytes + FIRST_ADDRESS_BYTE;
    const size_t known = error->n < FREQUENCY_METERS ? (size_t)error->n : FREQUENCY_METERS;
    size_t m = 0;
    if (frame->status != DECODE_OK || frame->n < LEAST_BYTES || !(frame->rx.channel_hz > 0) ||
        !isfinite(frame->rx.offset_hz) || !isfinite(set_ppm))
        return;
    while (m < known &&
           memcmp(error->meters[m].address, address, sizeof error->meters[m].address) != 0)
        m++;
    if (m == known) {
        m = (size_t)(error->n++ % FREQUENCY_METERS);
        memset(&error->meters[m], 0, sizeof error->meters[m]);
        memcpy(error->meters[m].address, address, sizeof error->meters[m].address);
    }
    error->meters[m].ppm[error->meters[m].n++ % FREQUENCY_TELEGRAMS] =
        (float)(set_ppm - (double)frame->rx.offset_hz / frame->rx.channel_hz * 1e6);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Sorts x[n]. */
static double median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare);
    return (x[n / 2] + x[(n - 1) / 2]) / 2;
}

static double median_of_meter(const float *ppm, size_t n)
{
    double x[FREQUENCY_TELEGRAMS];
    for (size_t k = 0; k < n; k++)
        x[k] = (double)ppm[k];
    return median(x, n);
}

/* Of n meters, most of which are within seen_ppm of their median. */
static double sure_ppm(size_t n, double seen_ppm)
{
    const double count = (double)n;
    const double one_ppm =
        sqrt((prior_ppm * prior_ppm + count * seen_ppm * seen_ppm) / (1 + count));
    return of_median * one_ppm / sqrt(count);
}

struct ppm_estimate frequency_error_estimate(const struct frequency_error *error)
{
    double x[FREQUENCY_METERS];
    const size_t n = error->n < FREQUENCY_METERS ? (size_t)error->n : FREQUENCY_METERS;
    if (n == 0)
        return (struct ppm_estimate){ .n_meters = 0 };
    for (size_t m = 0; m < n; m++)
        x[m] = median_of_meter(error->meters[m].ppm, error->meters[m].n < FREQUENCY_TELEGRAMS
                                                         ? (size_t)error->meters[m].n
                                                         : FREQUENCY_TELEGRAMS);
    const double ppm = median(x, n);
    for (size_t m = 0; m < n; m++)
        x[m] = fabs(x[m] - ppm);
    qsort(x, n, sizeof *x, compare);
    const double seen_ppm = x[(size_t)(within_deviation * (double)n)];
    return (struct ppm_estimate){ .n_meters = n, .ppm = ppm, .sure_ppm = sure_ppm(n, seen_ppm) };
}

bool ppm_is_known(const struct ppm_estimate *estimate)
{
    return estimate->n_meters > 0 && estimate->sure_ppm <= most_sure_ppm;
}

size_t ppm_least_meters(void)
{
    size_t n = 1;
    while (sure_ppm(n, 0) > most_sure_ppm)
        n++;
    return n;
}

void ppm_add_json(const struct ppm_estimate *estimate, struct json_object *o)
{
    if (!ppm_is_known(estimate))
        return;
    json_add_rounded(o, "ppm", estimate->ppm, 1);
    json_add_rounded(o, "ppm_sure", estimate->sure_ppm, 1);
}
