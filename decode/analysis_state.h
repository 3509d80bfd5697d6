/* SPDX-License-Identifier: MIT
 * What the parts of the analysis share. */
#ifndef DECODE_ANALYSIS_STATE_H
#define DECODE_ANALYSIS_STATE_H

#include "decode/analysis.h"
#include "decode/tpl.h" /* application_kind */

enum { ANALYSIS_TEXT_SIZE = 400 };

/* Bytes that are described from the first to the last. */
struct analysis {
    const struct telegram *telegram;
    analysis_report *report;
    void *to;
    enum analysis_layer layer;
    bool has_ell;
    enum analysis_mark mark; /* of what is known */
    const uint8_t *bytes;
    size_t n, at;    /* at: the next byte */
    size_t offset;   /* of bytes[0] in what the user sees */
    size_t plain_at; /* from here on mark is mark_after   */
    enum analysis_mark mark_after;
    char text[ANALYSIS_TEXT_SIZE];
};

/* The next n bytes, or what is left of them; nothing if that is none. */
void analysis_span(struct analysis *a, size_t n, const char *field, const char *text);
/* The same, text made by printf's rules and cut where it is too long. */
__attribute__((format(printf, 4, 5))) void analysis_put(struct analysis *a, size_t n,
                                                        const char *field, const char *format, ...);
void analysis_unused(struct analysis *a, size_t n, const char *text);

/* The same, with its number, least significant byte first. */
void analysis_number(struct analysis *a, size_t n, const char *field);

static inline const uint8_t *analysis_here(const struct analysis *a)
{
    return a->bytes + a->at;
}

static inline size_t analysis_left(const struct analysis *a)
{
    return a->n - a->at;
}

/* Application data of any kind, up to the end. */
void analysis_application(struct analysis *a, enum application_kind kind);
/* Data records up to the end. */
void analysis_records(struct analysis *a);
/* The next n bytes, of the payload or the full frame, by the readings that were made of them. */
void analysis_fields(struct analysis *a, size_t n, const char *field);

#endif
