/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/telegram_text.h"

#include <math.h>
#include <string.h>

#include "apps/common/wipe.h"
#include "apps/telegrams/key_text.h"
#include "decode/dll.h"
#include "decode/hex.h"
#include "decode/radio_mode.h"

static const char *read_hex(const char *text, size_t n_text, struct frame *frame, bool *had_crcs)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES]; /* no wired frame is as long */
    size_t n = 0;
    switch (hex_read(text, n_text, bytes, sizeof bytes, &n)) {
    case HEX_OK:
        break;
    case HEX_NO_DIGIT:
        return "expected hex digits, a line of rtl_wmbus or a JSON object";
    case HEX_TOO_LONG:
        return "the telegram is longer than 290 bytes";
    case HEX_ODD:
        return "the number of hex digits is odd";
    }
    switch (dll_guess(bytes, n, frame)) {
    case DECODE_OK:
        *had_crcs = frame->format == FRAME_WIRED || frame->n < n;
        return NULL;
    case DECODE_BAD_CRC:
        return frame->format == FRAME_WIRED ? "the checksum of the wired frame is wrong"
                                            : "a CRC of the data link layer is wrong";
    default:
        return "not a telegram of wireless M-Bus, nor of wired: too short or too long";
    }
}

/* The mode's constant name, NULL if there is none such. */
static const char *mode_name(const char *text, size_t n)
{
    for (size_t i = 0; i < n_radio_modes; i++)
        if (strlen(radio_modes[i].name) == n && !memcmp(radio_modes[i].name, text, n))
            return radio_modes[i].name;
    return NULL;
}

/* mode;crc ok;3 of 6 ok;time;rssi;rssi;id;0xHEX. With its option -a, rtl_wmbus names its algorithm
 * in front. */
static const char *read_rtl_wmbus(const char *line, size_t n, struct telegram_text *text)
{
    enum { FIELDS = 9 };
    const char *fields[FIELDS];
    size_t lengths[FIELDS], n_fields = 0;
    const char *mode = NULL;
    for (const char *at = line; at <= line + n && n_fields < FIELDS; n_fields++) {
        const char *end = memchr(at, ';', (size_t)(line + n - at));
        fields[n_fields] = at;
        lengths[n_fields] = (size_t)((end ? end : line + n) - at);
        at += lengths[n_fields] + 1;
    }
    size_t first = 0;
    while (first < 2 && first < n_fields && !(mode = mode_name(fields[first], lengths[first])))
        first++;
    if (!mode || n_fields != first + 8)
        return "expected a line of rtl_wmbus: mode;1;1;time;rssi;rssi;id;0xHEX";
    for (size_t flag = first + 1; flag <= first + 2; flag++)
        if (lengths[flag] != 1 || fields[flag][0] != '1')
            return "rtl_wmbus says that the telegram has errors";
    const char *problem =
        read_hex(fields[first + 7], lengths[first + 7], &text->frame, &text->format_known);
    text->frame.rx.mode = mode;
    return problem;
}

/* A string without NUL, or NULL. */
static const char *string_of(struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string))
        return NULL;
    const char *text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

static const char *read_key(struct json_object *key, struct telegram_text *text)
{
    if (!key) /* null */
        return NULL;
    const char *hex = string_of(key);
    text->has_key = hex && key_text_parse(hex, &text->key);
    return text->has_key ? NULL : "key: expected 32 hex digits (AES) or 16 (DES)";
}

/* What is no name of a driver is taken for none. */
static void read_driver(struct json_object *driver, struct telegram_text *text)
{
    const char *name = driver ? string_of(driver) : NULL;
    if (name && strlen(name) < sizeof text->driver)
        memcpy(text->driver, name, strlen(name) + 1);
}

static const char *read_prior(struct json_object *prior, struct telegram_text *text)
{
    static const char expected[] = "prior: expected a list of at most 16 telegrams as hex";
    if (!prior)
        return NULL;
    if (!json_object_is_type(prior, json_type_array) ||
        json_object_array_length(prior) > TELEGRAM_TEXT_MAX_PRIOR)
        return expected;
    for (size_t i = 0; i < json_object_array_length(prior); i++) {
        bool had_crcs;
        const char *hex = string_of(json_object_array_get_idx(prior, i));
        if (!hex || read_hex(hex, strlen(hex), &text->prior[text->n_prior], &had_crcs))
            return expected;
        text->n_prior++;
    }
    return NULL;
}

/* json-c also reads NaN and Infinity, which are no JSON, and the nearest of 64 bits for a longer
 * whole number; null is as if not there. */
static const char *read_n(struct json_object *n, struct telegram_text *text)
{
    bool ok = !json_object_is_type(n, json_type_array) && !json_object_is_type(n, json_type_object);
    if (json_object_is_type(n, json_type_double))
        ok = isfinite(json_object_get_double(n));
    if (json_object_is_type(n, json_type_int))
        ok = json_object_get_int64(n) > INT64_MIN && json_object_get_uint64(n) < UINT64_MAX;
    if (!ok)
        return "n: expected a text, true, false or a number, a whole one of less than 64 bits";
    text->n = json_object_get(n);
    return NULL;
}

static const char *read_object(struct json_object *object, struct telegram_text *text)
{
    struct json_object *value;
    if (!json_object_is_type(object, json_type_object))
        return "expected a JSON object";
    const char *problem = NULL;
    if (json_object_object_get_ex(object, "n", &value))
        problem = read_n(value, text);
    if (json_object_object_get_ex(object, "driver", &value))
        read_driver(value, text);
    if (!problem && json_object_object_get_ex(object, "key", &value))
        problem = read_key(value, text);
    if (!problem && json_object_object_get_ex(object, "prior", &value))
        problem = read_prior(value, text);
    if (problem)
        return problem;
    const char *hex =
        json_object_object_get_ex(object, "telegram", &value) ? string_of(value) : NULL;
    problem = hex ? read_hex(hex, strlen(hex), &text->frame, &text->format_known)
                  : "telegram: expected a string of hex";
    text->frame.predecrypted = json_object_object_get_ex(object, "predecrypted", &value) &&
                               json_object_is_type(value, json_type_boolean) &&
                               json_object_get_boolean(value);
    return problem;
}

static const char *read_json(const char *line, size_t n, struct telegram_text *text)
{
    struct json_tokener *tokener = json_tokener_new();
    if (!tokener)
        return "out of memory";
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *object = json_tokener_parse_ex(tokener, line, (int)n);
    bool whole = json_tokener_get_error(tokener) == json_tokener_success &&
                 json_tokener_get_parse_end(tokener) == n;
    const char *problem = whole ? read_object(object, text) : "expected one JSON object";
    json_object_put(object);
    json_tokener_free(tokener);
    return problem;
}

/* What Windows' editors put in front of a text. */
static const char utf8_mark[] = "\xEF\xBB\xBF";

const char *telegram_text_parse(const char *line, size_t n, struct telegram_text *text)
{
    *text = (struct telegram_text){ .n = NULL };
    while (n > 0 && strchr(" \t\r\n", line[n - 1]) && line[n - 1])
        n--;
    if (n >= sizeof utf8_mark - 1 && memcmp(line, utf8_mark, sizeof utf8_mark - 1) == 0) {
        line += sizeof utf8_mark - 1;
        n -= sizeof utf8_mark - 1;
    }
    while (n > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }
    if (n >= TELEGRAM_TEXT_MAX_LINE)
        return "the line is longer than 65535 bytes";
    if (n > 0 && *line == '{')
        return read_json(line, n, text);
    return memchr(line, ';', n) ? read_rtl_wmbus(line, n, text)
                                : read_hex(line, n, &text->frame, &text->format_known);
}

void telegram_text_deinit(struct telegram_text *text)
{
    json_object_put(text->n);
    text->n = NULL;
    wipe(&text->key, sizeof text->key);
}
