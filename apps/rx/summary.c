/* SPDX-License-Identifier: MIT */
#include "apps/rx/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "apps/rx/diagnosis.h"

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

/* The row of its mode and format; NULL: no room, which cannot be. */
static struct summary_mode *mode_of(struct summary *summary, const struct frame *frame)
{
    size_t i = 0;
    while (i < summary->n_modes && (strcmp(summary->modes[i].mode, frame->rx.mode) != 0 ||
                                    summary->modes[i].format != frame->format))
        i++;
    if (i == SUMMARY_MAX_MODES)
        return NULL;
    if (i == summary->n_modes)
        summary->modes[summary->n_modes++] =
            (struct summary_mode){ .mode = frame->rx.mode, .format = frame->format };
    return &summary->modes[i];
}

void summary_add_bad_frame(struct summary *summary, const struct frame *frame)
{
    struct summary_mode *mode = frame->rx.mode ? mode_of(summary, frame) : NULL;
    if (mode)
        mode->bad++;
}

void summary_add_telegram(struct summary *summary, const struct telegram *telegram)
{
    const struct frame *frame = &telegram->frame;
    struct summary_mode *mode = frame->rx.mode ? mode_of(summary, frame) : NULL;
    if (mode) {
        mode->n++;
        mode->mended += frame->rx.mended > 0;
        mode->by_status[telegram->status]++;
    }
    if (telegram->status != DECODE_OK)
        return;
    if (telegram->encrypted)
        summary->decrypted++;
    else
        summary->in_clear++;
}

/* Of a whole run nothing is known of the clock. */
static void print_findings(const struct summary *summary, bool recorded, FILE *to)
{
    const struct condition condition = {
        .radio = summary->radio,
        .seconds = summary->recorded_s,
        .vitals = vitals_of(&summary->radio),
        .recorded = recorded,
    };
    for (const struct finding *f = NULL; (f = diagnosis_next(&condition, f));)
        fprintf(to, "%s\n", f->advice);
}

/* Of the frames with good CRCs. */
static void count_status(const struct summary *summary, uint64_t by_status[DECODE_N_STATUS])
{
    memset(by_status, 0, DECODE_N_STATUS * sizeof *by_status);
    for (size_t i = 0; i < summary->n_modes; i++)
        for (int status = 0; status < DECODE_N_STATUS; status++)
            by_status[status] += summary->modes[i].by_status[status];
}

static void print_telegrams(const struct summary *summary, FILE *to)
{
    const char *before = "by mode: ";
    for (size_t i = 0; i < summary->n_modes; i++) {
        if (summary->modes[i].n == 0)
            continue;
        fprintf(to, "%s%s format %c: %" PRIu64, before, summary->modes[i].mode,
                summary->modes[i].format == FRAME_A ? 'A' : 'B', summary->modes[i].n);
        before = ", ";
    }
    fprintf(to, "\n%" PRIu64 " in clear, %" PRIu64 " decrypted", summary->in_clear,
            summary->decrypted);
    uint64_t by_status[DECODE_N_STATUS];
    count_status(summary, by_status);
    for (int status = DECODE_OK + 1; status < DECODE_N_STATUS; status++)
        if (by_status[status] > 0)
            fprintf(to, ", %" PRIu64 " %s", by_status[status],
                    decode_status_name((enum decode_status)status));
    fprintf(to, "\n");
}

void summary_print(const struct summary *summary, double worked_s, bool recorded, FILE *to)
{
    fprintf(to, "%" PRIu64 " samples, %.3f s", summary->radio.samples, summary->recorded_s);
    if (!isnan(worked_s))
        fprintf(to, ", in %.3f s", worked_s);
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
    print_findings(summary, recorded, to);
}

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
    json_object_object_add(o, key, json_object_new_uint64(n));
}

/* What was wrong with them. */
static struct json_object *reasons(const uint64_t by_status[DECODE_N_STATUS])
{
    struct json_object *o = json_object_new_object();
    for (int status = DECODE_OK + 1; status < DECODE_N_STATUS; status++)
        if (by_status[status] > 0)
            add_count(o, decode_status_name((enum decode_status)status), by_status[status]);
    return o;
}

/* What became of the frames of a mode. */
static struct json_object *results(const struct summary_mode *mode)
{
    uint64_t by_status[DECODE_N_STATUS];
    memcpy(by_status, mode->by_status, sizeof by_status);
    by_status[DECODE_BAD_CRC] += mode->bad;
    struct json_object *o = reasons(by_status);
    add_count(o, "ok", mode->by_status[DECODE_OK]);
    add_count(o, "mended", mode->mended);
    return o;
}

/* By mode and frame format: how many telegrams, and what became of all frames. */
static void add_modes(struct json_object *o, const struct summary *summary)
{
    struct json_object *modes = json_object_new_object(), *frames = json_object_new_object();
    for (size_t i = 0; i < summary->n_modes; i++) {
        const struct summary_mode *mode = &summary->modes[i];
        char name[16];
        snprintf(name, sizeof name, "%.8s-%c", mode->mode, mode->format == FRAME_A ? 'A' : 'B');
        if (mode->n > 0)
            add_count(modes, name, mode->n);
        json_object_object_add(frames, name, results(mode));
    }
    json_object_object_add(o, "by_mode", modes);
    json_object_object_add(o, "frames", frames);
}

struct json_object *summary_json(const struct summary *summary)
{
    struct json_object *o = json_object_new_object();
    uint64_t by_status[DECODE_N_STATUS];
    json_object_object_add(o, "v", json_object_new_int(1));
    add_count(o, "samples", summary->radio.samples);
    add_count(o, "samples_lost", summary->radio.samples_lost);
    for (size_t i = 0; i < N_RADIO_ROWS; i++)
        add_count(o, radio_rows[i].key, counter(&summary->radio, i));
    add_modes(o, summary);
    add_count(o, "in_clear", summary->in_clear);
    add_count(o, "decrypted", summary->decrypted);
    count_status(summary, by_status);
    json_object_object_add(o, "by_reason", reasons(by_status));
    return o;
}
