/* SPDX-License-Identifier: MIT
 * Security modes of the transport layer (EN 13757-7:2018; OMS profiles A, B and D): decryption and
 * the checks that tell the right key. */
#ifndef DECODE_SECURITY_H
#define DECODE_SECURITY_H

#include "decode/afl.h"
#include "decode/crypto.h"
#include "decode/ell.h"
#include "decode/meter_list.h"
#include "decode/tpl.h"

struct security {
    struct crypto *crypto;
    const struct meter_list *meters;
};

/* A message as it was sent, all its fragments together. */
struct security_message {
    const uint8_t *bytes; /* from the CI of the transport layer to the end */
    size_t n;
    const struct tpl *tpl;
    const struct afl *afl; /* NULL: none          */
    int64_t t_us;          /* of reception        */
};

/* Opens telegram->payload, the application data as received, in place, all or nothing. Keys are
 * those of telegram->meter; then those that everybody knows, whose result must also look like
 * records. What announces encryption but is in clear already is taken if its check bytes and
 * records say so. Sets encrypted, authenticated, predecrypted, default_key, key_unused, name of
 * *telegram. Returns DECODE_OK; DECODE_NO_KEY; DECODE_BAD_2F2F, DECODE_BAD_MAC or DECODE_BAD_TAG,
 * whichever check the last key failed that came furthest; DECODE_BAD_LENGTH; or DECODE_UNSUPPORTED
 * (modes 1, 4, 6, 8, 13 and above, an unknown key derivation, GMAC). */
enum decode_status security_open(const struct security *security,
                                 const struct security_message *message, struct telegram *telegram);

/* The payload CRC and what follows it in the extended link layer, bytes[n], as received. Encrypted
 * they are decrypted with the keys of telegram->dll into telegram->opened[n], ell_opened. Sets
 * encrypted, predecrypted, name. Returns DECODE_OK; DECODE_NO_KEY; DECODE_BAD_ELL_CRC, in clear or
 * with every key; or DECODE_UNSUPPORTED. */
enum decode_status security_open_session(const struct security *security, const struct ell *ell,
                                         const uint8_t *bytes, size_t n, struct telegram *telegram);

/* security_open for records that the Diehl group scrambles, see diehl.h. */
enum decode_status security_open_diehl(const struct security *security, struct telegram *telegram);

/* "none", "aes_cbc_iv" ...; "reserved" for a mode without meaning. */
const char *security_mode_name(int mode);

/* How the telegram announces to be encrypted: that name, "ell_aes_ctr" or "diehl_lfsr". NULL: not
 * at all. */
const char *security_name(const struct telegram *telegram);

#endif
