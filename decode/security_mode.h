/* SPDX-License-Identifier: MIT
 * One key tried on one message, in each security mode. */
#ifndef DECODE_SECURITY_MODE_H
#define DECODE_SECURITY_MODE_H

#include "decode/security.h"

struct security_trial {
    struct crypto *crypto;
    const struct security_message *message;
    const struct telegram *telegram; /* payload: the data as received */
    size_t n;                        /* encrypted bytes */
    size_t tag_at;                   /* of the tag among the data; their number without one */
    uint8_t plain[TELEGRAM_MAX_PAYLOAD];
};

/* Returns DECODE_OK with n bytes in trial->plain, which all checks passed, or what failed. */
typedef enum decode_status security_try_key(struct security_trial *trial, const uint8_t *key);

struct security_mode {
    const char *name;
    security_try_key *attempt; /* NULL: not supported */
    size_t key_n, block_n;     /* bytes */
};

/* Never NULL. -1, no header, is mode 0, whose attempt checks a MAC and decrypts nothing. */
const struct security_mode *security_mode(int mode);

bool security_has_mac(const struct security_message *message);

#endif
