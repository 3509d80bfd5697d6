/* SPDX-License-Identifier: MIT */
#include "decode/wmbus_decode.h"

#include <stdlib.h>
#include <string.h>

#include "decode/address.h"
#include "decode/crypto.h" /* crypto_wipe */
#include "decode/decoder.h"
#include "decode/dll.h"
#include "decode/hex.h"

struct wmbus_decoder {
    struct decoder *decoder;
    struct telegram telegram;
    struct wmbus_telegram out;
    struct wmbus_reading readings[TELEGRAM_MAX_READINGS];
    char numbers[TELEGRAM_MAX_READINGS][DECIMAL_TEXT_SIZE];
};

/* ---- configuration ---- */

/* Returns false if the text has no room. */
static bool copy_text(char *to, size_t size, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    if (n >= size)
        return false;
    if (n > 0)
        memcpy(to, text, n);
    to[n] = 0;
    return true;
}

static bool set_id(struct meter_config *config, const char *id)
{
    struct address address;
    config->any_id = !id;
    if (!id || address_id_parse(id, config->id))
        return true;
    if (!address_din_parse(id, &address))
        return false;
    memcpy(config->id, address.id, sizeof config->id);
    config->has_manufacturer = config->has_version = config->has_device_type = true;
    config->manufacturer = address.manufacturer;
    config->version = address.version;
    config->device_type = address.device_type;
    return true;
}

static bool set_manufacturer(struct meter_config *config, const char *manufacturer)
{
    if (!manufacturer)
        return true;
    return !config->has_manufacturer && (config->has_manufacturer = address_manufacturer_parse(
                                             manufacturer, &config->manufacturer));
}

static bool set_driver(struct meter_config *config, const char *driver)
{
    return copy_text(config->driver, sizeof config->driver, driver) &&
           (!driver || !strcmp(driver, DRIVER_NONE) || driver_find(&drivers_builtin, driver));
}

static bool set_keys(struct meter_config *config, const struct wmbus_key *keys, size_t n)
{
    if (n > METER_MAX_KEYS)
        return false;
    for (config->n_keys = 0; config->n_keys < n; config->n_keys++) {
        const struct wmbus_key *key = &keys[config->n_keys];
        if (key->n != WMBUS_AES_KEY && key->n != WMBUS_DES_KEY)
            return false;
        memcpy(config->keys[config->n_keys].bytes, key->bytes, key->n);
        config->keys[config->n_keys].n = key->n;
    }
    return true;
}

/* NULL: nothing is wrong. */
static const char *configure(struct meter_config *config, const struct wmbus_meter *meter)
{
    if (!copy_text(config->name, sizeof config->name, meter->name))
        return "name: longer than 63 bytes";
    if (!set_id(config, meter->id))
        return "id: neither 8 digits nor 15 characters such as 07ELS3312345678";
    if (!set_manufacturer(config, meter->manufacturer))
        return "manufacturer: not three letters, or beside an id of 15 characters";
    if (!set_driver(config, meter->driver))
        return "driver: there is none of that name";
    if (!set_keys(config, meter->keys, meter->n_keys))
        return "keys: more than 8, or one that has neither 16 nor 8 bytes";
    return NULL;
}

static struct decoder *open_configured(const struct wmbus_meter *meters, size_t n,
                                       struct wmbus_problem *problem)
{
    struct decoder *decoder = NULL;
    struct meter_config *configs = calloc(n + 1, sizeof *configs);
    *problem = (struct wmbus_problem){ 0, "out of memory" };
    if (!configs)
        return NULL;
    problem->text = NULL;
    for (size_t i = 0; i < n && !problem->text; i++)
        *problem = (struct wmbus_problem){ i, configure(&configs[i], &meters[i]) };
    if (!problem->text && !(decoder = decoder_open(configs, n)))
        problem->text = "out of memory, or OpenSSL offers no AES";
    crypto_wipe(configs, n * sizeof *configs);
    free(configs);
    return decoder;
}

struct wmbus_decoder *wmbus_decoder_open(const struct wmbus_meter *meters, size_t n,
                                         struct wmbus_problem *problem)
{
    struct wmbus_problem own;
    struct wmbus_decoder *d = calloc(1, sizeof *d);
    if (!problem)
        problem = &own;
    *problem = (struct wmbus_problem){ 0, "out of memory" };
    if (d && (d->decoder = open_configured(meters, n, problem)))
        return d;
    free(d);
    return NULL;
}

void wmbus_decoder_close(struct wmbus_decoder *decoder)
{
    if (decoder)
        decoder_close(decoder->decoder);
    free(decoder);
}

/* ---- what comes out ---- */

static enum wmbus_status status_of(enum decode_status status)
{
    switch (status) {
    case DECODE_OK:
        return WMBUS_OK;
    case DECODE_BAD_CRC:
        return WMBUS_BAD_CRC;
    case DECODE_BAD_LENGTH:
        return WMBUS_BAD_LENGTH;
    case DECODE_NO_KEY:
        return WMBUS_NO_KEY;
    case DECODE_BAD_2F2F:
        return WMBUS_BAD_2F2F;
    case DECODE_BAD_ELL_CRC:
        return WMBUS_BAD_ELL_CRC;
    case DECODE_BAD_MAC:
        return WMBUS_BAD_MAC;
    case DECODE_BAD_TAG:
        return WMBUS_BAD_TAG;
    case DECODE_WAITING_FORMAT:
        return WMBUS_WAITING_FORMAT;
    case DECODE_WAITING_FRAGMENT:
        return WMBUS_WAITING_FRAGMENT;
    case DECODE_UNSUPPORTED:
    case DECODE_MORE: /* of the framer, which is not part of this */
    case DECODE_BAD_CODE:
    case DECODE_N_STATUS:
        break;
    }
    return WMBUS_UNSUPPORTED;
}

const char *wmbus_status_name(enum wmbus_status status)
{
    for (enum decode_status s = DECODE_OK; s < DECODE_N_STATUS; s++)
        if (status_of(s) == status && s != DECODE_MORE && s != DECODE_BAD_CODE)
            return decode_status_name(s);
    return "unknown";
}

static struct wmbus_reading reading_of(const struct reading *in, char number[DECIMAL_TEXT_SIZE])
{
    struct wmbus_reading out = { .name = in->name, .kind = WMBUS_NULL, .text = number };
    if (in->kind == READING_TEXT) {
        out.kind = WMBUS_TEXT;
        out.text = in->text;
        return out;
    }
    reading_print(in, number, DECIMAL_TEXT_SIZE);
    if (in->kind == READING_NULL)
        return out;
    out.kind = WMBUS_NUMBER;
    out.number = reading_number(in);
    out.is_exact = in->kind == READING_NUMBER && !in->is_unsigned;
    out.mantissa = out.is_exact ? in->mantissa : 0;
    out.exp10 = out.is_exact ? in->exp10 : 0;
    return out;
}

static void fill_readings(struct wmbus_decoder *d)
{
    for (size_t i = 0; i < d->telegram.n_readings; i++)
        d->readings[i] = reading_of(&d->telegram.readings[i], d->numbers[i]);
    d->out.readings = d->readings;
    d->out.n_readings = d->telegram.n_readings;
}

static void fill_meter(struct wmbus_telegram *out, const struct telegram *t)
{
    if (!t->anonymous) {
        address_id_text(t->meter.id, out->id);
        address_manufacturer_text(t->meter.manufacturer, out->manufacturer);
        out->version = t->meter.version;
        out->device_type = t->meter.device_type;
    }
    out->media = t->media;
    out->kind = t->kind;
    out->name = t->name;
}

static const struct wmbus_telegram *fill(struct wmbus_decoder *d)
{
    const struct telegram *t = &d->telegram;
    d->out = (struct wmbus_telegram){
        .status = status_of(t->status),
        .to_meter = t->direction == DIRECTION_TO_METER,
        .encrypted = t->encrypted,
        .decrypted = t->decrypted,
        .authenticated = t->authenticated,
        .counter_back = t->counter_back,
        .security_mode = t->security_mode,
        .payload = t->payload,
        .payload_n = t->payload_n,
    };
    fill_meter(&d->out, t);
    fill_readings(d);
    return &d->out;
}

/* No telegram at all. */
static const struct wmbus_telegram *refuse(struct wmbus_decoder *d, enum decode_status status)
{
    d->out = (struct wmbus_telegram){ .status = status_of(status),
                                      .media = "unknown",
                                      .kind = "unknown",
                                      .security_mode = -1,
                                      .payload = d->telegram.payload,
                                      .readings = d->readings };
    return &d->out;
}

const struct wmbus_telegram *wmbus_decode(struct wmbus_decoder *decoder, const uint8_t *bytes,
                                          size_t n, int64_t t_us)
{
    struct frame frame = { .n = 0 };
    enum decode_status status = dll_guess(bytes, n, &frame);
    if (status != DECODE_OK)
        return refuse(decoder, status);
    decoder_decode(decoder->decoder, &frame, t_us, &decoder->telegram);
    return fill(decoder);
}

const struct wmbus_telegram *wmbus_decode_hex(struct wmbus_decoder *decoder, const char *hex,
                                              int64_t t_us)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    size_t n = 0;
    if (hex_read(hex, strlen(hex), bytes, sizeof bytes, &n) != HEX_OK)
        return refuse(decoder, DECODE_BAD_LENGTH);
    return wmbus_decode(decoder, bytes, n, t_us);
}
