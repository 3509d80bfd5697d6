/* SPDX-License-Identifier: MIT */
#include "apps/common/utc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March on, so that
 * a leap day is the last of its year. */
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

static int days_in(int year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

void utc_format(int64_t t_us, char text[UTC_TEXT_SIZE])
{
    int64_t seconds = t_us / 1000000, us = t_us % 1000000;
    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    int64_t day = seconds / 86400, second = seconds % 86400;
    if (second < 0) {
        second += 86400;
        day--;
    }
    int year = 1970 + (int)(day < 0 ? day / 365 - 1 : day / 366), month = 1;
    while (days_of(year + 1, 1, 1) <= day)
        year++;
    while (month < 12 && days_of(year, month + 1, 1) <= day)
        month++;
    snprintf(text, UTC_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month,
             (int)(day - days_of(year, month, 1)) + 1, (int)(second / 3600),
             (int)(second / 60 % 60), (int)(second % 60), (int)us);
}

/* n digits at *text, which moves behind them; -1 if there are fewer. */
static int digits(const char **text, int n)
{
    int value = 0;
    for (; n > 0; n--, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static void skip_one_of(const char **text, const char *set)
{
    if (**text && strchr(set, **text))
        (*text)++;
}

/* Date and time of day to whole seconds, separators optional; *text moves behind them. */
static bool read_date_time(const char **text, int64_t *t_us)
{
    int year = digits(text, 4);
    skip_one_of(text, "-");
    int month = digits(text, 2);
    skip_one_of(text, "-");
    int day = digits(text, 2);
    skip_one_of(text, "T_- t");
    int hour = digits(text, 2);
    skip_one_of(text, ":-");
    int minute = digits(text, 2);
    skip_one_of(text, ":-");
    int second = digits(text, 2);
    if (year < 1990 || year > 2099 || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59)
        return false;
    *t_us = (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000000;
    return true;
}

static bool read_offset(const char **text, int64_t *offset_us)
{
    *offset_us = 0;
    if (**text == 'Z' || **text == 'z') {
        (*text)++;
        return true;
    }
    int sign = **text == '+' ? 1 : -1;
    if (**text != '+' && **text != '-')
        return false;
    (*text)++;
    int hours = digits(text, 2);
    skip_one_of(text, ":");
    int minutes = digits(text, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return false;
    *offset_us = sign * (int64_t)(hours * 60 + minutes) * 60000000;
    return true;
}

bool utc_parse(const char *text, int64_t *t_us)
{
    int64_t offset_us;
    if (!read_date_time(&text, t_us))
        return false;
    if (*text == '.') {
        int64_t weight = 100000;
        for (text++; isdigit((unsigned char)*text); text++, weight /= 10)
            *t_us += weight * (*text - '0');
    }
    if (!read_offset(&text, &offset_us) || *text)
        return false;
    *t_us -= offset_us;
    return true;
}

bool utc_find(const char *name, int64_t *t_us)
{
    for (const char *at = name; *at; at++) {
        const char *end = at;
        bool inside_a_number = at > name && isdigit((unsigned char)at[-1]);
        if (!inside_a_number && read_date_time(&end, t_us) && !isdigit((unsigned char)*end))
            return true;
    }
    return false;
}
