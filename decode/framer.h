/* SPDX-License-Identifier: MIT
 * From the soft chips behind a training sequence to a frame: which of the channel's modes is it,
 * how long is it, are its CRCs right, and can they be made right? (EN 13757-4:2019) */
#ifndef DECODE_FRAMER_H
#define DECODE_FRAMER_H

#include "decode/line.h"
#include "decode/radio_mode.h"

/* Work space of one framer, for the caller to keep. */
struct framer {
    struct line_bytes line;
};

/* Chips behind the training sequence that tell what it is and how long: those of the first block.
 */
size_t framer_first_chips(const struct radio_channel *channel);

/* Looks at span, which starts with the first chip behind the channel's training sequence.
 * DECODE_OK: *frame is filled but for what the demodulator measured; frame->rx.mode and .mended are
 *   set, and *need_chips is what the frame took of span.
 * DECODE_MORE: *need_chips (more than span->n) have to be there to say more.
 * DECODE_BAD_CRC: as DECODE_OK, but a CRC is wrong beyond mending; the header makes sense.
 * DECODE_BAD_CODE: it is no frame of this channel. */
enum decode_status framer_read(struct framer *framer, const struct radio_channel *channel,
                               const struct chip_span *span, struct frame *frame,
                               size_t *need_chips);

#endif
