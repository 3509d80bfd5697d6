/* SPDX-License-Identifier: MIT
 * Telegrams as people and programs write them, a line each: hex, a line of rtl_wmbus
 * (T1;1;1;time;rssi;rssi;id;0xHEX), or a JSON object with telegram and perhaps key, n, prior,
 * driver. */
#ifndef APPS_TELEGRAMS_TELEGRAM_TEXT_H
#define APPS_TELEGRAMS_TELEGRAM_TEXT_H

#include <json-c/json.h>

#include "decode/decoder.h"
#include "decode/frame.h"

enum {
    TELEGRAM_TEXT_MAX_LINE = 1 << 16, /* bytes of a line                                     */
    TELEGRAM_TEXT_MAX_PRIOR = 16,
};

struct telegram_text {
    struct frame frame;
    bool format_known; /* the CRCs were there                                                   */
    bool has_key;
    struct meter_key key;
    char driver[METER_DRIVER_SIZE]; /* "" = by the address                                   */
    struct json_object *n; /* the number given with it, to be echoed; NULL: none            */
    /* telegrams that were received before, from which a format may be learnt */
    struct frame prior[TELEGRAM_TEXT_MAX_PRIOR];
    size_t n_prior;
};

/* Reads line[n]. Returns NULL, or why it cannot be understood, a constant that holds nothing of the
 * line. *text is filled as far as it was understood, n first; telegram_text_deinit then. */
const char *telegram_text_parse(const char *line, size_t n, struct telegram_text *text);
/* Frees n and overwrites the key. */
void telegram_text_deinit(struct telegram_text *text);

#endif
