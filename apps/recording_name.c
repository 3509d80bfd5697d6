/* SPDX-License-Identifier: MIT */
#include "apps/recording_name.h"

#include <ctype.h>
#include <string.h>

#include "apps/number.h"
#include "apps/utc.h"

/* No dongle samples as fast, and none receives as low: rates and frequencies need no order. */
static const double fastest_rate_sps = 20e6;

static const struct {
    const char *name;
    enum iq_format format;
} formats[] = {
    { "cu8", IQ_CU8 },
    { "cs8", IQ_CS8 },
    { "cs16", IQ_CS16 },
    { "cf32", IQ_CF32 },
};

static bool find_format(const char *text, size_t n, enum iq_format *format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strlen(formats[i].name) == n && !memcmp(formats[i].name, text, n)) {
            *format = formats[i].format;
            return true;
        }
    }
    return false;
}

/* The first of each kind counts. */
static void take_number(double number, struct recording_name *name)
{
    double *field = number > fastest_rate_sps ? &name->center_hz : &name->sample_rate_sps;
    if (*field == 0 && number > 0)
        *field = number;
}

/* format[:number[:number]]:path. Without a format in front, there is no prefix. */
static const char *read_prefix(const char *text, struct recording_name *name)
{
    const char *colon = strchr(text, ':');
    if (!colon || !find_format(text, (size_t)(colon - text), &name->format))
        return text;
    name->has_format = true;
    for (int i = 0; i < 2; i++) {
        const char *field = colon + 1, *next = strchr(field, ':');
        double number;
        if (!next || !number_parse(field, (size_t)(next - field), &number))
            break;
        take_number(number, name);
        colon = next;
    }
    return colon + 1;
}

/* Numbers between underscores, only with k, M or G: a plain number may be a date or a count. */
static void read_words(const char *base, const char *end, struct recording_name *name)
{
    while (base < end) {
        size_t n = strcspn(base, "_");
        if (n > (size_t)(end - base))
            n = (size_t)(end - base);
        double number;
        bool scaled = memchr(base, 'k', n) || memchr(base, 'M', n) || memchr(base, 'G', n);
        if (scaled && number_parse(base, n, &number))
            take_number(number, name);
        base += n + 1;
    }
}

void recording_name_parse(const char *text, struct recording_name *name)
{
    *name = (struct recording_name){ 0 };
    name->path = read_prefix(text, name);
    const char *slash = strrchr(name->path, '/');
    const char *base = slash ? slash + 1 : name->path;
    const char *dot = strrchr(base, '.');
    if (dot && isdigit((unsigned char)dot[1])) /* a decimal point */
        dot = NULL;
    if (!name->has_format && dot)
        name->has_format = find_format(dot + 1, strlen(dot + 1), &name->format);
    read_words(base, dot ? dot : base + strlen(base), name);
    name->has_start = utc_find(base, &name->start_us);
}
