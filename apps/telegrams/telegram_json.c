/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/telegram_json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/utc.h"
#include "apps/common/utf8.h"
#include "apps/telegrams/records_json.h"
#include "decode/address.h"
#include "decode/container.h"
#include "decode/dll.h"
#include "decode/obis.h"
#include "decode/radio_mode.h"
#include "decode/record.h"
#include "decode/security.h"
#include "decode/wired.h"

/* A field of the headers: the key is a literal, and no other field has it. */
static void add(struct json_object *o, const char *key, struct json_object *value)
{
    json_object_object_add_ex(o, key, value,
                              JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
    add(o, key, json_object_new_string(text));
}

/* json-c prints a double by its own text, so that decimals stay as they are. */
static void add_number_text(struct json_object *o, const char *key, const char *text)
{
    add(o, key, json_object_new_double_s(strtod(text, NULL), text));
}

void json_add_rounded(struct json_object *o, const char *key, double value, int digits)
{
    char text[400];
    if (!isfinite(value)) {
        add(o, key, NULL);
        return;
    }
    snprintf(text, sizeof text, "%.*f", digits, value);
    bool negative_zero = text[0] == '-' && !strpbrk(text, "123456789");
    add_number_text(o, key, text + negative_zero);
}

/* Not finer than it was measured, nor than kernels agree that sum in another order. */
static void add_multiple(struct json_object *o, const char *key, double value, double of)
{
    json_add_rounded(o, key, of * round(value / of), 0);
}

struct json_object *json_hex(const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * TELEGRAM_MAX_PAYLOAD];
    assert(n <= sizeof text / 2);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xF];
    }
    return json_object_new_string_len(text, (int)(2 * n));
}

static void add_hex(struct json_object *o, const char *key, const uint8_t *bytes, size_t n)
{
    add(o, key, json_hex(bytes, n));
}

static void add_hex_byte(struct json_object *o, const char *key, uint8_t byte)
{
    add_hex(o, key, &byte, 1);
}

static void add_origin(struct json_object *o, const struct telegram_origin *origin)
{
    char timestamp[UTC_TEXT_SIZE];
    if (origin->has_time)
        json_add_rounded(o, "time_s", origin->time_s, 6);
    if (origin->has_timestamp) {
        utc_format(origin->t_us, timestamp);
        add_text(o, "timestamp", timestamp);
    }
    if (origin->file)
        add(o, "file", json_from_bytes(origin->file));
}

void json_add_reception(struct json_object *o, const struct reception *rx)
{
    if (rx->chip_rate_cps <= 0) /* given as text: nothing was measured */
        return;
    json_add_rounded(o, "rssi_dbfs", (double)rx->rssi_dbfs, 1);
    json_add_rounded(o, "noise_dbfs", (double)rx->noise_dbfs, 1);
    json_add_rounded(o, "snr_db", (double)rx->snr_db, 1);
    add_multiple(o, "channel_hz", rx->channel_hz, 1);
    add_multiple(o, "offset_hz", (double)rx->offset_hz, 10);
    add_multiple(o, "chip_rate_cps", (double)rx->chip_rate_cps, 10);
    add_multiple(o, "deviation_hz", (double)rx->deviation_hz, 100);
    add(o, "mended", json_object_new_int(rx->mended));
}

static void add_copies(struct json_object *o, const struct telegram_origin *origin)
{
    struct json_object *list = json_object_new_array();
    for (size_t k = 0; k < origin->n_copies; k++) {
        struct json_object *copy = json_object_new_object();
        add(copy, "source", json_from_bytes(origin->copies[k].source));
        json_add_reception(copy, origin->copies[k].rx);
        json_object_array_add(list, copy);
    }
    add(o, "receptions", list);
}

static void add_bytes_of_frame(struct json_object *o, const struct frame *frame)
{
    uint8_t wired[WIRED_MAX_BYTES];
    if (frame->format == FRAME_WIRED)
        add_hex(o, "telegram", wired, wired_dress(frame, wired));
    else
        add_hex(o, "telegram", frame->bytes, frame->n);
}

static void add_frame(struct json_object *o, const struct telegram *t, bool format_known)
{
    static const char *const formats[] = {
        [FRAME_A] = "A", [FRAME_B] = "B", [FRAME_WIRED] = "wired"
    };
    const struct frame *frame = &t->frame;
    if (frame->rx.mode)
        add_text(o, "mode", radio_mode_of_telegram(frame->rx.mode, t->c));
    if (format_known)
        add_text(o, "format", formats[frame->format]);
    add_text(o, "direction", t->direction == DIRECTION_TO_METER ? "to_meter" : "from_meter");
    add_bytes_of_frame(o, frame);
    json_add_reception(o, &frame->rx);
}

static void add_link_address(struct json_object *o, const struct telegram *t)
{
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1], id[ADDRESS_ID_TEXT + 1];
    char partner[ADDRESS_DIN_TEXT + 1];
    bool is_ack = t->frame.format == FRAME_WIRED && t->frame.n == WIRED_ACK;
    if (!is_ack)
        add_hex_byte(o, "dll_c", t->c);
    if (t->frame.format == FRAME_WIRED) {
        if (!is_ack)
            add_hex_byte(o, "dll_a", t->primary_address);
        if (!is_ack && dll_function(t->c))
            add_text(o, "dll_function", dll_function(t->c));
        return;
    }
    address_manufacturer_text(t->dll.manufacturer, manufacturer);
    address_id_text(t->dll.id, id);
    add_text(o, "dll_manufacturer", manufacturer);
    add_text(o, "dll_id", id);
    add_hex_byte(o, "dll_version", t->dll.version);
    add_hex_byte(o, "dll_type", t->dll.device_type);
    if (dll_function(t->c))
        add_text(o, "dll_function", dll_function(t->c));
    if (t->dll.manufacturer & MANUFACTURER_SOFT)
        add(o, "dll_soft_address", json_object_new_boolean(true));
    if (t->has_nwl)
        add(o, "network_layer", json_object_new_boolean(true));
    if (t->ell_has_partner) {
        address_din_text(&t->ell_partner, partner);
        add_text(o, "ell_partner", partner);
    }
}

static void add_meter(struct json_object *o, const struct telegram *t)
{
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1], id[ADDRESS_ID_TEXT + 1];
    if (!t->anonymous) {
        address_manufacturer_text(t->meter.manufacturer, manufacturer);
        address_id_text(t->meter.id, id);
        add_text(o, "id", id);
        add_text(o, "manufacturer", manufacturer);
        add_text(o, "media", t->media);
    }
    add_text(o, "meter", t->kind);
    if (t->name)
        add_text(o, "name", t->name);
}

static void add_if(struct json_object *o, const char *key, bool is_so)
{
    if (is_so)
        add(o, key, json_object_new_boolean(true));
}

static void add_security(struct json_object *o, const struct telegram *t)
{
    const char *security = security_name(t);
    add(o, "security_mode", t->security_mode < 0 ? NULL : json_object_new_int(t->security_mode));
    if (security)
        add_text(o, "security", security);
    if (t->has_message_counter)
        add(o, "message_counter", json_object_new_int64(t->message_counter));
    add_if(o, "authenticated", t->authenticated);
    add_if(o, "counter_back", t->counter_back);
    add_if(o, "predecrypted", t->predecrypted);
    add_if(o, "default_key", t->default_key);
    add_if(o, "key_unused", t->key_unused);
    add_if(o, "more_records_follow", t->more_follows);
    add_if(o, "full_crc_differs", t->full_crc_differs);
    add(o, "decrypted", json_object_new_boolean(t->decrypted));
    if (t->status != DECODE_OK)
        add_text(o, "reason", decode_status_name(t->status));
}

struct json_object *json_value(const struct reading *reading)
{
    char number[DECIMAL_TEXT_SIZE];
    switch (reading->kind) {
    case READING_NULL:
        break;
    case READING_NUMBER:
    case READING_REAL:
        reading_print(reading, number, sizeof number);
        return json_object_new_double_s(reading_number(reading), number);
    case READING_TEXT:
        return json_object_new_string(reading->text);
    }
    return NULL;
}

static void add_reading(struct json_object *o, const struct reading *reading)
{
    if (!json_object_object_get_ex(o, reading->name,
                                   NULL)) /* no meter overwrites a header's field */
        json_object_object_add_ex(o, reading->name, json_value(reading),
                                  JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

static void add_obis(struct json_object *o, const struct telegram *t)
{
    struct json_object *codes = json_object_new_object();
    char text[OBIS_TEXT_SIZE];
    add(o, "codes", codes);
    for (size_t i = 0; i < t->n_readings; i++) {
        if (!t->readings[i].has_obis)
            continue;
        obis_text(&t->readings[i].obis, text);
        json_object_object_add(codes, t->readings[i].name, json_object_new_string(text));
    }
}

/* Of the telegrams inside each is told what can be; those in turn inside them stay hex. */
static void add_contained(struct json_object *o, const struct telegram *t,
                          const struct telegram_origin *origin)
{
    const struct telegram_origin inside = { .records = origin->records };
    struct json_object *list = NULL;
    struct telegram contained;
    struct frame frame;
    struct reader reader = record_reader(t);
    while (container_next(&reader, &frame)) {
        if (!list)
            add(o, "contained", list = json_object_new_array());
        decoder_decode(origin->decoder, &frame, origin->t_us, &contained);
        json_object_array_add(list, telegram_json(&contained, &inside, true));
    }
}

struct json_object *telegram_json(const struct telegram *telegram,
                                  const struct telegram_origin *origin, bool readings)
{
    enum { READINGS_FROM = 24 }; /* most telegrams have fewer fields of headers */
    struct json_object *o = json_object_new_object();
    if (!o)
        return NULL;
    /* Room for headers and readings at two thirds full, so that it need not grow three times. */
    lh_table_resize(json_object_get_object(o), (int)(2 * (READINGS_FROM + telegram->n_readings)));
    add(o, "v", json_object_new_int(1));
    add_origin(o, origin);
    add_frame(o, telegram, origin->format_known);
    if (origin->n_copies > 0)
        add_copies(o, origin);
    add_link_address(o, telegram);
    add_meter(o, telegram);
    add_security(o, telegram);
    if (readings && telegram->with_obis)
        add_obis(o, telegram);
    if (readings && origin->records)
        add(o, "records", records_json(telegram));
    if (readings && origin->decoder && telegram->has_records)
        add_contained(o, telegram, origin);
    if (telegram->decrypted) /* behind it stand the readings */
        add_hex(o, "payload", telegram->payload, telegram->payload_n);
    for (size_t i = 0; readings && i < telegram->n_readings; i++)
        add_reading(o, &telegram->readings[i]);
    return o;
}

const char *telegram_json_text(struct json_object *object)
{
    return json_object_to_json_string_ext(object,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

struct json_object *json_from_bytes(const char *bytes)
{
    char *copy = strdup(bytes);
    if (!copy)
        return NULL;
    for (size_t i = 0; copy[i];) {
        size_t n = utf8_length(copy + i);
        if (n == 0)
            copy[i] = '?';
        i += n ? n : 1;
    }
    struct json_object *text = json_object_new_string(copy);
    free(copy);
    return text;
}
