/* SPDX-License-Identifier: MIT
 * From the soft chips behind a training sequence to a frame: which of the channel's modes is it,
 * how long is it, are its CRCs right, and can they be made right? (EN 13757-4:2019) */
#ifndef DECODE_FRAMER_H
#define DECODE_FRAMER_H

#include "decode/line.h"
#include "decode/radio_mode.h"

enum framer_finding {
    FRAMER_NO_CODE,    /* no mode's sync word, or code words, are near enough           */
    FRAMER_NO_HEADER,  /* neither is the first CRC right, nor do C and M make sense      */
    FRAMER_BAD_LENGTH, /* L is none that the format can have                            */
    FRAMER_BAD_BLOCK,  /* the CRC of a block, or L, is wrong beyond mending              */
    FRAMER_DOUBTFUL,   /* all CRCs are right, or were made right, but with too poor odds  */
    FRAMER_RIGHT
};

/* How the framer came to its answer, for people: as the mode that it decided for, or that was
 * likeliest. */
struct framer_trace {
    enum framer_finding finding;
    const struct radio_mode *mode; /* NULL: none                                               */
    unsigned bad_block;            /* counted from 1; 0: none                                  */
    float log_odds; /* all of its blocks right against one wrong, natural logarithm; 0 if one is */
    size_t n_air;   /* bytes of the frame, CRCs included; 0: not known                         */
    uint8_t mended[FRAME_MAX_AIR_BYTES]; /* the bits that were changed in each of them         */
};

/* Work space of one framer, for the caller to keep. */
struct framer {
    struct line_bytes line;
    struct framer_trace trace; /* of the last framer_read that did not need more */
};

/* Chips behind the training sequence that tell what it is and how long: those of the first block.
 */
size_t framer_first_chips(const struct radio_channel *channel);

/* Looks at span, which starts with the first chip behind the channel's training sequence.
 * DECODE_OK: *frame is filled but for what the demodulator measured; frame->rx.mode and .mended are
 *   set, and *need_chips is what the frame took of span.
 * DECODE_MORE: *need_chips (more than span->n) have to be there to say more.
 * DECODE_BAD_CRC: as DECODE_OK, but a CRC is wrong beyond mending, or all of them together are too
 *   doubtful; the header makes sense.
 * DECODE_BAD_CODE: it is no frame of this channel. */
enum decode_status framer_read(struct framer *framer, const struct radio_channel *channel,
                               const struct chip_span *span, struct frame *frame,
                               size_t *need_chips);

#endif
