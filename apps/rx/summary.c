/* SPDX-License-Identifier: MIT */
#include "apps/rx/summary.h"

#include <inttypes.h>
#include <string.h>

/* Names of the counters, on paper and in "stats". */
// clang-format off
static const struct { const char *key, *one, *words; size_t offset; } radio_rows[] = {
    { "bursts",         "burst",          "bursts",         offsetof(struct receiver_stats, bursts) },
    { "syncs",          "sync word",      "sync words",     offsetof(struct receiver_stats, syncs) },
    { "frames_ok",      "telegram",       "telegrams",      offsetof(struct receiver_stats, frames_ok) },
    { "frames_mended",  "of them mended", "of them mended", offsetof(struct receiver_stats, frames_mended) },
    { "frames_bad_crc", "with wrong CRC", "with wrong CRC", offsetof(struct receiver_stats, frames_bad_crc) },
    { "duplicates",     "found twice",    "found twice",    offsetof(struct receiver_stats, duplicates) },
};
// clang-format on
enum { N_RADIO_ROWS = sizeof radio_rows / sizeof radio_rows[0] };

static uint64_t counter(const struct receiver_stats *radio, size_t row)
{
    uint64_t value;
    memcpy(&value, (const char *)radio + radio_rows[row].offset, sizeof value);
    return value;
}

void summary_add_radio(struct summary *summary, const struct receiver_stats *radio,
                       double sample_rate_sps)
{
    receiver_stats_add(&summary->radio, radio);
    summary->recorded_s += (double)radio->samples / sample_rate_sps;
}

static void count_mode(struct summary *summary, const struct frame *frame)
{
    size_t i = 0;
    while (i < summary->n_modes && (strcmp(summary->modes[i].mode, frame->rx.mode) != 0 ||
                                    summary->modes[i].format != frame->format))
        i++;
    if (i == SUMMARY_MAX_MODES)
        return;
    if (i == summary->n_modes) {
        summary->modes[i].mode = frame->rx.mode;
        summary->modes[i].format = frame->format;
        summary->n_modes++;
    }
    summary->modes[i].n++;
}

void summary_add_telegram(struct summary *summary, const struct telegram *telegram)
{
    if (telegram->frame.rx.mode)
        count_mode(summary, &telegram->frame);
    summary->by_status[telegram->status]++;
    if (telegram->decrypted && telegram->encrypted)
        summary->decrypted++;
    else if (telegram->decrypted)
        summary->in_clear++;
}

static void print_why_nothing(const struct summary *summary, FILE *to)
{
    const struct receiver_stats *radio = &summary->radio;
    if (radio->samples == 0)
        fprintf(to, "nothing was received: there were no samples\n");
    else if (radio->frames_bad_crc > 0)
        fprintf(to, "no whole telegram was received: the signals are weak, or collide\n");
    else if (radio->syncs > 0 || radio->bursts > 0)
        fprintf(to, "something sends, but no telegram could be read: weak signals, other "
                    "protocols, or a wrong sample rate (-s)\n");
    else
        fprintf(to, "nothing was received: no meter sent in this time (some send every 15 minutes "
                    "only), or centre (-f), sample rate (-s) or sample format are wrong, or the "
                    "gain was; a mirrored spectrum needs --iq-swap\n");
}

static void print_telegrams(const struct summary *summary, FILE *to)
{
    for (size_t i = 0; i < summary->n_modes; i++)
        fprintf(to, "%s%s format %c: %" PRIu64, i ? ", " : "by mode: ", summary->modes[i].mode,
                summary->modes[i].format == FRAME_A ? 'A' : 'B', summary->modes[i].n);
    fprintf(to, "\n%" PRIu64 " in clear, %" PRIu64 " decrypted", summary->in_clear,
            summary->decrypted);
    for (int status = DECODE_OK + 1; status < DECODE_N_STATUS; status++)
        if (summary->by_status[status] > 0)
            fprintf(to, ", %" PRIu64 " %s", summary->by_status[status],
                    decode_status_name((enum decode_status)status));
    fprintf(to, "\n");
}

void summary_print(const struct summary *summary, double worked_s, FILE *to)
{
    fprintf(to, "%" PRIu64 " samples, %.3f s, in %.3f s", summary->radio.samples,
            summary->recorded_s, worked_s);
    if (worked_s > 0 && summary->radio.samples > 0)
        fprintf(to, ": %.1f times real time, %.1f million samples a second",
                summary->recorded_s / worked_s, (double)summary->radio.samples / worked_s / 1e6);
    if (summary->radio.samples_lost > 0)
        fprintf(to, ", %" PRIu64 " samples lost", summary->radio.samples_lost);
    fprintf(to, "\n");
    for (size_t i = 0; i < N_RADIO_ROWS; i++)
        fprintf(to, "%s%" PRIu64 " %s", i ? ", " : "", counter(&summary->radio, i),
                counter(&summary->radio, i) == 1 ? radio_rows[i].one : radio_rows[i].words);
    fprintf(to, "\n");
    if (summary->radio.frames_ok > 0)
        print_telegrams(summary, to);
    else
        print_why_nothing(summary, to);
}

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
    json_object_object_add(o, key, json_object_new_uint64(n));
}

struct json_object *summary_json(const struct summary *summary)
{
    struct json_object *o = json_object_new_object(), *modes = json_object_new_object();
    json_object_object_add(o, "v", json_object_new_int(1));
    add_count(o, "samples", summary->radio.samples);
    add_count(o, "samples_lost", summary->radio.samples_lost);
    for (size_t i = 0; i < N_RADIO_ROWS; i++)
        add_count(o, radio_rows[i].key, counter(&summary->radio, i));
    for (size_t i = 0; i < summary->n_modes; i++) {
        char name[16];
        snprintf(name, sizeof name, "%.8s-%c", summary->modes[i].mode,
                 summary->modes[i].format == FRAME_A ? 'A' : 'B');
        add_count(modes, name, summary->modes[i].n);
    }
    json_object_object_add(o, "by_mode", modes);
    add_count(o, "in_clear", summary->in_clear);
    add_count(o, "decrypted", summary->decrypted);
    struct json_object *reasons = json_object_new_object();
    for (int status = DECODE_OK + 1; status < DECODE_N_STATUS; status++)
        if (summary->by_status[status] > 0)
            add_count(reasons, decode_status_name((enum decode_status)status),
                      summary->by_status[status]);
    json_object_object_add(o, "by_reason", reasons);
    return o;
}
