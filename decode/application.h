/* SPDX-License-Identifier: MIT
 * Application data in clear: which protocol they are, and the readings in them. */
#ifndef DECODE_APPLICATION_H
#define DECODE_APPLICATION_H

#include "decode/compact.h"
#include "decode/crypto.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"
#include "decode/tpl.h"

/* What the decoder has for it. */
struct application {
    struct crypto *crypto; /* drivers have ciphers of their own */
    const struct meter_list *meters;
    struct compact_formats *formats; /* for compact frames, learnt from full ones */
};

/* Reads telegram->payload. Returns DECODE_OK; DECODE_BAD_LENGTH, with the readings before the
 * fault; DECODE_WAITING_FORMAT for a compact frame whose format is not known. */
enum decode_status application_read(const struct application *application,
                                    enum application_kind kind, struct telegram *telegram);

#endif
