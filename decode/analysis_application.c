/* SPDX-License-Identifier: MIT
 * Application data that are no records of a full frame. */
#include "decode/analysis_state.h"

static void put_compact(struct analysis *a)
{
    if (tpl_starts_2f2f(analysis_here(a), analysis_left(a)))
        analysis_span(a, 2, "2F 2F", "check bytes");
    analysis_span(a, 2, "format", "signature of the headers, which are not sent");
    analysis_span(a, 2, "CRC", "of the full frame");
    analysis_put(a, analysis_left(a), "data", "%s",
                 a->telegram->full_n ? "of the records, see the full frame"
                                     : "of records whose headers are not known");
}

static void put_format(struct analysis *a)
{
    analysis_number(a, 1, "length");
    analysis_span(a, 2, "format", "signature of the headers");
    analysis_span(a, analysis_left(a), "headers", "DIF and VIF of all records");
}

static const char *what_is_it(enum application_kind kind, const struct telegram *t)
{
    switch (kind) {
    case APPLICATION_ERROR:
        return "application error";
    case APPLICATION_ALARM:
        return "alarm";
    case APPLICATION_DLMS:
        return "DLMS";
    case APPLICATION_SML:
        return "SML";
    case APPLICATION_OTHER:
    case APPLICATION_RECORDS:
    case APPLICATION_COMPACT:
    case APPLICATION_FORMAT:
        break;
    }
    return t->n_readings ? "unscrambled by the driver" : NULL;
}

static bool has_origins(const struct telegram *t)
{
    for (size_t i = 0; i < t->n_readings; i++)
        if (t->readings[i].from_n)
            return true;
    return false;
}

void analysis_application(struct analysis *a, enum application_kind kind)
{
    const struct telegram *t = a->telegram;
    const char *whole = has_origins(t) ? NULL : what_is_it(kind, t);
    if (kind == APPLICATION_COMPACT)
        put_compact(a);
    else if (t->has_records)
        analysis_records(a);
    else if (kind == APPLICATION_FORMAT)
        put_format(a);
    else if (whole)
        analysis_span(a, analysis_left(a), "data", whole);
    else
        analysis_fields(a, analysis_left(a), "data");
}
