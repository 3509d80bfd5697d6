/* SPDX-License-Identifier: MIT
 * Order of the layers on air: data link, extended link (8C-8F), network (81), authentication and
 * fragmentation (90), transport and application. Each starts with its own CI-field. */
#include "decode/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "decode/address.h"
#include "decode/afl.h"
#include "decode/compact.h"
#include "decode/crypto.h"
#include "decode/dll.h"
#include "decode/driver_choice.h"
#include "decode/ell.h"
#include "decode/tpl.h"

enum { KNX_MANUFACTURER = 0x03FF /* FF 03 at the place of M: KNX-RF, which shares mode S */ };

struct decoder {
    struct crypto *crypto;
    struct meter_list meters;
    struct compact_formats formats;
    struct driver_choice drivers;
};

/* What is left of the frame above the layers already read. */
struct rest {
    const uint8_t *bytes;
    size_t n;
};

static struct rest behind(struct rest rest, size_t n)
{
    return (struct rest){ rest.bytes + n, rest.n - n };
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
    compact_init(&d->formats);
    d->drivers.builtin = &drivers_builtin;
    return d;
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

static void take_name(struct telegram *t, const struct meter_config *meter)
{
    if (meter->name[0])
        t->name = meter->name;
}

static void identify(const struct decoder *d, struct telegram *t)
{
    struct meter_search search = meter_search_init(&d->meters, &t->meter);
    t->name = NULL;
    for (const struct meter_config *m; !t->name && (m = meter_search_next(&search));)
        take_name(t, m);
    driver_choose(&d->drivers, &d->meters, t);
}

/* ---- keys ---- */

/* One try of a key; user says on what. Returns true if the check of the layer passed. */
typedef bool try_key(const struct decoder *d, const uint8_t *key, void *user);

/* Tries every AES key known for the address. Returns DECODE_OK at the first that passes, bad if
 * none does, DECODE_NO_KEY if there is none. */
static enum decode_status try_keys(const struct decoder *d, const struct address *address,
                                   try_key *attempt, void *user, enum decode_status bad,
                                   struct telegram *t)
{
    enum decode_status status = DECODE_NO_KEY;
    struct meter_search search = meter_search_init(&d->meters, address);
    for (const struct meter_config *m; (m = meter_search_next(&search));) {
        for (size_t k = 0; k < m->n_keys && k < METER_MAX_KEYS; k++) {
            if (m->keys[k].n != AES_128_KEY)
                continue;
            if (attempt(d, m->keys[k].bytes, user)) {
                take_name(t, m);
                return DECODE_OK;
            }
            status = bad;
        }
    }
    return status;
}

/* ---- the layers ---- */

static void set_payload(struct telegram *t, struct rest data)
{
    memcpy(t->payload, data.bytes, data.n);
    t->payload_n = data.n;
}

struct ell_try {
    const struct ell *ell;
    const struct address *dll;
    struct rest region; /* payload CRC and what follows */
    uint8_t *plain;
};

static bool try_ell_key(const struct decoder *d, const uint8_t *key, void *user)
{
    const struct ell_try *a = user;
    return ell_decrypt(d->crypto, key, a->dll, a->ell, a->region.bytes, a->region.n, a->plain);
}

/* The payload CRC at the start of *rest checked, the rest behind it decrypted into plain. */
static enum decode_status open_session(const struct decoder *d, struct telegram *t,
                                       const struct ell *ell, struct rest *rest, uint8_t *plain)
{
    struct rest region = *rest;
    *rest = behind(region, ELL_PLCRC_BYTES);
    int encryption = ell_encryption(ell);
    t->encrypted = encryption != ELL_PLAIN;
    if (encryption != ELL_PLAIN && encryption != ELL_AES_CTR)
        return DECODE_UNSUPPORTED;
    /* Logs hold telegrams that somebody decrypted and whose session number still says so. */
    if (ell_crc_holds(region.bytes, region.n))
        return DECODE_OK;
    if (encryption == ELL_PLAIN)
        return DECODE_BAD_ELL_CRC;
    struct ell_try attempt = { ell, &t->dll, region, plain };
    enum decode_status status = try_keys(d, &t->dll, try_ell_key, &attempt, DECODE_BAD_ELL_CRC, t);
    if (status == DECODE_OK)
        *rest = behind((struct rest){ plain, region.n }, ELL_PLCRC_BYTES);
    return status;
}

static enum decode_status open_ell(const struct decoder *d, struct telegram *t, struct rest *rest,
                                   uint8_t *plain)
{
    struct ell ell;
    if (t->has_ell)
        return DECODE_UNSUPPORTED; /* a second one means nothing */
    enum decode_status status = ell_parse(rest->bytes, rest->n, &ell);
    if (status != DECODE_OK)
        return status;
    t->has_ell = true;
    t->ell_ci = ell.ci;
    t->ell_cc = ell.cc;
    t->ell_acc = ell.acc;
    t->ell_has_session = ell.has_session;
    t->ell_sn = ell.sn;
    *rest = behind(*rest, ell.header_n);
    return ell.has_session ? open_session(d, t, &ell, rest, plain) : DECODE_OK;
}

/* EN 13757-5 gives the header more bytes, but repeaters in the field send one ("81 1D 7A"): taken
 * if a CI-field follows it (protocol note: link, section 8). */
static enum decode_status skip_nwl(struct rest *rest)
{
    enum { FIELD_SEEN = 2 };
    if (rest->n <= FIELD_SEEN || tpl_ci_info(rest->bytes[FIELD_SEEN])->layer == CI_RESERVED)
        return DECODE_UNSUPPORTED;
    *rest = behind(*rest, FIELD_SEEN);
    return DECODE_OK;
}

static enum decode_status skip_afl(struct rest *rest)
{
    struct afl afl;
    enum decode_status status = afl_parse(rest->bytes, rest->n, &afl);
    if (status != DECODE_OK)
        return status;
    *rest = behind(*rest, afl.header_n);
    return afl_is_fragment(&afl) ? DECODE_WAITING_FRAGMENT : DECODE_OK;
}

static enum decode_status read_records(struct decoder *d, struct telegram *t)
{
    enum decode_status status = driver_read(t, d->crypto, &d->meters, true, false);
    if (status == DECODE_OK)
        compact_learn(&d->formats, t->payload, t->payload_n);
    return status;
}

/* The records are read from the full frame; the payload stays what was received. */
static enum decode_status read_compact(const struct decoder *d, struct telegram *t)
{
    uint8_t full[FRAME_MAX_BYTES], received[FRAME_MAX_BYTES];
    size_t n = t->payload_n;
    memcpy(received, t->payload, n);
    size_t full_n = compact_expand(&d->formats, received, n, full);
    if (full_n == 0)
        return DECODE_WAITING_FORMAT;
    memcpy(t->payload, full, full_n);
    t->payload_n = full_n;
    enum decode_status status = driver_read(t, d->crypto, &d->meters, true, false);
    memcpy(t->payload, received, n);
    t->payload_n = n;
    return status;
}

static enum decode_status read_application(struct decoder *d, struct telegram *t,
                                           const struct tpl *tpl)
{
    t->decrypted = true;
    switch (tpl->info->application) {
    case APPLICATION_RECORDS:
        return read_records(d, t);
    case APPLICATION_COMPACT:
        return read_compact(d, t);
    case APPLICATION_OTHER:
        break;
    }
    return driver_read(t, d->crypto, &d->meters, false, false);
}

/* Some drivers know how to open what the standard does not describe. */
static enum decode_status read_sealed(const struct decoder *d, struct telegram *t)
{
    enum decode_status status = driver_read(t, d->crypto, &d->meters, false, true);
    t->decrypted = status == DECODE_OK;
    return status;
}

struct mode5_try {
    const struct address *meter;
    uint8_t acc;
    struct rest encrypted;
    uint8_t *plain;
};

static bool try_mode5_key(const struct decoder *d, const uint8_t *key, void *user)
{
    const struct mode5_try *a = user;
    return tpl_mode5_decrypt(d->crypto, key, a->meter, a->acc, a->encrypted.bytes, a->encrypted.n,
                             a->plain);
}

/* telegram->payload holds the data as received; decrypts it in place, all or nothing. */
static enum decode_status open_mode5(const struct decoder *d, struct telegram *t,
                                     const struct tpl *tpl)
{
    uint8_t plain[FRAME_MAX_BYTES];
    size_t n = tpl_mode5_encrypted_bytes(tpl, t->payload_n);
    t->encrypted |= n > 0;
    if (n == 0 || tpl_starts_2f2f(t->payload, t->payload_n))
        return DECODE_OK; /* in clear, or decrypted by somebody before */
    if (n > t->payload_n)
        return DECODE_BAD_LENGTH;
    struct mode5_try attempt = { &t->meter, tpl->acc, { t->payload, n }, plain };
    enum decode_status status = try_keys(d, &t->meter, try_mode5_key, &attempt, DECODE_BAD_2F2F, t);
    if (status == DECODE_OK)
        memcpy(t->payload, plain, n);
    return status;
}

static enum decode_status open_security(const struct decoder *d, struct telegram *t,
                                        const struct tpl *tpl)
{
    switch (t->security_mode) {
    case 0:
        return DECODE_OK;
    case 5:
        return open_mode5(d, t, tpl);
    default:
        t->encrypted = true;
        return DECODE_UNSUPPORTED;
    }
}

static enum decode_status open_tpl(struct decoder *d, struct telegram *t, struct rest rest)
{
    struct tpl tpl;
    enum decode_status status = tpl_parse(rest.bytes, rest.n, &tpl);
    t->has_ci = true;
    t->ci = tpl.ci;
    if (status != DECODE_OK) {
        set_payload(t, behind(rest, 1));
        return status;
    }
    t->has_tpl_header = tpl.has_header;
    t->tpl_acc = tpl.acc;
    t->tpl_sts = tpl.sts;
    t->tpl_cf = tpl.cf;
    t->security_mode = tpl_security_mode(&tpl);
    bool scrambled = t->frame.format != FRAME_WIRED &&
                     address_reorder_diehl(t->frame.bytes, t->frame.n, &t->meter);
    if (tpl.has_address) {
        t->meter = tpl.address;
        t->anonymous = false;
    }
    if (tpl.has_address || scrambled)
        identify(d, t);
    set_payload(t, behind(rest, tpl.header_n));
    t->encrypted |= scrambled;
    status = scrambled ? DECODE_UNSUPPORTED : open_security(d, t, &tpl);
    if (status == DECODE_OK)
        return read_application(d, t, &tpl);
    return status == DECODE_UNSUPPORTED ? read_sealed(d, t) : status;
}

/* Reads layer after layer; what stops it is left in the payload, its CI included. */
static enum decode_status open_layers(struct decoder *d, struct telegram *t, struct rest rest)
{
    uint8_t plain[FRAME_MAX_BYTES];
    enum decode_status status = DECODE_OK;
    while (status == DECODE_OK && rest.n > 0) {
        switch (tpl_ci_info(rest.bytes[0])->layer) {
        case CI_ELL:
            status = open_ell(d, t, &rest, plain);
            break;
        case CI_NWL:
            status = skip_nwl(&rest);
            break;
        case CI_AFL:
            status = skip_afl(&rest);
            break;
        case CI_TPL:
            return open_tpl(d, t, rest);
        case CI_ELL_V:
        case CI_RESERVED:
            status = DECODE_UNSUPPORTED;
            break;
        }
    }
    set_payload(t, rest);
    t->decrypted = status == DECODE_OK; /* a telegram without application data hides nothing */
    return status;
}

static enum decode_status decode_frame(struct decoder *d, struct telegram *t)
{
    const struct frame *frame = &t->frame;
    size_t header_n = dll_parse(frame, t);
    if (header_n == 0)
        return DECODE_BAD_LENGTH;
    struct rest rest = { frame->bytes + header_n, frame->n - header_n };
    t->meter = t->dll;
    if (!t->anonymous)
        identify(d, t);
    if (frame->status == DECODE_OK && t->dll.manufacturer != KNX_MANUFACTURER)
        return open_layers(d, t, rest);
    set_payload(t, rest);
    return frame->status != DECODE_OK ? frame->status : DECODE_UNSUPPORTED;
}

enum decode_status decoder_decode(struct decoder *decoder, const struct frame *frame, int64_t t_us,
                                  struct telegram *telegram)
{
    (void)t_us; /* for what must grow old: learnt formats, counters, fragments */
    memset(telegram, 0, offsetof(struct telegram, readings));
    telegram->n_readings = 0;
    telegram->frame = *frame;
    telegram->security_mode = -1;
    telegram->kind = "unknown";
    telegram->media = address_media(&telegram->meter);
    telegram->status = decode_frame(decoder, telegram);
    return telegram->status;
}
