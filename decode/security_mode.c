/* SPDX-License-Identifier: MIT */
#include "decode/security_mode.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/plausible.h"
#include "decode/time_point.h"

static const uint8_t zero_iv[AES_BLOCK] = { 0 };

/* ---- keys of a message ---- */

enum key_use { KEY_ENCRYPTS = 0x00, KEY_AUTHENTICATES = 0x01, KEY_TO_METER = 0x10 };

static int kdf_of(const struct security_message *m)
{
    enum { KDF_A = 1 };
    if (m->tpl->mode == 7 || m->tpl->mode == 10)
        return tpl_kdf(m->tpl);
    return m->afl && m->afl->has_ki ? m->afl->ki >> 4 & 3 : KDF_A;
}

static bool counter_of(const struct security_message *m, uint32_t *counter)
{
    if (!m->tpl->has_counter && !(m->afl && m->afl->has_mcr))
        return false;
    *counter = m->tpl->has_counter ? m->tpl->counter : m->afl->mcr;
    return true;
}

/* KDF A: AES-CMAC over use, counter, identification number, padding (protocol note: transport,
 * section 5). Returns false for a derivation that is not known. */
static bool derive(const struct security_trial *trial, const uint8_t *key, enum key_use use,
                   uint8_t derived[AES_128_KEY])
{
    enum { PERSISTENT_KEY = 0, KDF_A = 1, PADDING = 0x07 };
    const struct telegram *t = trial->telegram;
    uint32_t counter;
    int kdf = kdf_of(trial->message);
    if (kdf == PERSISTENT_KEY) {
        memcpy(derived, key, AES_128_KEY);
        return true;
    }
    if (kdf != KDF_A || !counter_of(trial->message, &counter))
        return false;
    uint8_t in[AES_BLOCK];
    memset(in, PADDING, sizeof in);
    in[0] = (uint8_t)(use | (t->direction == DIRECTION_TO_METER ? KEY_TO_METER : 0));
    for (int i = 0; i < 4; i++)
        in[1 + i] = (uint8_t)(counter >> (8 * i));
    memcpy(in + 5, t->meter.id, sizeof t->meter.id);
    return crypto_aes_cmac(trial->crypto, key, in, sizeof in, derived);
}

bool security_has_mac(const struct security_message *m)
{
    return m->afl && m->afl->mac_n > 0;
}

/* The MAC covers fields of the AFL and the message to its end, as sent. */
static enum decode_status check_mac(const struct security_trial *trial, const uint8_t *key)
{
    const struct security_message *m = trial->message;
    uint8_t mac_key[AES_128_KEY], mac[AES_BLOCK], covered[AFL_MAX_COVERED + TELEGRAM_MAX_PAYLOAD];
    if (!security_has_mac(m))
        return DECODE_OK;
    if (!afl_mac_is_cmac(m->afl) || !derive(trial, key, KEY_AUTHENTICATES, mac_key))
        return DECODE_UNSUPPORTED;
    size_t n = afl_covered(m->afl, covered);
    memcpy(covered + n, m->bytes, m->n);
    return crypto_aes_cmac(trial->crypto, mac_key, covered, n + m->n, mac) &&
                   memcmp(mac, m->afl->mac, m->afl->mac_n) == 0
               ? DECODE_OK
               : DECODE_BAD_MAC;
}

/* ---- the modes ---- */

static enum decode_status checked_2f2f(bool ok, const struct security_trial *trial)
{
    return ok && tpl_starts_2f2f(trial->plain, trial->n) ? DECODE_OK : DECODE_BAD_2F2F;
}

/* The check bytes are in the first block: most wrong keys end there. */
static enum decode_status try_cbc(struct security_trial *trial, const uint8_t *key,
                                  const uint8_t *iv)
{
    const uint8_t *in = trial->telegram->payload;
    bool ok = crypto_aes_cbc_decrypt(trial->crypto, key, iv, in, AES_BLOCK, trial->plain) &&
              tpl_starts_2f2f(trial->plain, AES_BLOCK) &&
              crypto_aes_cbc_decrypt_on(trial->crypto, in + AES_BLOCK, trial->n - AES_BLOCK,
                                        trial->plain + AES_BLOCK);
    return checked_2f2f(ok, trial);
}

static enum decode_status try_mode_0(struct security_trial *trial, const uint8_t *key)
{
    return check_mac(trial, key);
}

static enum decode_status try_mode_2(struct security_trial *trial, const uint8_t *key)
{
    if (!crypto_des_cbc_decrypt(trial->crypto, key, zero_iv, trial->telegram->payload, trial->n,
                                trial->plain))
        return DECODE_UNSUPPORTED; /* a library without DES */
    return checked_2f2f(true, trial);
}

enum { MODE_3_TRIES = 10 };

/* The initial vector holds a date: today, or two days around it, as the meter's clock may be wrong,
 * each in both codings of dates in use (protocol note: transport, section 2.6). */
static enum decode_status decrypt_mode_3(struct security_trial *trial, const uint8_t *key, int try)
{
    const struct telegram *t = trial->telegram;
    const int64_t day_s = 86400, today_s = trial->message->t_us / 1000000;
    struct time_point date = { .kind = TIME_DATE, .year = 1970, .month = 1, .day = 1 };
    uint8_t iv[DES_BLOCK];
    if (!time_add_seconds(&date, (today_s / day_s + try / 2 - 2) * day_s))
        return DECODE_UNSUPPORTED;
    int year = date.year % 100;
    memcpy(iv, t->meter.id, 4);
    iv[4] = (uint8_t)t->meter.manufacturer;
    iv[5] = (uint8_t)(t->meter.manufacturer >> 8);
    iv[6] = (uint8_t)(try % 2 ? (date.month & 7) << 5 | date.day : (year & 7) << 5 | date.day);
    iv[7] = (uint8_t)(try % 2 ? year << 1 | date.month >> 3 : year >> 3 << 4 | date.month);
    if (!crypto_des_cbc_decrypt(trial->crypto, key, iv, t->payload, trial->n, trial->plain))
        return DECODE_UNSUPPORTED;
    return checked_2f2f(true, trial);
}

/* Only the plain text's seventh and eighth byte tell the date. Where several make plausible
 * records, as in the middle of a number, all but one of them would be wrong readings. */
static enum decode_status try_mode_3(struct security_trial *trial, const uint8_t *key)
{
    int right = -1;
    for (int try = 0; try < MODE_3_TRIES; try++) {
        enum decode_status status = decrypt_mode_3(trial, key, try);
        if (status != DECODE_OK)
            return status;
        if (!plausible_records(trial->plain, trial->n, false))
            continue;
        if (right >= 0)
            return DECODE_UNSUPPORTED;
        right = try;
    }
    return right >= 0 ? decrypt_mode_3(trial, key, right) : DECODE_BAD_2F2F;
}

static enum decode_status try_mode_5(struct security_trial *trial, const uint8_t *key)
{
    uint8_t iv[AES_BLOCK];
    enum decode_status status = check_mac(trial, key);
    if (status != DECODE_OK)
        return status;
    address_to_link(&trial->telegram->meter, iv);
    memset(iv + ADDRESS_BYTES, trial->message->tpl->acc, sizeof iv - ADDRESS_BYTES);
    return try_cbc(trial, key, iv);
}

static enum decode_status try_mode_7(struct security_trial *trial, const uint8_t *key)
{
    uint8_t derived[AES_128_KEY];
    enum decode_status status = check_mac(trial, key);
    if (status != DECODE_OK)
        return status;
    if (!derive(trial, key, KEY_ENCRYPTS, derived))
        return DECODE_UNSUPPORTED;
    return try_cbc(trial, derived, zero_iv);
}

static struct crypto_sealed sealed_of(const struct security_trial *trial)
{
    const struct telegram *t = trial->telegram;
    const struct security_message *m = trial->message;
    return (struct crypto_sealed){ .aad = m->bytes,
                                   .aad_n = m->tpl->counter_at,
                                   .in = t->payload,
                                   .n = trial->n,
                                   .tag = t->payload + trial->tag_at,
                                   .tag_n = tpl_tag_bytes(m->tpl) };
}

static void put_counter(uint8_t *out, uint32_t counter, bool big_endian)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(counter >> 8 * (big_endian ? 3 - i : i));
}

/* Nobody has published what exactly the tag covers, nor the order of the counter, so what is known
 * of the meters in the field leaves some cases; the tag tells (protocol note: transport, 2.5). */
static enum decode_status try_mode_9(struct security_trial *trial, const uint8_t *key)
{
    const struct tpl *tpl = trial->message->tpl;
    const size_t covered[] = { tpl->counter_at, tpl->header_n, 0 };
    struct crypto_sealed sealed = sealed_of(trial);
    uint8_t nonce[GCM_NONCE];
    address_to_link(&trial->telegram->meter, nonce);
    sealed.nonce = nonce;
    for (size_t i = 0; i < 2 * ARRAY_LEN(covered); i++) {
        put_counter(nonce + ADDRESS_BYTES, tpl->counter, i % 2 == 0);
        sealed.aad_n = covered[i / 2];
        if (crypto_aes_gcm_open(trial->crypto, key, &sealed, trial->plain))
            return DECODE_OK;
    }
    return DECODE_BAD_TAG;
}

static enum decode_status try_mode_10(struct security_trial *trial, const uint8_t *key)
{
    struct crypto_sealed sealed = sealed_of(trial);
    uint8_t nonce[CCM_NONCE], derived[AES_128_KEY];
    if (!derive(trial, key, KEY_ENCRYPTS, derived))
        return DECODE_UNSUPPORTED;
    address_to_link(&trial->telegram->meter, nonce);
    nonce[ADDRESS_BYTES] = 0;
    put_counter(nonce + ADDRESS_BYTES + 1, trial->message->tpl->counter, true);
    sealed.nonce = nonce;
    return crypto_aes_ccm_open(trial->crypto, derived, &sealed, trial->plain) ? DECODE_OK
                                                                              : DECODE_BAD_TAG;
}

/* clang-format off */
static const struct security_mode modes[] = {
    [0]  = { "none",             try_mode_0,  AES_128_KEY, 1 },
    [1]  = { "manufacturer",     NULL,        0,           1 },
    [2]  = { "des_cbc",          try_mode_2,  DES_KEY,     DES_BLOCK },
    [3]  = { "des_cbc_date",     try_mode_3,  DES_KEY,     DES_BLOCK },
    [4]  = { "aes_cbc",          NULL,        0,           1 },
    [5]  = { "aes_cbc_iv",       try_mode_5,  AES_128_KEY, AES_BLOCK },
    [6]  = { "reserved",         NULL,        0,           1 },
    [7]  = { "aes_cbc_kdf",      try_mode_7,  AES_128_KEY, AES_BLOCK },
    [8]  = { "aes_ctr_cmac",     NULL,        0,           1 },
    [9]  = { "aes_gcm",          try_mode_9,  AES_128_KEY, 1 },
    [10] = { "aes_ccm",          try_mode_10, AES_128_KEY, 1 },
    [11] = { "reserved",         NULL,        0,           1 },
    [12] = { "reserved",         NULL,        0,           1 },
    [13] = { "tls",              NULL,        0,           1 },
    [14] = { "reserved",         NULL,        0,           1 },
    [15] = { "specific",         NULL,        0,           1 },
};
/* clang-format on */
enum { N_MODES = ARRAY_LEN(modes), MODE_RESERVED = 6 };

const struct security_mode *security_mode(int mode)
{
    return &modes[mode < 0 ? 0 : mode < N_MODES ? mode : MODE_RESERVED];
}
