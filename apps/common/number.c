/* SPDX-License-Identifier: MIT */
#include "apps/common/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double multiplier(char c)
{
    switch (c) {
    case 'k':
    case 'K':
        return 1e3;
    case 'M':
        return 1e6;
    case 'G':
        return 1e9;
    }
    return 0;
}

static bool is_unit(const char *text)
{
    return !*text || !strcmp(text, "Hz") || !strcmp(text, "sps");
}

/* Digits of text after a multiplier, as in 1M6: the digits behind the point. */
static bool read_fraction(const char *text, double *fraction, const char **end)
{
    double weight = 0.1;
    *fraction = 0;
    for (; isdigit((unsigned char)*text); text++, weight /= 10)
        *fraction += weight * (*text - '0');
    *end = text;
    return is_unit(text);
}

bool number_parse(const char *text, size_t n, double *value)
{
    char copy[40];
    if (n == 0 || n >= sizeof copy || memchr(text, 0, n))
        return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    /* strtod also takes blanks, hexadecimal, "inf" and "nan", which nobody means here. */
    size_t sign = copy[0] == '-' || copy[0] == '+';
    if (!isdigit((unsigned char)copy[sign]) && copy[sign] != '.')
        return false;
    if (strchr("xX", copy[sign + 1]) && copy[sign + 1])
        return false;
    char *rest;
    double number = strtod(copy, &rest);
    const char *end = rest;
    double scale = multiplier(*rest);
    if (rest == copy)
        return false;
    if (scale > 0) {
        double fraction;
        bool whole = !strpbrk(copy, ".eE");
        if (!read_fraction(rest + 1, &fraction, &end) ||
            (!whole && end != rest + 1 && fraction > 0))
            return false;
        number = (number + (copy[0] == '-' ? -fraction : fraction)) * scale;
    }
    if (!is_unit(end) || !isfinite(number))
        return false;
    *value = number;
    return true;
}

bool number_is_hz(double value)
{
    return value >= 1e6 && value <= 100e9;
}
