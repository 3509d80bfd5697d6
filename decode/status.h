/* SPDX-License-Identifier: MIT
 * What can be said of bytes from the air. One name per check; every value is counted, none is an
 * error of the program. */
#ifndef DECODE_STATUS_H
#define DECODE_STATUS_H

enum decode_status {
    DECODE_OK,
    DECODE_MORE,             /* more chips or bytes are needed to say                           */
    DECODE_BAD_CODE,         /* no code word of the line code is near enough                    */
    DECODE_BAD_CRC,          /* data link layer CRC; or all right, but in so much noise by chance */
    DECODE_BAD_LENGTH,       /* a length field points outside the frame, or a header is cut     */
    DECODE_NO_KEY,           /* encrypted, and no key is known for this meter                   */
    DECODE_BAD_2F2F,         /* mode 5 or 7: no known key gives the check bytes 2F 2F           */
    DECODE_BAD_ELL_CRC,      /* extended link layer payload CRC, in clear or after decryption   */
    DECODE_BAD_MAC,          /* AFL message authentication code                                 */
    DECODE_BAD_TAG,          /* authentication tag of modes 9 and 10                            */
    DECODE_UNSUPPORTED,      /* recognised, not implemented or not decodable: raw bytes are kept */
    DECODE_WAITING_FORMAT,   /* compact frame whose full frame was not seen yet                 */
    DECODE_WAITING_FRAGMENT, /* fragment of a message that is not complete                      */
    DECODE_N_STATUS
};

/* "ok", "more", ... "no_key", "bad_2f2f": lower case, as in the JSON field "reason". Never NULL. */
const char *decode_status_name(enum decode_status status);

#endif
