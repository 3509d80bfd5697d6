/* SPDX-License-Identifier: MIT
 * What a run did: counters of the receiver and of the decoder, for people at the end and for
 * subscribers as the message "stats". */
#ifndef APPS_RX_SUMMARY_H
#define APPS_RX_SUMMARY_H

#include <json-c/json.h>
#include <stdio.h>

#include "apps/receiver/receiver.h"
#include "decode/telegram.h"

enum { SUMMARY_MAX_MODES = 16 };

struct summary {
    struct receiver_stats radio;
    double recorded_s;
    struct {
        const char *mode;
        enum frame_format format;
        uint64_t n;
    } modes[SUMMARY_MAX_MODES];
    size_t n_modes;
    uint64_t in_clear, decrypted;        /* of the telegrams whose application data was read   */
    uint64_t by_status[DECODE_N_STATUS]; /* of the frames with good CRCs                      */
};

void summary_add_radio(struct summary *summary, const struct receiver_stats *radio,
                       double sample_rate_sps);
/* A telegram with good CRCs. */
void summary_add_telegram(struct summary *summary, const struct telegram *telegram);

/* worked_s: time that the work took; if nothing was received, says why that may be. */
void summary_print(const struct summary *summary, double worked_s, FILE *to);
/* The caller puts it back. It holds nothing that differs from run to run. */
struct json_object *summary_json(const struct summary *summary);

#endif
