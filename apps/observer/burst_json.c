/* SPDX-License-Identifier: MIT */
#include "apps/observer/burst_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/observer/burst_text.h"
#include "apps/telegrams/telegram_json.h"

static void add_text(struct json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, json_object_new_string(text));
}

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
    json_object_object_add(o, key, json_object_new_uint64(n));
}

/* Byte of the frame as sent, from L on, CRCs included, and the bits of it that were changed. */
static struct json_object *mended_bytes(const struct framer_trace *trace)
{
    struct json_object *list = json_object_new_array();
    for (size_t k = 0; k < trace->n_air; k++) {
        if (!trace->mended[k])
            continue;
        struct json_object *o = json_object_new_object();
        add_count(o, "byte", k);
        json_object_object_add(o, "bits", json_hex(&trace->mended[k], 1));
        json_object_array_add(list, o);
    }
    return list;
}

static void add_frame(struct json_object *o, const struct burst_report *r)
{
    char text[32];
    add_count(o, "sync_errors", r->sync_errors);
    add_count(o, "sync_chips", r->sync_chips);
    if (r->trace.bad_block > 0)
        add_count(o, "bad_block", r->trace.bad_block);
    if (r->frame)
        json_object_object_add(o, "telegram", json_hex(r->frame->bytes, r->frame->n));
    if (isnan(burst_odds_log10(r)))
        return;
    snprintf(text, sizeof text, "%.1f", burst_odds_log10(r));
    json_object_object_add(o, "odds_log10", json_object_new_double_s(burst_odds_log10(r), text));
    if (r->rx.mended > 0)
        json_object_object_add(o, "mended_bytes", mended_bytes(&r->trace));
}

static struct json_object *figures(const struct burst_report *r)
{
    struct json_object *o = json_object_new_object();
    add_text(o, "result", burst_result_name(r->result));
    add_text(o, "channel", r->channel->name);
    if (r->rx.mode)
        add_text(o, "mode", r->rx.mode);
    json_add_reception(o, &r->rx);
    if (r->result != BURST_NO_SYNC)
        add_frame(o, r);
    return o;
}

/* The band that it takes, by Carson's rule. */
static void add_edges(struct json_object *o, const struct burst_report *r)
{
    const struct reception *rx = &r->rx;
    const bool known = isfinite(rx->offset_hz) && isfinite(rx->deviation_hz);
    const double center_hz = rx->channel_hz + (known ? (double)rx->offset_hz : 0);
    const double half_hz =
        known ? (double)rx->deviation_hz + (double)rx->chip_rate_cps / 2 : r->channel->pass_hz;
    json_object_object_add(o, "core:freq_lower_edge",
                           json_object_new_int64(llround(center_hz - half_hz)));
    json_object_object_add(o, "core:freq_upper_edge",
                           json_object_new_int64(llround(center_hz + half_hz)));
}

struct json_object *burst_json(const struct burst_report *r, uint64_t first_sample)
{
    struct json_object *o = json_object_new_object(), *fields = figures(r);
    char what[BURST_WHAT_SIZE], label[64], sender[BURST_NAME_SIZE];
    const double first = fmax(r->first_sample - (double)first_sample, 0);
    burst_text_what(r, what);
    burst_text_sender(r, sender);
    snprintf(label, sizeof label, "%s%s%s %s", r->rx.mode ? r->rx.mode : r->channel->name,
             sender[0] ? " " : "", sender, burst_result_name(r->result));
    add_count(o, "core:sample_start", (uint64_t)first);
    add_count(o, "core:sample_count",
              (uint64_t)fmax(r->last_sample - (double)first_sample - first, 0));
    add_edges(o, r);
    add_text(o, "core:label", label);
    add_text(o, "core:comment", what);
    add_text(o, "core:generator", "wmbus-rx");
    json_object_object_foreach(fields, name, value)
    {
        char key[40];
        snprintf(key, sizeof key, "wmbus:%s", name);
        json_object_object_add(o, key, json_object_get(value));
    }
    json_object_put(fields);
    return o;
}
