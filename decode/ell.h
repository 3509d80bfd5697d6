/* SPDX-License-Identifier: MIT
 * Extended link layer (EN 13757-4:2019, CI 8C to 8F and 86): communication control, access number,
 * and in ELL II and IV, and it may be in V, a session number, a payload CRC and AES-128-CTR
 * encryption. */
#ifndef DECODE_ELL_H
#define DECODE_ELL_H

#include "decode/crypto.h"
#include "decode/status.h"
#include "decode/telegram.h"

enum { ELL_PLCRC_BYTES = 2 };

enum ell_encryption { ELL_PLAIN = 0, ELL_AES_CTR = 1 }; /* others are reserved */

struct ell {
    uint8_t ci, cc, acc;
    bool has_address; /* ELL III and IV: of the other party, the receiver of a meter's telegram */
    struct address address;
    bool has_session; /* ELL II and IV: sn holds, and the payload CRC follows the header        */
    uint32_t sn;
    size_t header_n; /* bytes from CI up to, without, the payload CRC                          */
};

/* bytes[n] start with one of the CI 8C to 8F. Returns DECODE_OK, or DECODE_BAD_LENGTH if the
 * header, or the payload CRC, is cut. */
enum decode_status ell_parse(const uint8_t *bytes, size_t n, struct ell *ell);

/* ELL V, CI 86: behind the access number stand a control byte and the fields that it announces;
 * what its bits mean is in no public source. Reads one whose header, with a session number at its
 * end, has header_n bytes; whether it has, the payload CRC tells. header_n: ELL_V_LEAST ...
 * ELL_V_MOST. Returns as ell_parse. */
enum {
    ELL_V_LEAST = 8, /* CI, CC, ACC, control byte, session number */
    ELL_V_MOST = 20, /* with the longest that is known, an address, and some bytes more */
};
enum decode_status ell_parse_v(const uint8_t *bytes, size_t n, size_t header_n, struct ell *ell);

/* Bits 31 to 29 of the session number: an enum ell_encryption, or reserved. */
int ell_encryption(const struct ell *ell);

/* region[n]: payload CRC and everything behind it, in clear, DLL CRCs removed. n may be anything.
 */
bool ell_crc_holds(const uint8_t *region, size_t n);

/* Decrypts the region that starts with the payload CRC. The initial counter holds the address of
 * the data link layer, also for ELL IV. Returns true if the payload CRC holds afterwards: it is the
 * only check of the key. */
bool ell_decrypt(struct crypto *crypto, const uint8_t key[AES_128_KEY], const struct address *dll,
                 const struct ell *ell, const uint8_t *region, size_t n, uint8_t *plain);

#endif
