/* SPDX-License-Identifier: MIT */
#include "apps/rx/publisher.h"

#include <inttypes.h>
#include <stdio.h>

#include "apps/common/clock.h"
#include "apps/telegrams/heard_json.h"
#include "decode/address.h"

/* A pipe may hold a recording: what runs ahead of the clock can wait for who reads slowly. */
static bool may_wait(const struct publisher *publisher, const struct telegram_origin *origin)
{
    static const double ahead_s = 2;
    return !publisher->live ||
           (origin && origin->time_s > monotonic_s() - publisher->start_s + ahead_s);
}

/* Puts the object back. */
static bool publish(const struct publisher *publisher, struct message message, struct err *err)
{
    message.live = publisher->live;
    message.may_wait = may_wait(publisher, message.origin);
    bool ok = outputs_write(publisher->outputs, &message, err);
    json_object_put(message.json);
    return ok;
}

/* What is wrong with an output, and when that is over, told to people and to the other outputs. */
static bool tell_troubles(const struct publisher *publisher, struct err *err)
{
    struct output_report report;
    bool ok = true;
    for (const char *name; ok && (name = outputs_news(publisher->outputs, &report));) {
        char text[sizeof report.trouble.text + 100], lost[40] = "";
        if (report.lost > 0)
            snprintf(lost, sizeof lost, "%" PRIu64 " lost; ", report.lost);
        snprintf(text, sizeof text, "output %s: %s%s", name, lost,
                 report.trouble.text[0] ? report.trouble.text : "now all is well");
        publisher->say(text);
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "v", json_object_new_int(1));
        json_object_object_add(o, "event", json_object_new_string("output"));
        json_object_object_add(o, "output", json_object_new_string(name));
        json_object_object_add(o, "lost", json_object_new_uint64(report.lost));
        json_object_object_add(o, "trouble", json_from_bytes(report.trouble.text));
        ok = publish(publisher, (struct message){ .kind = MESSAGE_EVENT, .json = o }, err);
    }
    return ok;
}

static bool publish_telegram(const struct publisher *publisher, enum message_kind kind,
                             struct message about, struct err *err)
{
    about.kind = kind;
    about.json = telegram_json(about.telegram, about.origin, kind == MESSAGE_READING);
    return publish(publisher, about, err);
}

static void obey_hangup(struct publisher *publisher)
{
    if (!publisher->hangup || !*publisher->hangup)
        return;
    *publisher->hangup = 0;
    publisher->reload(publisher, publisher->user);
    outputs_reopen(publisher->outputs);
}

/* Its counters, and whether it is to be told. */
static bool is_wanted(struct publisher *publisher, const struct telegram *telegram, int64_t t_us,
                      struct heard_meter **meter)
{
    *meter = NULL;
    if (!selection_wants(publisher->selection, &telegram->meter))
        return false;
    if (telegram->frame.status != DECODE_OK || telegram->anonymous)
        return true;
    *meter = heard_add(publisher->heard, telegram, t_us);
    if (t_us > publisher->now_us)
        publisher->now_us = t_us;
    return selection_tells(publisher->selection, telegram, *meter);
}

bool publisher_frame(struct publisher *publisher, const struct frame *frame,
                     const struct telegram_origin *origin, struct err *err)
{
    struct telegram telegram;
    struct telegram_origin with = *origin;
    if (frame->status != DECODE_OK)
        summary_add_bad_frame(publisher->summary, frame);
    if (frame->status != DECODE_OK && !publisher->all)
        return true;
    obey_hangup(publisher);
    with.decoder = publisher->decoder;
    decoder_decode(publisher->decoder, frame, origin->t_us, &telegram);
    if (frame->status == DECODE_OK)
        summary_add_telegram(publisher->summary, &telegram);
    struct heard_meter *meter;
    if (!is_wanted(publisher, &telegram, origin->t_us, &meter))
        return true;
    char id[ADDRESS_ID_TEXT + 1];
    address_id_text(telegram.meter.id, id);
    const struct message about = {
        .id = id, .telegram = &telegram, .origin = &with, .meter = meter
    };
    return publish_telegram(publisher, MESSAGE_TELEGRAM, about, err) &&
           publish_telegram(publisher, MESSAGE_READING, about, err) &&
           tell_troubles(publisher, err);
}

/* Meters that fell silent, keys that fail. */
static bool tell_of_meters(struct publisher *publisher, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < publisher->heard->n; i++) {
        struct heard_meter *meter = &publisher->heard->meters[i];
        const char *news = heard_news(meter, publisher->now_us);
        if (!news)
            continue;
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "v", json_object_new_int(1));
        json_object_object_add(o, "event", json_object_new_string(news));
        json_object_object_add(o, "meter", heard_meter_json(meter, publisher->now_us));
        ok = publish(publisher, (struct message){ .kind = MESSAGE_EVENT, .json = o }, err);
    }
    return ok;
}

bool publisher_tick(struct publisher *publisher, int64_t t_us, struct err *err)
{
    publisher->now_us = t_us;
    obey_hangup(publisher);
    outputs_tick(publisher->outputs, t_us);
    return tell_of_meters(publisher, err) && tell_troubles(publisher, err);
}

bool publisher_stats(struct publisher *publisher, struct json_object *stats, struct err *err)
{
    json_object_object_add(stats, "outputs", outputs_json(publisher->outputs));
    json_object_object_add(stats, "meters", heard_json(publisher->heard, publisher->now_us));
    return publish(publisher, (struct message){ .kind = MESSAGE_STATS, .json = stats }, err) &&
           tell_troubles(publisher, err);
}

bool publisher_event(struct publisher *publisher, struct json_object *event, struct err *err)
{
    return publish(publisher, (struct message){ .kind = MESSAGE_EVENT, .json = event }, err);
}
