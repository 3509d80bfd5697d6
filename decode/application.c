/* SPDX-License-Identifier: MIT */
#include "decode/application.h"

#include <string.h>

#include "decode/dlms.h"
#include "decode/driver_choice.h"
#include "decode/record.h"
#include "decode/record_value.h"
#include "decode/sml.h"

static enum decode_status read_with_driver(const struct application *a, struct telegram *t,
                                           bool has_records)
{
    return driver_read(t, a->crypto, a->meters, has_records, false);
}

static enum decode_status read_records(const struct application *a, struct telegram *t)
{
    t->has_records = true;
    enum decode_status status = read_with_driver(a, t, true);
    if (status == DECODE_OK)
        compact_learn(a->formats, &t->headers);
    return status;
}

/* The records are read from the full frame; the payload stays what was received. */
static enum decode_status read_compact(const struct application *a, struct telegram *t)
{
    uint8_t full[FRAME_MAX_BYTES], received[FRAME_MAX_BYTES];
    size_t n = t->payload_n;
    if (n > sizeof received)
        return DECODE_BAD_LENGTH;
    memcpy(received, t->payload, n);
    size_t full_n = compact_expand(a->formats, received, n, full, &t->full_crc_differs);
    if (full_n == 0)
        return DECODE_WAITING_FORMAT;
    memcpy(t->full, full, full_n);
    t->full_n = full_n;
    memcpy(t->payload, full, full_n);
    t->payload_n = full_n;
    t->has_records = true;
    enum decode_status status = read_with_driver(a, t, true);
    memcpy(t->payload, received, n);
    t->payload_n = n;
    return status;
}

/* ---- what is no records ---- */

static void add_text(struct reading_sink *sink, const char *name, const char *text)
{
    struct reading *reading = reading_sink_next(sink);
    if (!reading)
        return;
    strcpy(reading->name, name);
    strcpy(reading->text, text);
    reading->kind = READING_TEXT;
    reading_sink_accept(sink, strlen(name));
}

static void add_number(struct reading_sink *sink, const char *name, uint8_t number)
{
    struct reading *reading = reading_sink_next(sink);
    if (!reading)
        return;
    strcpy(reading->name, name);
    reading_set_decimal(reading, &(struct decimal){ .digits = number });
    reading_sink_accept(sink, strlen(name));
}

/* Check bytes and fillers of modes 5 and 7 around bytes[*n]. */
static const uint8_t *without_fillers(const uint8_t *bytes, size_t *n)
{
    if (!tpl_starts_2f2f(bytes, *n))
        return bytes;
    while (*n > 2 && bytes[*n - 1] == 0x2F)
        --*n;
    *n -= 2;
    return bytes + 2;
}

/* EN 13757-3:2018 and OMS Volume 2, application errors. The order of those from 10 hex on is in
 * public sources, their numbers are not; the code is told beside the word. */
static const char *error_word(uint8_t code)
{
    static const char *const words[256] = {
        [0x00] = "unspecified",
        [0x01] = "unimplemented_ci",
        [0x02] = "buffer_too_long",
        [0x03] = "too_many_records",
        [0x04] = "premature_end_of_record",
        [0x05] = "too_many_dife",
        [0x06] = "too_many_vife",
        [0x07] = "reserved",
        [0x08] = "application_busy",
        [0x09] = "too_many_readouts",
        [0x10] = "access_denied",
        [0x11] = "application_unknown",
        [0x12] = "bad_parameter",
        [0x13] = "unknown_receiver",
        [0x14] = "decryption_failed",
        [0x15] = "encryption_not_supported",
        [0x16] = "signature_not_supported",
        [0xF0] = "dynamic",
    };
    return words[code] ? words[code] : "other";
}

static void read_error(struct reading_sink *sink, const uint8_t *bytes, size_t n)
{
    uint8_t code = n > 0 ? bytes[0] : 0; /* no data: not specified */
    add_number(sink, "application_error_nr", code);
    add_text(sink, "application_error", error_word(code));
    if (n > 1)
        reading_sink_hex(sink, "application_error_data_hex", bytes + 1, n - 1);
}

static enum decode_status read_other(enum application_kind kind, struct telegram *t)
{
    struct reading_sink sink;
    size_t n = t->payload_n;
    const uint8_t *bytes = without_fillers(t->payload, &n);
    reading_sink_init(&sink, t);
    switch (kind) {
    case APPLICATION_ERROR:
        read_error(&sink, bytes, n);
        break;
    case APPLICATION_ALARM:
        reading_sink_hex(&sink, "alarm_hex", bytes, n);
        break;
    case APPLICATION_DLMS:
        return dlms_read(&sink, bytes, n);
    case APPLICATION_SML:
        return sml_read(&sink, bytes, n);
    case APPLICATION_OTHER:
    case APPLICATION_RECORDS:
    case APPLICATION_COMPACT:
    case APPLICATION_FORMAT:
        break;
    }
    return DECODE_OK;
}

enum decode_status application_read(const struct application *application,
                                    enum application_kind kind, struct telegram *telegram)
{
    enum decode_status status;
    switch (kind) {
    case APPLICATION_RECORDS:
        return read_records(application, telegram);
    case APPLICATION_COMPACT:
        return read_compact(application, telegram);
    case APPLICATION_FORMAT:
        return compact_learn_format(application->formats, telegram->payload, telegram->payload_n)
                   ? DECODE_OK
                   : DECODE_BAD_LENGTH;
    case APPLICATION_OTHER:
    case APPLICATION_ERROR:
    case APPLICATION_ALARM:
    case APPLICATION_DLMS:
    case APPLICATION_SML:
        break;
    }
    /* A driver knows better than the standard what its meter means. */
    status = read_with_driver(application, telegram, false);
    return telegram->n_readings > 0 || status != DECODE_OK ? status : read_other(kind, telegram);
}
