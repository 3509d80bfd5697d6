/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/analysis_text.h"

#include <stdlib.h>
#include <unistd.h>

enum { BYTES_A_LINE = 8 };

struct page {
    FILE *to;
    bool in_colour;
    int layer; /* whose heading was printed last; -1: none */
};

static const char *const layers[] = {
    [ANALYSIS_LINK] = "data link layer",
    [ANALYSIS_ELL] = "extended link layer",
    [ANALYSIS_NWL] = "network layer",
    [ANALYSIS_AFL] = "authentication and fragmentation layer",
    [ANALYSIS_TPL] = "transport layer",
    [ANALYSIS_APPLICATION] = "application layer",
    [ANALYSIS_FULL_FRAME] = "the full frame that the compact one stands for, not sent",
};

static const struct {
    char sign;
    const char *colour;
} marks[] = {
    [ANALYSIS_PLAIN] = { ' ', "" },
    [ANALYSIS_DECRYPTED] = { '+', "\033[32m" },
    [ANALYSIS_ENCRYPTED] = { '#', "\033[31m" },
    [ANALYSIS_UNUSED] = { '?', "\033[33m" },
};

bool analysis_wants_colour(FILE *to)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(fileno(to)) && !(no_colour && *no_colour);
}

static void print_heading(struct page *page, enum analysis_layer layer)
{
    if (page->layer == (int)layer)
        return;
    page->layer = (int)layer;
    fprintf(page->to, "%s%s%s\n", page->in_colour ? "\033[1m" : "", layers[layer],
            page->in_colour ? "\033[0m" : "");
}

static void print_bytes(FILE *to, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < BYTES_A_LINE; i++)
        if (i < n)
            fprintf(to, "%02x ", bytes[i]);
        else
            fputs("   ", to);
}

static void print_span(void *context, const struct analysis_span *span)
{
    struct page *page = context;
    const char *colour = page->in_colour ? marks[span->mark].colour : "";
    print_heading(page, span->layer);
    for (size_t i = 0; i < span->n; i += BYTES_A_LINE) {
        fprintf(page->to, "%s%c %3zu  ", colour, marks[span->mark].sign, span->at + i);
        print_bytes(page->to, span->bytes + i, span->n - i);
        if (i == 0)
            fprintf(page->to, " %-8s %s", span->field, span->text);
        fprintf(page->to, "%s\n", *colour ? "\033[0m" : "");
    }
}

static void print_other_readings(const struct page *page, const struct telegram *telegram)
{
    bool any = false;
    for (size_t i = 0; i < telegram->n_readings; i++) {
        char number[DECIMAL_TEXT_SIZE] = "";
        const struct reading *reading = &telegram->readings[i];
        if (reading->from_n)
            continue;
        reading_print(reading, number, sizeof number);
        if (!any)
            fputs("readings of several places, of headers, or calculated\n", page->to);
        fprintf(page->to, "       %s = %s\n", reading->name,
                reading->kind == READING_TEXT ? reading->text : number);
        any = true;
    }
}

void analysis_text(const struct telegram *telegram, FILE *to, bool in_colour)
{
    struct page page = { to, in_colour, -1 };
    analysis_run(telegram, print_span, &page);
    print_other_readings(&page, telegram);
    fprintf(to, "%s, driver %s; + decrypted, # encrypted, ? not used\n",
            decode_status_name(telegram->status), telegram->driver ? telegram->kind : "none");
}
