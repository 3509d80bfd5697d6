/* SPDX-License-Identifier: MIT */
#include "apps/sources/recording_name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "apps/common/number.h"
#include "apps/common/utc.h"

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
        if (strlen(formats[i].name) == n && !strncasecmp(formats[i].name, text, n)) {
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

static bool has_unit(const char *word, size_t n)
{
    return strcspn(word, "kKMG") < n || (n > 2 && !memcmp(word + n - 2, "Hz", 2)) ||
           (n > 3 && !memcmp(word + n - 3, "sps", 3));
}

/* A plain number may be a date, a count or seconds since 1970; a centre with its rate behind it, as
 * gqrx writes them, is neither. */
static bool is_plain_pair(double center_hz, double rate_sps)
{
    return center_hz >= 100e6 && center_hz < 1e9 && rate_sps >= 100e3 &&
           rate_sps <= fastest_rate_sps;
}

/* Numbers between underscores, with k, M, G, Hz or sps, or a plain pair. */
static void read_words(const char *base, const char *end, struct recording_name *name)
{
    double before = 0; /* the word before, if it was a plain number */
    while (base < end) {
        size_t n = strcspn(base, "_");
        if (n > (size_t)(end - base))
            n = (size_t)(end - base);
        double number = 0;
        bool is_number = number_parse(base, n, &number);
        bool plain = is_number && strspn(base, "0123456789") >= n;
        if (plain && is_plain_pair(before, number)) {
            take_number(before, name);
            take_number(number, name);
        } else if (is_number && has_unit(base, n)) {
            take_number(number, name);
        }
        before = plain ? number : 0;
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
