/* SPDX-License-Identifier: MIT
 * Numbers as people write them on a command line and in file names: 868.95M, 1600k, 1.6e6, 1M6. */
#ifndef APPS_COMMON_NUMBER_H
#define APPS_COMMON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Who writes less where a sample rate is expected forgot the M or k. */
enum { NUMBER_LEAST_SPS = 1000 };
/* Is it a radio frequency, and its M not forgotten? */
bool number_is_hz(double value);

/* Reads text[n] whole: decimal digits, a point, an exponent, then k, M or G, then perhaps a unit
 * (Hz, sps); or the rtl_433 way, the letter in the point's place. False if it is anything else. */
bool number_parse(const char *text, size_t n, double *value);

#endif
