/* SPDX-License-Identifier: MIT
 * Order of the layers on air: data link, extended link (8C-8F, 86), network (81), authentication
 * and fragmentation (90), transport and application. Each starts with its own CI-field. */
#include "decode/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "decode/address.h"
#include "decode/afl.h"
#include "decode/application.h"
#include "decode/counters.h"
#include "decode/crypto.h"
#include "decode/diehl.h"
#include "decode/dll.h"
#include "decode/driver_choice.h"
#include "decode/ell_open.h"
#include "decode/fixed_data.h"
#include "decode/fragments.h"
#include "decode/layer.h"
#include "decode/security.h"
#include "decode/tpl.h"

enum { KNX_MANUFACTURER = 0x03FF /* FF 03 at the place of M: KNX-RF, which shares mode S */ };

struct decoder {
    struct crypto *crypto;
    struct meter_list meters;
    struct compact_formats formats;
    struct fragments fragments;
    struct counters counters;
    struct driver_choice drivers;
    bool with_obis;
};

static bool has_des_key(const struct meter_list *meters)
{
    for (size_t i = 0; i < meters->n; i++)
        for (size_t k = 0; k < meters->meters[i].n_keys; k++)
            if (meters->meters[i].keys[k].n == DES_KEY)
                return true;
    return false;
}

struct decoder *decoder_open(const struct meter_config *meters, size_t n_meters)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->crypto = crypto_open();
    if (!meter_list_init(&d->meters, meters, n_meters) || !d->crypto) {
        decoder_close(d);
        return NULL;
    }
    if (has_des_key(&d->meters))
        crypto_load_des(d->crypto); /* without, modes 2 and 3 are not supported */
    compact_init(&d->formats);
    d->drivers.builtin = &drivers_builtin;
    return d;
}

bool decoder_set_meters(struct decoder *decoder, const struct meter_config *meters, size_t n_meters)
{
    struct meter_list list;
    if (!meter_list_init(&list, meters, n_meters)) {
        meter_list_deinit(&list);
        return false;
    }
    meter_list_deinit(&decoder->meters);
    decoder->meters = list;
    if (has_des_key(&decoder->meters))
        crypto_load_des(decoder->crypto);
    return true;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    crypto_close(decoder->crypto);
    meter_list_deinit(&decoder->meters);
    free(decoder);
}

void decoder_use_drivers(struct decoder *decoder, const struct driver_table *drivers)
{
    decoder->drivers.own = drivers;
}

void decoder_set_obis(struct decoder *decoder, bool with_obis)
{
    decoder->with_obis = with_obis;
}

const struct compact_format *decoder_format(const struct decoder *decoder, size_t i)
{
    i += decoder->formats.n_known;
    return i < decoder->formats.n ? &decoder->formats.formats[i] : NULL;
}

bool decoder_add_format(struct decoder *decoder, const struct compact_format *format)
{
    return compact_add(&decoder->formats, format);
}

static void identify(const struct decoder *d, struct telegram *t)
{
    struct meter_search search = meter_search_init(&d->meters, &t->meter);
    t->name = NULL;
    for (const struct meter_config *m; !t->name && (m = meter_search_next(&search));)
        meter_give_name(m, t);
    driver_choose(&d->drivers, &d->meters, t);
}

/* ---- the layers ---- */

static void set_payload(struct telegram *t, struct layer_rest data)
{
    memcpy(t->payload, data.bytes, data.n);
    t->payload_n = data.n;
}

/* EN 13757-5 gives the header more bytes, but repeaters in the field send one ("81 1D 7A"): taken
 * if a CI-field follows it (protocol note: link, section 8). */
static enum decode_status skip_nwl(struct telegram *t, struct layer_rest *rest)
{
    enum { FIELD_SEEN = 2 };
    t->has_nwl = true;
    if (rest->n <= FIELD_SEEN || tpl_ci_info(rest->bytes[FIELD_SEEN])->layer == CI_RESERVED)
        return DECODE_UNSUPPORTED;
    *rest = layer_behind(*rest, FIELD_SEEN);
    return DECODE_OK;
}

/* The meter's address, from the highest layer that has one. Returns true if the Diehl group
 * scrambled the data. */
static bool set_meter(const struct decoder *d, struct telegram *t, const struct tpl *tpl)
{
    bool scrambled = t->frame.format != FRAME_WIRED &&
                     address_reorder_diehl(t->frame.bytes, t->frame.n, &t->meter);
    if (tpl->has_address) {
        t->meter = tpl->address;
        t->anonymous = false;
    }
    if (tpl->has_address || scrambled)
        identify(d, t);
    return scrambled;
}

static void set_tpl(struct telegram *t, const struct tpl *tpl, const struct afl *afl)
{
    t->has_tpl_header = tpl->has_header;
    t->tpl_acc = tpl->acc;
    t->tpl_sts = tpl->sts;
    t->tpl_cf = tpl->cf;
    t->security_mode = tpl->mode < 0 ? 0 : tpl->mode;
    t->has_message_counter = tpl->has_counter || (afl && afl->has_mcr);
    t->message_counter = tpl->has_counter ? tpl->counter : t->has_message_counter ? afl->mcr : 0;
}

static enum decode_status open_scrambled(const struct security *security, struct telegram *t)
{
    t->encrypted = true;
    if (!diehl_is_real_data(t->frame.bytes, t->frame.n))
        return DECODE_UNSUPPORTED;
    return security_open_diehl(security, t);
}

/* Some drivers know how to open what the standard does not describe. */
static enum decode_status read_sealed(const struct decoder *d, struct telegram *t)
{
    enum decode_status status = driver_read(t, d->crypto, &d->meters, false, true);
    t->decrypted = status == DECODE_OK;
    return status;
}

static enum decode_status read_fixed_data(const struct decoder *d, struct telegram *t,
                                          struct layer_rest rest)
{
    struct reading_sink sink;
    const uint8_t *data = rest.bytes + 1;
    t->has_ci = true;
    t->ci = rest.bytes[0];
    t->has_tpl_header = true;
    t->tpl_acc = fixed_data_access_number(data);
    t->tpl_sts = fixed_data_status(data);
    t->meter = fixed_data_address(data);
    t->anonymous = false;
    identify(d, t);
    set_payload(t, layer_behind(rest, 1));
    t->decrypted = true;
    reading_sink_init(&sink, t);
    fixed_data_read(&sink, data);
    return DECODE_OK;
}

/* The message from the transport layer on. afl: NULL if there was none. */
static enum decode_status open_message(struct decoder *d, struct telegram *t,
                                       struct layer_rest rest, const struct afl *afl, int64_t t_us)
{
    struct tpl tpl;
    enum decode_status status = tpl_parse(rest.bytes, rest.n, &tpl);
    const struct security security = { d->crypto, &d->meters };
    const struct security_message message = { rest.bytes, rest.n, &tpl, afl, t_us };
    t->has_ci = true;
    t->ci = tpl.ci;
    set_payload(t, layer_behind(rest, status == DECODE_OK ? tpl.header_n : 1));
    if (status != DECODE_OK)
        return status;
    set_tpl(t, &tpl, afl);
    bool scrambled = set_meter(d, t, &tpl);
    status = scrambled ? open_scrambled(&security, t) : security_open(&security, &message, t);
    if (status == DECODE_UNSUPPORTED)
        return read_sealed(d, t);
    if (status != DECODE_OK)
        return status;
    if (t->authenticated && t->has_message_counter && t->direction == DIRECTION_FROM_METER)
        t->counter_back = counters_step_back(&d->counters, &t->meter, t->message_counter);
    t->decrypted = true;
    struct application application = { d->crypto, &d->meters, &d->formats };
    return application_read(&application, scrambled ? APPLICATION_RECORDS : tpl.info->application,
                            t);
}

static enum decode_status open_afl(struct decoder *d, struct telegram *t, struct layer_rest *rest,
                                   int64_t t_us)
{
    struct afl afl;
    const struct fragments_message *message = NULL;
    enum decode_status status = afl_parse(rest->bytes, rest->n, &afl);
    if (status != DECODE_OK)
        return status;
    t->has_afl = true;
    t->afl_fragment = afl.fragment;
    *rest = layer_behind(*rest, afl.header_n);
    if (afl_is_fragment(&afl)) {
        status = fragments_push(&d->fragments, &t->dll, &afl, rest->bytes, rest->n, t_us, &message);
        if (status != DECODE_OK)
            return status;
        *rest = (struct layer_rest){ message->bytes, message->n };
    }
    if (rest->n == 0 || tpl_ci_info(rest->bytes[0])->layer != CI_TPL)
        return DECODE_UNSUPPORTED;
    return open_message(d, t, *rest, message ? &message->afl : &afl, t_us);
}

/* Reads layer after layer; what stops it is left in the payload, its CI included. */
static enum decode_status open_layers(struct decoder *d, struct telegram *t, struct layer_rest rest,
                                      int64_t t_us)
{
    enum decode_status status = DECODE_OK;
    while (status == DECODE_OK && rest.n > 0) {
        switch (tpl_ci_info(rest.bytes[0])->layer) {
        case CI_ELL:
        case CI_ELL_V:
            status = ell_open(&(struct security){ d->crypto, &d->meters }, t, &rest);
            break;
        case CI_NWL:
            status = skip_nwl(t, &rest);
            break;
        case CI_AFL:
            status = open_afl(d, t, &rest, t_us);
            if (t->has_ci)
                return status;
            break;
        case CI_TPL:
            return fixed_data_is(&t->frame, rest.bytes, rest.n)
                       ? read_fixed_data(d, t, rest)
                       : open_message(d, t, rest, NULL, t_us);
        case CI_RESERVED:
            status = DECODE_UNSUPPORTED;
            break;
        }
    }
    set_payload(t, rest);
    t->decrypted = status == DECODE_OK; /* a telegram without application data hides nothing */
    return status;
}

static enum decode_status decode_frame(struct decoder *d, struct telegram *t, int64_t t_us)
{
    const struct frame *frame = &t->frame;
    size_t header_n = dll_parse(frame, t);
    if (header_n == 0)
        return DECODE_BAD_LENGTH;
    struct layer_rest rest = { frame->bytes + header_n, frame->n - header_n };
    t->meter = t->dll;
    if (!t->anonymous)
        identify(d, t);
    if (frame->status == DECODE_OK && t->dll.manufacturer != KNX_MANUFACTURER)
        return open_layers(d, t, rest, t_us);
    set_payload(t, rest);
    return frame->status != DECODE_OK ? frame->status : DECODE_UNSUPPORTED;
}

/* The first n bytes of the frame, as if L said so. */
static enum decode_status decode_bytes(struct decoder *d, const struct frame *frame, size_t n,
                                       int64_t t_us, struct telegram *t)
{
    memset(t, 0, offsetof(struct telegram, readings));
    t->frame = *frame;
    t->frame.n = n;
    if (n > 0)
        t->frame.bytes[0] = (uint8_t)(n - 1);
    t->security_mode = -1;
    t->with_obis = d->with_obis;
    t->kind = "unknown";
    t->media = address_media(&t->meter);
    t->status = decode_frame(d, t, t_us);
    return t->status;
}

/* Something failed that one byte more or less can make fail. */
static bool may_be_length(enum decode_status status)
{
    return status == DECODE_BAD_LENGTH || status == DECODE_BAD_2F2F ||
           status == DECODE_BAD_ELL_CRC || status == DECODE_BAD_MAC || status == DECODE_BAD_TAG;
}

/* Some receivers leave bytes behind the frame, and some write an L that counts too few: the frame
 * that L speaks of comes first. An L that counts more than there is means nothing. */
enum decode_status decoder_decode(struct decoder *decoder, const struct frame *frame, int64_t t_us,
                                  struct telegram *telegram)
{
    enum { WITH_CI = 11 };
    size_t n = frame->bytes[0] + 1u;
    fragments_keep(&decoder->fragments);
    if (frame->format != FRAME_WIRED && n >= WITH_CI && n < frame->n) {
        if (!may_be_length(decode_bytes(decoder, frame, n, t_us, telegram)))
            return telegram->status;
        fragments_undo(&decoder->fragments);
    }
    return decode_bytes(decoder, frame, frame->n, t_us, telegram);
}
