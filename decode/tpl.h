/* SPDX-License-Identifier: MIT
 * Transport layer (EN 13757-7:2018): what each CI-field announces, the none, short and long header,
 * and the configuration field of each security mode. */
#ifndef DECODE_TPL_H
#define DECODE_TPL_H

#include "decode/status.h"
#include "decode/telegram.h"

enum ci_layer { CI_RESERVED, CI_ELL, CI_ELL_V, CI_NWL, CI_AFL, CI_TPL };
enum tpl_header { TPL_NONE, TPL_SHORT, TPL_LONG };

enum application_kind {
    APPLICATION_OTHER,   /* kept as it is: the manufacturer's, commands, none */
    APPLICATION_RECORDS, /* data records of EN 13757-3                        */
    APPLICATION_COMPACT, /* data of records without their headers             */
    APPLICATION_FORMAT,  /* headers of records without their data             */
    APPLICATION_ERROR,
    APPLICATION_ALARM,
    APPLICATION_DLMS,
    APPLICATION_SML,
};

struct ci_info {
    uint8_t first, last; /* CI-fields */
    enum ci_layer layer;
    enum tpl_header header;            /* of CI_TPL */
    enum application_kind application; /* of CI_TPL */
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
    int mode; /* security mode: bits 12 to 8 of the configuration field; -1 without a header */
    /* extension of the configuration field, and what it announces; modes 7, 9, 10, 13 */
    uint16_t cfe;
    bool has_counter;
    uint32_t counter;
    size_t counter_at; /* bytes from CI up to the counter, or to where it would be */
    size_t header_n;   /* bytes from CI up to the application data */
};

/* bytes[n] start with the CI of a transport layer. Returns DECODE_OK, or DECODE_BAD_LENGTH if the
 * header is cut. */
enum decode_status tpl_parse(const uint8_t *bytes, size_t n, struct tpl *tpl);

/* Kind of key derivation (bits 5 and 4 of the extension): 0 none, the key itself; 1 KDF A. */
int tpl_kdf(const struct tpl *tpl);

/* Bytes of the authentication tag at the end of the data; 0 in modes without one. */
size_t tpl_tag_bytes(const struct tpl *tpl);

/* Bytes of data[n], tag not counted, that the mode encrypts. Of a number of blocks 0 in mode 5 the
 * standard says none, the field all: then 0, or n if that is whole blocks. A message longer than 15
 * blocks can in mode 7 only say 15: all whole blocks. Larger than n if the frame is cut. */
size_t tpl_encrypted_bytes(const struct tpl *tpl, size_t n);

/* Idle fillers 2F 2F at the start, the check bytes of modes 2 to 7. */
bool tpl_starts_2f2f(const uint8_t *data, size_t n);

#endif
