/* SPDX-License-Identifier: MIT
 * The decoder of wmbus-sdr as a library: telegrams of meters (wireless M-Bus, EN 13757-3, -4, -7
 * and OMS; wired M-Bus, EN 13757-2) in, named readings with units out. This header is all that is
 * public: link with `pkg-config --cflags --libs wmbus-decode`, see example/meter_reading.c.
 *
 * No I/O, no threads, no clock; memory is allocated by wmbus_decoder_open only. A decoder is used
 * by one thread at a time; decoders know nothing of each other. */
#ifndef WMBUS_DECODE_H
#define WMBUS_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WMBUS_API __attribute__((visibility("default")))

struct wmbus_decoder;

/* Bytes of keys: AES-128 (modes 5, 7, 9, 10; extended link layer), DES (modes 2, 3; Diehl's). */
enum { WMBUS_AES_KEY = 16, WMBUS_DES_KEY = 8 };

struct wmbus_key {
    uint8_t bytes[WMBUS_AES_KEY];
    size_t n; /* WMBUS_AES_KEY or WMBUS_DES_KEY */
};

/* A meter that is known beforehand, or a rule for many. NULL: not given, or any. */
struct wmbus_meter {
    const char *name;         /* is repeated in its telegrams; at most 63 bytes                   */
    const char *id;           /* "12345678", as on its face, or with type, manufacturer, version: */
                              /* "07ELS3312345678" (DIN 43863-5); NULL: any                       */
    const char *manufacturer; /* three letters; not beside an id that holds one                   */
    const char *driver;       /* kind of meter; "none": systematic names; NULL: by its address    */
    const struct wmbus_key *keys; /* the one whose check passes is taken; at most 8               */
    size_t n_keys;
};

/* Copies meters[n]. Returns NULL without memory, or if *problem, unless NULL, says what is wrong
 * with which meter. problem->text is a constant. The caller closes. */
struct wmbus_problem {
    size_t meter; /* index in meters */
    const char *text;
};
WMBUS_API struct wmbus_decoder *wmbus_decoder_open(const struct wmbus_meter *meters, size_t n,
                                                   struct wmbus_problem *problem);
/* Wipes the keys. NULL is allowed. */
WMBUS_API void wmbus_decoder_close(struct wmbus_decoder *decoder);

/* Why there are no readings, or not all. */
enum wmbus_status {
    WMBUS_OK,
    WMBUS_BAD_CRC,         /* of the data link layer (EN 13757-4:2019), or the checksum (-2)     */
    WMBUS_BAD_LENGTH,      /* a length points outside, or a header is cut; readings before stand  */
    WMBUS_NO_KEY,          /* encrypted, and no key fits this meter                               */
    WMBUS_BAD_2F2F,        /* modes 2 to 7: no key gives the check bytes (EN 13757-7:2018)        */
    WMBUS_BAD_ELL_CRC,     /* payload CRC of the extended link layer (EN 13757-4:2019)           */
    WMBUS_BAD_MAC,         /* of the authentication and fragmentation layer (EN 13757-7:2018)     */
    WMBUS_BAD_TAG,         /* of modes 9 and 10 (EN 13757-7:2018)                                */
    WMBUS_UNSUPPORTED,     /* recognised, but not decodable: payload is as received               */
    WMBUS_WAITING_FORMAT,  /* compact frame (EN 13757-3:2018, Annex G) before any full one        */
    WMBUS_WAITING_FRAGMENT /* of a message in several frames that is not complete                 */
};
/* "ok", "bad_crc" ... Never NULL. */
WMBUS_API const char *wmbus_status_name(enum wmbus_status status);

enum wmbus_kind {
    WMBUS_NULL,   /* the meter says that it has no valid value                                    */
    WMBUS_NUMBER, /* mantissa * 10^exp10 exactly                                                  */
    WMBUS_TEXT    /* words, dates (YYYY-MM-DD), times (YYYY-MM-DD HH:MM), local to the meter      */
};

/* One reading. The unit is the end of the name: total_m3, max_flow_m3h, energy_storage_1_kwh. */
struct wmbus_reading {
    const char *name; /* [a-z0-9_]+, unique in its telegram                                       */
    enum wmbus_kind kind;
    const char *text; /* the value: "6.408", "2024-01-31 12:30", UTF-8; "null"                   */
    double number;    /* WMBUS_NUMBER: the nearest double; with over 15 digits perhaps the next  */
    bool is_exact;    /* mantissa and exp10 hold: not of an IEEE-754 value, nor beyond 64 bits   */
    int64_t mantissa; /* EN 13757-3:2018, 6.4: the data, scaled by VIF and VIFEs               */
    int exp10;
};

/* What a telegram holds. Everything is owned by the decoder and valid until its next call. */
struct wmbus_telegram {
    enum wmbus_status status;
    /* the meter: of the long transport header if there is one (EN 13757-7:2018), else of the link
     * layer (EN 13757-4:2019) */
    char id[9];           /* eight digits, most significant first; "" if nothing says which meter */
    char manufacturer[4]; /* "ELS"                                                                */
    uint8_t version, device_type;
    const char *media;  /* what it measures: "water", "heat" ...                                  */
    const char *kind;   /* of meter, the name of its driver; "unknown" without one                */
    const char *name;   /* of the wmbus_meter; NULL: none                                         */
    bool to_meter;      /* sent to a meter, not by it                                             */
    bool encrypted;     /* at any layer                                                           */
    bool decrypted;     /* payload is in clear: never encrypted, or every check passed            */
    bool authenticated; /* a MAC or tag proves the sender                                         */
    bool counter_back;  /* authentic, but older than one before: a replay?                        */
    int security_mode;  /* EN 13757-7:2018, configuration field; -1: there is no header           */
    const uint8_t *payload; /* application data, decrypted if decrypted, else as received         */
    size_t payload_n;
    const struct wmbus_reading *readings;
    size_t n_readings; /* at most 256 */
};

/* Decodes one telegram: bytes[n] from the L-field on, with the CRCs of frame format A or B or
 * without any, or a whole frame of wired M-Bus. t_us: time of reception, microseconds since 1970
 * UTC or any other start: fragments of a message must come soon after each other. Never returns
 * NULL: any bytes give a status, in bounded time. */
WMBUS_API const struct wmbus_telegram *wmbus_decode(struct wmbus_decoder *decoder,
                                                    const uint8_t *bytes, size_t n, int64_t t_us);
/* The same for hex digits, of which spaces may be part; BAD_LENGTH if it is none. */
WMBUS_API const struct wmbus_telegram *wmbus_decode_hex(struct wmbus_decoder *decoder,
                                                        const char *hex, int64_t t_us);

#ifdef __cplusplus
}
#endif

#endif
