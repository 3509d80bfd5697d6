/* SPDX-License-Identifier: MIT
 * What a run did: counters of the receiver and of the decoder, for people at the end and for
 * subscribers as the message "stats". */
#ifndef APPS_RX_SUMMARY_H
#define APPS_RX_SUMMARY_H

#include <json-c/json.h>
#include <stdio.h>

#include "apps/receiver/receiver.h"
#include "decode/telegram.h"

enum { SUMMARY_MAX_MODES = 32 };

struct summary_mode {
    const char *mode;
    enum frame_format format;
    uint64_t n, mended, bad; /* frames with good CRCs, of these mended; with wrong ones        */
    uint64_t by_status[DECODE_N_STATUS]; /* of those with good ones */
};

struct summary {
    struct receiver_stats radio;
    double recorded_s;
    struct summary_mode modes[SUMMARY_MAX_MODES];
    size_t n_modes;
    uint64_t in_clear, decrypted; /* of the telegrams whose application data was read         */
};

void summary_add_radio(struct summary *summary, const struct receiver_stats *radio,
                       double sample_rate_sps);
/* A frame with a wrong CRC. */
void summary_add_bad_frame(struct summary *summary, const struct frame *frame);
/* A telegram with good CRCs. */
void summary_add_telegram(struct summary *summary, const struct telegram *telegram);

/* worked_s: time that the work took; recorded: of a file; also what was wrong, see diagnosis.h. */
void summary_print(const struct summary *summary, double worked_s, bool recorded, FILE *to);
/* The caller puts it back. It holds nothing that differs from run to run. */
struct json_object *summary_json(const struct summary *summary);

#endif
