/* SPDX-License-Identifier: MIT
 * A date, a date with time, or a time of day, in the meter's own local time. */
#ifndef DECODE_TIME_POINT_H
#define DECODE_TIME_POINT_H

#include <stdbool.h>
#include <stdint.h>

enum time_kind { TIME_DATE, TIME_MINUTES, TIME_SECONDS, TIME_OF_DAY };

/* Fields that the kind does not have are 0. */
struct time_point {
    enum time_kind kind;
    int year, month, day, hour, minute, second;
};

enum { TIME_TEXT_SIZE = 20 };

/* Whether the calendar and the clock have it. */
bool time_is_valid(const struct time_point *time);

/* "YYYY-MM-DD", with " HH:MM" or " HH:MM:SS"; "HH:MM:SS" for a time of day. */
void time_print(const struct time_point *time, char text[TIME_TEXT_SIZE]);

/* Moves a valid time by seconds (at most 10^10 either way), or by months: the last day of a month
 * stays the last day, a day the month does not have becomes its last. Returns false if the result
 * is not in the years 1900 to 2299, or if the kind has no such part. */
bool time_add_seconds(struct time_point *time, int64_t seconds);
bool time_add_months(struct time_point *time, int months);

#endif
