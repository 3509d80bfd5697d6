/* SPDX-License-Identifier: MIT
 * The lines of rtl_wmbus, for programs that read those:
 *   MODE;CRC_OK;3OF6_OK;YYYY-MM-DD HH:MM:SS.ffffff;PACKET_RSSI;CURRENT_RSSI;ID;0xhex
 * T1, C1 or S1; the time is UTC; the two are amplitudes, of the telegram and of the noise beside
 * it, on the scale of 8 bit samples; the link layer's ID; its bytes from L on without CRCs. */
#include "apps/outputs/output_lines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/common/utc.h"
#include "decode/address.h"

enum { LINE_SIZE = 80 + 2 * FRAME_MAX_BYTES };

static int amplitude(double dbfs)
{
    enum { FULL_SCALE = 128 };
    double a = round(FULL_SCALE * pow(10, dbfs / 20));
    return a >= 1 ? (int)fmin(a, 255) : 1; /* not a number: nothing was measured */
}

/* S2 and what C2 meters are sent have the rate and the coding of S1 and C1, and readers know these.
 */
static void mode_text(const char *mode, char text[3])
{
    text[0] = mode && mode[0] ? mode[0] : 'T';
    text[1] = text[0] == 'T' || text[0] == 'C' || text[0] == 'S' ? '1'
              : mode && mode[0]                                  ? mode[1]
                                                                 : '1';
    text[2] = 0;
}

/* Samples of a pipe have no date: they are of now. Those of a replay count from 1970. */
static void time_text(const struct message *message, char text[UTC_TEXT_SIZE])
{
    int64_t t_us = message->origin->t_us;
    struct timespec now;
    if (!message->origin->has_timestamp && message->live &&
        clock_gettime(CLOCK_REALTIME, &now) == 0)
        t_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    utc_format(t_us, text); /* 2024-01-31T12:34:56.123456Z */
    text[strcspn(text, "T")] = ' ';
    text[strcspn(text, "Z")] = 0;
}

static bool write_rtlwmbus(void *state, const struct message *message, struct err *err)
{
    const struct telegram *t = message->telegram;
    if (message->kind != MESSAGE_READING || !t)
        return true;
    char line[LINE_SIZE], mode[3], when[UTC_TEXT_SIZE], id[ADDRESS_ID_TEXT + 1];
    mode_text(t->frame.rx.mode, mode);
    time_text(message, when);
    address_id_text(t->dll.id, id);
    int n = snprintf(line, sizeof line, "%s;%d;1;%.26s;%d;%d;%s;0x", mode,
                     t->frame.status == DECODE_OK, when, amplitude((double)t->frame.rx.rssi_dbfs),
                     amplitude((double)t->frame.rx.noise_dbfs), id);
    for (size_t i = 0; i < t->frame.n; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, "%02x", t->frame.bytes[i]);
    return line_sink_write(state, line, message->may_wait, err);
}

const struct output_type output_rtlwmbus = {
    .name = "rtlwmbus",
    .help = "the lines of rtl_wmbus",
    .open = output_lines_open,
    .write = write_rtlwmbus,
    OUTPUT_LINES,
};
