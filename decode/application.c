/* SPDX-License-Identifier: MIT */
#include "decode/application.h"

#include <string.h>

#include "decode/driver_choice.h"

static enum decode_status read_with_driver(const struct application *a, struct telegram *t,
                                           bool has_records)
{
    return driver_read(t, a->crypto, a->meters, has_records, false);
}

static enum decode_status read_records(const struct application *a, struct telegram *t)
{
    enum decode_status status = read_with_driver(a, t, true);
    if (status == DECODE_OK)
        compact_learn(a->formats, t->payload, t->payload_n);
    return status;
}

/* The records are read from the full frame; the payload stays what was received. */
static enum decode_status read_compact(const struct application *a, struct telegram *t)
{
    uint8_t full[FRAME_MAX_BYTES], received[FRAME_MAX_BYTES];
    size_t n = t->payload_n;
    if (n > sizeof received)
        return DECODE_BAD_LENGTH;
    memcpy(received, t->payload, n);
    size_t full_n = compact_expand(a->formats, received, n, full);
    if (full_n == 0)
        return DECODE_WAITING_FORMAT;
    memcpy(t->payload, full, full_n);
    t->payload_n = full_n;
    enum decode_status status = read_with_driver(a, t, true);
    memcpy(t->payload, received, n);
    t->payload_n = n;
    return status;
}

enum decode_status application_read(const struct application *application,
                                    enum application_kind kind, struct telegram *telegram)
{
    switch (kind) {
    case APPLICATION_RECORDS:
        return read_records(application, telegram);
    case APPLICATION_COMPACT:
        return read_compact(application, telegram);
    case APPLICATION_OTHER:
        break;
    }
    return read_with_driver(application, telegram, false);
}
