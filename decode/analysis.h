/* SPDX-License-Identifier: MIT
 * What each byte of a decoded telegram means, for people who write drivers: its fields one after
 * the other, without gaps, layer by layer. */
#ifndef DECODE_ANALYSIS_H
#define DECODE_ANALYSIS_H

#include "decode/telegram.h"

enum analysis_layer {
    ANALYSIS_LINK,
    ANALYSIS_ELL,
    ANALYSIS_NWL,
    ANALYSIS_AFL,
    ANALYSIS_TPL,
    ANALYSIS_APPLICATION,
    ANALYSIS_FULL_FRAME, /* application data that a compact frame stands for; not sent */
};

enum analysis_mark {
    ANALYSIS_PLAIN,
    ANALYSIS_DECRYPTED,
    ANALYSIS_ENCRYPTED, /* as received */
    ANALYSIS_UNUSED,    /* nobody knows what it means, or it means nothing */
};

/* bytes[n] with one meaning, n > 0. */
struct analysis_span {
    enum analysis_layer layer;
    enum analysis_mark mark;
    size_t
        at; /* of the first byte in the frame without CRCs; of ANALYSIS_FULL_FRAME in the data. */
            /* Data of a message in several frames are counted on behind the last one.         */
    const uint8_t *bytes;
    size_t n;
    const char *field; /* "L", "DIF", "data" ... */
    const char *text;  /* what it means; valid during the call */
};

typedef void analysis_report(void *to, const struct analysis_span *span);

/* Reports the spans of a telegram as decoder_decode left it, in order of their bytes. */
void analysis_run(const struct telegram *telegram, analysis_report *report, void *to);

#endif
