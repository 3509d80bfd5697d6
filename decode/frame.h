/* SPDX-License-Identifier: MIT
 * A frame of the data link layer (EN 13757-4:2019, formats A and B; EN 13757-2), CRCs or checksum
 * checked and removed, with how it was received. */
#ifndef DECODE_FRAME_H
#define DECODE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/status.h"

enum {
    FRAME_MAX_BYTES = 256,     /* L and the 255 bytes it can count                              */
    FRAME_MAX_AIR_BYTES = 290, /* format A, L = 255, with CRCs (protocol note: link, section 2) */
};

enum frame_format {
    FRAME_A,
    FRAME_B,
    FRAME_WIRED, /* EN 13757-2: bytes are L, C, A, CI ..., see wired.h */
};

/* How a frame was received. Zero where nothing was measured (telegrams given as text). */
struct reception {
    double channel_hz;        /* nominal carrier                                                */
    const char *mode;         /* "T1", "C1", "S1" ...; NULL: not known                          */
    double first_chip_sample; /* of the first sync chip, counted from the start of the stream   */
    float rssi_dbfs;          /* 0 = a tone of full scale                                       */
    float noise_dbfs;         /* in one chip rate's bandwidth, before the burst or inside it    */
    float snr_db;             /* Ec/N0                                                          */
    float offset_hz;          /* carrier minus channel_hz                                       */
    float chip_rate_cps;
    float deviation_hz;
    int mended; /* symbols or bits changed with the help of the CRC */
};

struct frame {
    uint8_t bytes[FRAME_MAX_BYTES]; /* L first, normalised to n - 1 where the format counts CRCs */
    size_t n;
    enum frame_format format;
    enum decode_status status; /* DECODE_OK, or DECODE_BAD_CRC for a frame kept for statistics */
    bool predecrypted;         /* who hands it on says that it is in clear, whatever it announces */
    struct reception rx;
};

#endif
