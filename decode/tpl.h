/* SPDX-License-Identifier: MIT
 * Transport layer (EN 13757-7:2018): what each CI-field announces, the none, short and long header,
 * and security mode 5 (OMS profile A). */
#ifndef DECODE_TPL_H
#define DECODE_TPL_H

#include "decode/crypto.h"
#include "decode/status.h"
#include "decode/telegram.h"

enum ci_layer { CI_RESERVED, CI_ELL, CI_ELL_V, CI_NWL, CI_AFL, CI_TPL };
enum tpl_header { TPL_NONE, TPL_SHORT, TPL_LONG };

enum application {
    APPLICATION_OTHER,   /* kept as it is: the manufacturer's, DLMS, SML, commands, alarms, none */
    APPLICATION_RECORDS, /* data records of EN 13757-3                                           */
    APPLICATION_COMPACT, /* data of records without their headers                                */
};

struct ci_info {
    uint8_t first, last; /* CI-fields */
    enum ci_layer layer;
    enum tpl_header header;       /* of CI_TPL */
    enum application application; /* of CI_TPL */
};

/* EN 13757-7:2018, table 2. Never NULL; a row with CI_RESERVED for what is not in the table. */
const struct ci_info *tpl_ci_info(uint8_t ci);

struct tpl {
    uint8_t ci;
    const struct ci_info *info;
    bool has_header;  /* short or long: acc, sts, cf hold */
    bool has_address; /* long */
    struct address address;
    uint8_t acc, sts;
    uint16_t cf;
    size_t header_n; /* bytes from CI up to the application data */
};

/* bytes[n] start with the CI of a transport layer. Returns DECODE_OK, or DECODE_BAD_LENGTH if the
 * header is cut. A longer configuration field (modes 7 and above) is left to the data. */
enum decode_status tpl_parse(const uint8_t *bytes, size_t n, struct tpl *tpl);

/* Bits 12 to 8 of the configuration field; 0 without a header. */
int tpl_security_mode(const struct tpl *tpl);

/* Bytes of data[n] that mode 5 encrypts. The number of blocks 0 says none in the standard's reading
 * and all in the field: then 0, or n if that is whole blocks. Larger than n if the frame is cut. */
size_t tpl_mode5_encrypted_bytes(const struct tpl *tpl, size_t n);

/* Idle fillers 2F 2F at the start, the check bytes of modes 5 and 7. */
bool tpl_starts_2f2f(const uint8_t *data, size_t n);

/* Mode 5, AES-128-CBC: decrypts data[n], whole blocks. meter: address that the initial vector
 * holds, of the long header if there is one, else of the link layer. Returns true if the plain text
 * starts with 2F 2F: it is the only check of the key. */
bool tpl_mode5_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY],
                       const struct address *meter, uint8_t acc, const uint8_t *data, size_t n,
                       uint8_t *plain);

#endif
