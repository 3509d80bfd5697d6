/* SPDX-License-Identifier: MIT */
#include "apps/observer/burst_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "decode/address.h"

/* ---- words -------------------------------------------------------------------------------- */

static void append(char text[BURST_WHAT_SIZE], size_t *n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int added = vsnprintf(text + *n, BURST_WHAT_SIZE - *n, format, args);
    va_end(args);
    *n += added > 0 ? (size_t)added : 0;
    if (*n >= BURST_WHAT_SIZE)
        *n = BURST_WHAT_SIZE - 1;
}

void burst_text_sender(const struct burst_report *report, char text[BURST_NAME_SIZE])
{
    const struct frame *frame = report->frame;
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1], id[ADDRESS_ID_TEXT + 1];
    text[0] = 0;
    if (!frame || frame->n < 2 + ADDRESS_BYTES)
        return;
    const struct address address = address_from_link(frame->bytes + 2);
    address_manufacturer_text(address.manufacturer, manufacturer);
    address_id_text(address.id, id);
    snprintf(text, BURST_NAME_SIZE, "%s %s", manufacturer, id);
}

static void append_frame(const struct burst_report *r, char text[BURST_WHAT_SIZE], size_t *n)
{
    char sender[BURST_NAME_SIZE];
    burst_text_sender(r, sender);
    if (sender[0])
        append(text, n, ": %s, %zu bytes", sender, r->frame->n);
}

/* Which bits were changed: of the bytes as they were sent, CRCs included, L being byte 0. */
static void append_mended(const struct burst_report *r, char text[BURST_WHAT_SIZE], size_t *n)
{
    if (r->rx.mended == 0)
        return;
    append(text, n, ", mended %d:", r->rx.mended);
    for (size_t k = 0; k < r->trace.n_air; k++)
        if (r->trace.mended[k])
            append(text, n, " byte %zu by %02x", k, r->trace.mended[k]);
}

static void append_why_no_frame(const struct framer_trace *trace, char text[BURST_WHAT_SIZE],
                                size_t *n)
{
    const char *mode = trace->mode ? trace->mode->name : "";
    switch (trace->finding) {
    case FRAMER_NO_HEADER:
        append(text, n, "a sync word of %s, but no header behind it", mode);
        break;
    case FRAMER_BAD_LENGTH:
        append(text, n, "a sync word of %s, but a length that no frame has", mode);
        break;
    case FRAMER_NO_CODE:
    case FRAMER_BAD_BLOCK:
    case FRAMER_DOUBTFUL:
    case FRAMER_RIGHT:
        append(text, n, "a sync word, but nothing of a frame behind it");
    }
}

void burst_text_what(const struct burst_report *r, char text[BURST_WHAT_SIZE])
{
    size_t n = 0;
    switch (r->result) {
    case BURST_TELEGRAM:
        append(text, &n, "telegram");
        append_frame(r, text, &n);
        append_mended(r, text, &n);
        break;
    case BURST_BAD_CRC:
        if (r->trace.finding == FRAMER_DOUBTFUL)
            append(text, &n, "all CRCs right or mended, but too doubtful");
        else
            append(text, &n, "wrong CRC in block %u", r->trace.bad_block);
        append_frame(r, text, &n);
        break;
    case BURST_NO_FRAME:
        append_why_no_frame(&r->trace, text, &n);
        break;
    case BURST_NO_SYNC:
        append(text, &n, "a preamble, but no sync word behind it");
    }
}

/* ---- columns ------------------------------------------------------------------------------ */

enum { N_COLUMNS = 8 };

static const struct column {
    const char *title;
    int width, decimals;
} columns[N_COLUMNS] = {
    { "time s", 12, 6 },  { "offset kHz", 10, 2 }, { "dev kHz", 7, 1 },  { "clock cps", 9, 0 },
    { "Ec/N0 dB", 8, 1 }, { "RSSI dBFS", 9, 1 },   { "sync err", 8, 0 }, { "odds 10^", 8, 1 },
};

static void put(const struct column *column, double value, FILE *to)
{
    if (isfinite(value))
        fprintf(to, "%*.*f  ", column->width, column->decimals, value);
    else
        fprintf(to, "%*s  ", column->width, "-");
}

void burst_text_header(FILE *to)
{
    flockfile(to);
    fprintf(to, "mode  ");
    for (size_t k = 0; k < N_COLUMNS; k++)
        fprintf(to, "%*s  ", columns[k].width, columns[k].title);
    fprintf(to, "what it was\n");
    funlockfile(to);
}

void burst_text_print(const struct burst_report *r, double sample_rate_sps, const char *source,
                      FILE *to)
{
    const bool has_sync = r->result != BURST_NO_SYNC;
    const double values[N_COLUMNS] = {
        r->rx.first_chip_sample / sample_rate_sps,
        (double)r->rx.offset_hz / 1e3,
        (double)r->rx.deviation_hz / 1e3,
        (double)r->rx.chip_rate_cps,
        (double)r->rx.snr_db,
        (double)r->rx.rssi_dbfs,
        has_sync ? r->sync_errors : (double)NAN,
        burst_odds_log10(r),
    };
    char what[BURST_WHAT_SIZE];
    burst_text_what(r, what);
    flockfile(to);
    fprintf(to, "%-4s  ", r->rx.mode ? r->rx.mode : r->channel->name);
    for (size_t k = 0; k < N_COLUMNS; k++)
        put(&columns[k], values[k], to);
    fprintf(to, "%s%s%s\n", what, source ? ", in " : "", source ? source : "");
    funlockfile(to);
}
