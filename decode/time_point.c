/* SPDX-License-Identifier: MIT */
#include "decode/time_point.h"

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool time_is_valid(const struct time_point *t)
{
    if (t->hour > 23 || t->minute > 59 || t->second > 59)
        return false;
    if (t->kind == TIME_OF_DAY)
        return true;
    return t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= days_in_month(t->year, t->month);
}

static char *put_two(char *at, char before, int value)
{
    if (before)
        *at++ = before;
    *at++ = (char)('0' + value / 10 % 10);
    *at++ = (char)('0' + value % 10);
    return at;
}

void time_print(const struct time_point *time, char text[TIME_TEXT_SIZE])
{
    char *at = text;
    if (time->kind != TIME_OF_DAY) {
        at = put_two(at, 0, time->year / 100);
        at = put_two(at, 0, time->year % 100);
        at = put_two(at, '-', time->month);
        at = put_two(at, '-', time->day);
    }
    if (time->kind != TIME_DATE) {
        at = put_two(at, time->kind == TIME_OF_DAY ? 0 : ' ', time->hour);
        at = put_two(at, ':', time->minute);
    }
    if (time->kind == TIME_SECONDS || time->kind == TIME_OF_DAY)
        at = put_two(at, ':', time->second);
    *at = 0;
}

/* Days since 0000-03-01 of the Gregorian calendar, whose year then ends with the leap day. */
static long days_of(const struct time_point *t)
{
    long year = t->month > 2 ? t->year : t->year - 1;
    long month = (t->month + 9) % 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + t->day - 1;
}

static void set_days(struct time_point *t, long days)
{
    long century = (4 * days + 3) / 146097;
    long day = days - 146097 * century / 4;
    long year = (4 * day + 3) / 1461;
    day -= 1461 * year / 4;
    long month = (5 * day + 2) / 153;
    t->day = (int)(day - (153 * month + 2) / 5 + 1);
    t->month = (int)(month < 10 ? month + 3 : month - 9);
    t->year = (int)(100 * century + year + (month >= 10));
}

static bool is_in_range(const struct time_point *time)
{
    return time->year >= 1900 && time->year <= 2299;
}

bool time_add_seconds(struct time_point *time, int64_t seconds)
{
    enum { DAY = 86400 };
    if (time->kind == TIME_OF_DAY || (time->kind == TIME_DATE && seconds % DAY))
        return false;
    long of_day = time->hour * 3600L + time->minute * 60L + time->second + (long)(seconds % DAY);
    long days = days_of(time) + (long)(seconds / DAY) + (of_day >= DAY) - (of_day < 0);
    of_day = (of_day + DAY) % DAY;
    set_days(time, days);
    time->hour = (int)(of_day / 3600);
    time->minute = (int)(of_day / 60 % 60);
    time->second = (int)(of_day % 60);
    return is_in_range(time);
}

bool time_add_months(struct time_point *time, int months)
{
    if (time->kind == TIME_OF_DAY)
        return false;
    bool is_last = time->day == days_in_month(time->year, time->month);
    int month = time->year * 12 + time->month - 1 + months;
    if (month < 0)
        return false;
    time->year = month / 12;
    time->month = month % 12 + 1;
    int last = days_in_month(time->year, time->month);
    if (is_last || time->day > last)
        time->day = last;
    return is_in_range(time);
}
