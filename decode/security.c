/* SPDX-License-Identifier: MIT */
#include "decode/security.h"

#include <string.h>

#include "decode/address.h"
#include "decode/default_key.h"
#include "decode/diehl.h"
#include "decode/plausible.h"
#include "decode/security_mode.h"

/* ---- which key ---- */

/* The further a key came, the more it says. */
static enum decode_status further(enum decode_status a, enum decode_status b)
{
    return a == DECODE_NO_KEY || (a == DECODE_BAD_MAC && b == DECODE_BAD_2F2F) ? b : a;
}

static enum decode_status try_configured(const struct security *security,
                                         struct security_trial *trial, security_try_key *attempt,
                                         size_t key_n, struct telegram *t)
{
    enum decode_status status = DECODE_NO_KEY;
    struct meter_search search = meter_search_init(security->meters, &t->meter);
    for (const struct meter_key *key; (key = meter_search_next_key(&search));) {
        if (key->n != key_n)
            continue;
        enum decode_status tried = attempt(trial, key->bytes);
        if (tried == DECODE_OK) {
            meter_give_name(search.meter, t);
            return DECODE_OK;
        }
        status = further(status, tried);
    }
    return status;
}

/* Two check bytes are too few for keys that are tried on everybody's telegrams. */
static bool is_sure(const struct security_trial *trial)
{
    enum { APA = 0x0601, APT = 0x0614 }; /* Apator: all is the manufacturer's */
    uint16_t manufacturer = trial->telegram->meter.manufacturer & MANUFACTURER_MASK;
    const struct tpl *tpl = trial->message->tpl;
    return security_has_mac(trial->message) || tpl_tag_bytes(tpl) > 0 ||
           (tpl->info->application == APPLICATION_RECORDS &&
            plausible_records(trial->plain, trial->n, manufacturer == APA || manufacturer == APT));
}

static bool try_default(struct security_trial *trial, security_try_key *attempt, size_t key_n,
                        uint16_t manufacturer)
{
    const struct meter_key *key;
    for (size_t i = 0; (key = default_key(manufacturer, key_n, i)); i++)
        if (attempt(trial, key->bytes) == DECODE_OK && is_sure(trial))
            return true;
    return false;
}

/* ---- a message ---- */

/* Plain text, what follows it in clear, and no tag. */
static void take_plain(const struct security_trial *trial, struct telegram *t)
{
    size_t tag_n = t->payload_n - trial->tag_at;
    if (tpl_tag_bytes(trial->message->tpl) < tag_n)
        tag_n = tpl_tag_bytes(trial->message->tpl);
    memcpy(t->payload, trial->plain, trial->n);
    memmove(t->payload + trial->tag_at, t->payload + trial->tag_at + tag_n,
            t->payload_n - trial->tag_at - tag_n);
    t->payload_n -= tag_n;
}

/* The check bytes are there without decryption, and fillers at the end, or records between. */
static bool is_in_clear(const struct security_message *m, const struct telegram *t)
{
    enum { FILLER = 0x2F, MODES_OF_STANDARD = 16 };
    const uint8_t *data = t->payload;
    size_t n = t->payload_n;
    bool records = m->tpl->info->application == APPLICATION_RECORDS;
    if (t->frame.predecrypted && m->tpl->mode < MODES_OF_STANDARD)
        return true;
    if (tpl_starts_2f2f(data, n))
        return !records || (data[n - 1] == FILLER && data[n - 2] == FILLER) ||
               plausible_records(data, n, true);
    /* Mode 5 that counts no blocks may mean that there are none. */
    return m->tpl->mode == 5 && (m->tpl->cf & 0xF0) == 0 && records &&
           plausible_records(data, n, false);
}

static bool has_own_key(const struct security *security, const struct telegram *t)
{
    struct meter_search search = meter_search_init(security->meters, &t->meter);
    const struct meter_config *m = meter_search_next(&search);
    return m && !m->any_id && m->n_keys > 0;
}

/* Nothing is encrypted. A MAC counts if there is a key for it. */
static enum decode_status open_clear(const struct security *security, struct security_trial *trial,
                                     struct telegram *t)
{
    enum decode_status status = DECODE_NO_KEY;
    /* Manufacturers' own protocols, without a header, may have ciphers of their own. A mode that
     * encrypts no block hides as little as none. */
    bool may_hide = trial->message->tpl->mode >= 0 && t->payload_n > 0 && !t->encrypted;
    if (security_has_mac(trial->message)) {
        status = try_configured(security, trial, security_mode(0)->attempt, AES_128_KEY, t);
        t->authenticated = status == DECODE_OK;
    }
    if (status == DECODE_BAD_MAC)
        return status;
    t->key_unused = may_hide && !t->authenticated && has_own_key(security, t);
    return DECODE_OK;
}

static enum decode_status open_encrypted(const struct security *security,
                                         struct security_trial *trial, struct telegram *t)
{
    const struct security_mode *mode = security_mode(trial->message->tpl->mode);
    if (!mode->attempt)
        return DECODE_UNSUPPORTED;
    if (trial->n > trial->tag_at || trial->n % mode->block_n != 0 ||
        trial->tag_at + tpl_tag_bytes(trial->message->tpl) > t->payload_n)
        return DECODE_BAD_LENGTH;
    enum decode_status status = try_configured(security, trial, mode->attempt, mode->key_n, t);
    if (status != DECODE_OK &&
        try_default(trial, mode->attempt, mode->key_n, t->meter.manufacturer)) {
        t->default_key = true;
        status = DECODE_OK;
    }
    if (status != DECODE_OK)
        return status;
    size_t tag_n = tpl_tag_bytes(trial->message->tpl);
    /* A tag covers what is encrypted, and not what is sent in clear beside it; a key that everybody
     * knows proves nobody. */
    t->authenticated = !t->default_key && (security_has_mac(trial->message) ||
                                           (tag_n > 0 && trial->n + tag_n == t->payload_n));
    take_plain(trial, t);
    return DECODE_OK;
}

enum decode_status security_open(const struct security *security,
                                 const struct security_message *message, struct telegram *telegram)
{
    struct security_trial trial; /* not cleared: plain is large */
    size_t tag_n = tpl_tag_bytes(message->tpl), n = telegram->payload_n;
    trial.crypto = security->crypto;
    trial.message = message;
    trial.telegram = telegram;
    trial.n = tpl_encrypted_bytes(message->tpl, n > tag_n ? n - tag_n : 0);
    trial.tag_at = message->tpl->mode == 9 ? trial.n : n > tag_n ? n - tag_n : 0;
    if (message->tpl->mode <= 0 ||
        (security_mode(message->tpl->mode)->attempt && trial.n == 0 && !tag_n))
        return open_clear(security, &trial, telegram);
    telegram->encrypted = true;
    enum decode_status status = open_encrypted(security, &trial, telegram);
    if (status == DECODE_OK || !is_in_clear(message, telegram))
        return status;
    telegram->predecrypted = true;
    return DECODE_OK;
}

/* ---- the extended link layer ---- */

/* Decrypts with the keys of the link layer's address, until the payload CRC holds. */
static enum decode_status decrypt_session(const struct security *security, const struct ell *ell,
                                          const uint8_t *bytes, size_t n, struct telegram *t)
{
    enum decode_status status = DECODE_NO_KEY;
    struct meter_search search = meter_search_init(security->meters, &t->dll);
    for (const struct meter_key *key; (key = meter_search_next_key(&search));) {
        if (key->n != AES_128_KEY)
            continue;
        if (ell_decrypt(security->crypto, key->bytes, &t->dll, ell, bytes, n, t->opened)) {
            meter_give_name(search.meter, t);
            return DECODE_OK;
        }
        status = DECODE_BAD_ELL_CRC;
    }
    return status;
}

enum decode_status security_open_session(const struct security *security, const struct ell *ell,
                                         const uint8_t *bytes, size_t n, struct telegram *t)
{
    int encryption = ell_encryption(ell);
    t->encrypted = encryption != ELL_PLAIN;
    if (encryption != ELL_PLAIN && encryption != ELL_AES_CTR)
        return DECODE_UNSUPPORTED;
    if (ell_crc_holds(bytes, n)) {
        t->predecrypted = encryption != ELL_PLAIN;
        return DECODE_OK;
    }
    if (encryption == ELL_PLAIN)
        return DECODE_BAD_ELL_CRC;
    enum decode_status status = decrypt_session(security, ell, bytes, n, t);
    t->ell_opened = status == DECODE_OK;
    if (t->ell_opened || !t->frame.predecrypted)
        return status;
    t->predecrypted = true;
    return DECODE_OK;
}

/* ---- Diehl ---- */

static enum decode_status try_diehl(struct security_trial *trial, const uint8_t *key)
{
    const struct frame *frame = &trial->telegram->frame;
    diehl_unscramble(key, frame->bytes, frame->n, trial->plain);
    return diehl_sum_holds(frame->bytes, trial->plain, trial->n) &&
                   plausible_records(trial->plain, trial->n, false)
               ? DECODE_OK
               : DECODE_NO_KEY; /* the sum is too short to call a key wrong */
}

enum decode_status security_open_diehl(const struct security *security, struct telegram *telegram)
{
    const struct frame *frame = &telegram->frame;
    const struct meter_key *key;
    struct security_trial trial;
    trial.crypto = security->crypto;
    trial.telegram = telegram;
    trial.n = frame->n - DIEHL_HEAD;
    memcpy(telegram->payload, frame->bytes + DIEHL_HEAD, trial.n);
    telegram->payload_n = trial.n;
    telegram->encrypted = true;
    enum decode_status status = try_configured(security, &trial, try_diehl, DIEHL_KEY, telegram);
    for (size_t i = 0;
         status != DECODE_OK && (key = default_key(telegram->meter.manufacturer, DIEHL_KEY, i));
         i++) {
        status = try_diehl(&trial, key->bytes);
        telegram->default_key = status == DECODE_OK;
    }
    if (status == DECODE_OK) {
        memcpy(telegram->payload, trial.plain, trial.n);
        return DECODE_OK;
    }
    telegram->predecrypted = diehl_sum_holds(frame->bytes, telegram->payload, trial.n) &&
                             plausible_records(telegram->payload, trial.n, false);
    return telegram->predecrypted ? DECODE_OK : status;
}

/* ---- names ---- */

const char *security_mode_name(int mode)
{
    return security_mode(mode)->name;
}

const char *security_name(const struct telegram *t)
{
    enum { FIRST_OF_DIEHL = 16 }; /* bit 12 of the configuration field, or no field at all */
    bool by_transport = t->security_mode > 0 && t->security_mode < FIRST_OF_DIEHL;
    if (!t->encrypted)
        return NULL;
    if (!by_transport && t->ell_has_session)
        return "ell_aes_ctr";
    if (!by_transport && address_is_diehl(t->meter.manufacturer))
        return "diehl_lfsr";
    return security_mode_name(t->security_mode);
}
