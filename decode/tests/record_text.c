/* SPDX-License-Identifier: MIT */
#include "decode/tests/record_text.h"

#include <stdio.h>
#include <string.h>

#include "decode/tests/hex.h"

static struct telegram telegram;

const char *text_of_payload(const uint8_t *payload, size_t n, enum decode_status *status)
{
    static char text[RECORD_TEXT_SIZE];
    memcpy(telegram.payload, payload, n);
    telegram.payload_n = n;
    telegram.n_readings = 0;
    *status = record_read_all(&telegram);
    char *at = text;
    *at = 0;
    for (size_t i = 0; i < telegram.n_readings; i++) {
        const struct reading *r = &telegram.readings[i];
        char value[DECIMAL_TEXT_SIZE];
        const char *shown = r->kind == READING_TEXT ? r->text : value;
        if (r->kind != READING_TEXT)
            reading_print(r, value, sizeof value);
        at += sprintf(at, "%s%s=%s", i ? ";" : "", r->name, shown);
    }
    return text;
}

const char *text_of_hex(const char *hex, enum decode_status *status)
{
    uint8_t bytes[FRAME_MAX_BYTES];
    return text_of_payload(bytes, bytes_from_hex(hex, bytes, sizeof bytes), status);
}

const struct telegram *last_telegram(void)
{
    return &telegram;
}
