/* SPDX-License-Identifier: MIT
 * A telegram: the headers of one frame, decoded, its application data, decrypted where that was
 * possible, and the readings in it. */
#ifndef DECODE_TELEGRAM_H
#define DECODE_TELEGRAM_H

#include "decode/frame.h"
#include "decode/reading.h"

enum {
    TELEGRAM_MAX_READINGS = 256,
    TELEGRAM_MAX_PAYLOAD = 2048, /* of a message in many fragments; of one frame 255 */
    TELEGRAM_MAX_HEADERS = 124,  /* longest list of records' headers that is kept    */
};

/* M, A: manufacturer and address fields, ID as on air (little-endian). */
struct address {
    uint16_t manufacturer; /* bit 15 = soft address */
    uint8_t id[4];
    uint8_t version;
    uint8_t device_type;
};

/* DIF, DIFEs, VIF, VIFEs of records, one behind the other: the format of compact frames. */
struct record_headers {
    bool is_cut; /* there was more than these, or what has no length */
    uint8_t n;
    uint8_t bytes[TELEGRAM_MAX_HEADERS];
};

struct driver;

enum direction { DIRECTION_FROM_METER, DIRECTION_TO_METER };

struct telegram {
    struct frame frame;
    /* data link layer */
    uint8_t c; /* 0 in a frame without one, E5 of wired M-Bus */
    enum direction direction;
    struct address dll;      /* not of wired M-Bus                                             */
    uint8_t primary_address; /* of wired M-Bus                                                 */
    /* extended link layer; has_ell = false: none */
    bool has_ell;
    uint8_t ell_ci, ell_cc, ell_acc;
    uint8_t ell_header_n; /* bytes from CI up to the payload CRC, or to what follows */
    bool ell_has_session, ell_opened;
    uint32_t ell_sn;
    bool ell_has_partner; /* ELL III and IV: to whom a meter's telegram is sent, or the meter */
    struct address ell_partner;
    bool has_nwl; /* the frame went through a network layer, of a repeater */
    /* authentication and fragmentation layer; fragment 0: not fragmented */
    bool has_afl;
    uint8_t afl_fragment;
    /* transport layer; ci is the CI-field that names the application protocol */
    bool has_ci;
    uint8_t ci;
    bool has_tpl_header;
    uint8_t tpl_acc, tpl_sts;
    uint16_t tpl_cf;
    bool has_message_counter;
    uint32_t message_counter; /* of the transport layer, else of the AFL */
    /* the meter: long transport header if there is one, else the link layer */
    struct address meter;
    bool anonymous;        /* wired M-Bus without a long header: nothing says which meter     */
    int security_mode;     /* 0 = none, or no header; -1 where no transport layer was read     */
    bool encrypted;        /* the telegram announces encryption at any layer                  */
    bool decrypted;        /* application data is in clear: never encrypted, or decrypted and */
                           /* every check passed                                              */
    bool authenticated;    /* a MAC or a tag proved that the meter sent it                    */
    bool counter_back;     /* the meter's, authentic, but older than one before: a replay?    */
    bool predecrypted;     /* announces encryption, but is in clear: from a log               */
    bool default_key;      /* decrypted with a key that everybody knows                       */
    bool key_unused;       /* in clear, though a key is configured for this meter             */
    bool with_obis;        /* wanted: OBIS codes with the readings of records                 */
    bool full_crc_differs; /* compact frame: not the CRC of the full frame that was made      */
    bool more_follows;     /* DIF 1F: more records in the next message                        */
    enum decode_status status; /* DECODE_OK, or why the application data could not be read        */
    size_t payload_n;
    /* from the configuration; NULL: not configured. Owned by the decoder. */
    const char *name;
    bool name_is_shared;         /* that of a rule: other meters may have it, too                */
    const struct driver *driver; /* NULL: none                                                   */
    const char *kind;            /* kind of meter, "unknown" without a driver. Never NULL. */
    const char *media;           /* what it measures, in words. Never NULL. */
    bool has_records; /* the payload, or the full frame of a compact one, holds records */
    size_t full_n;    /* bytes of full; 0: it is no compact frame                       */
    struct record_headers headers; /* of the records that were read                              */
    size_t n_readings;
    /* from here on only what the lengths above speak of holds */
    struct reading readings[TELEGRAM_MAX_READINGS];
    /* application data, in clear if decrypted, else as received; what only a driver can open stays
     * as received */
    uint8_t payload[TELEGRAM_MAX_PAYLOAD];
    uint8_t full[FRAME_MAX_BYTES];   /* application data of the full frame that a compact one stands
                                        for */
    uint8_t opened[FRAME_MAX_BYTES]; /* ell_opened: what follows the header of the extended link
                                        layer, from the payload CRC on, decrypted */
};

#endif
