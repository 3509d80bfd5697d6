/* SPDX-License-Identifier: MIT */
#include "apps/publisher.h"

#include "apps/clock.h"
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

static bool publish_telegram(const struct publisher *publisher, enum message_kind kind,
                             const struct telegram *telegram, const struct telegram_origin *origin,
                             struct err *err)
{
    char id[ADDRESS_ID_TEXT + 1];
    address_id_text(telegram->meter.id, id);
    return publish(
        publisher,
        (struct message){ .kind = kind,
                          .id = id,
                          .json = telegram_json(telegram, origin, kind == MESSAGE_READING),
                          .telegram = telegram,
                          .origin = origin },
        err);
}

static void obey_hangup(const struct publisher *publisher)
{
    if (!publisher->hangup || !*publisher->hangup)
        return;
    *publisher->hangup = 0;
    outputs_reopen(publisher->outputs);
}

bool publisher_frame(struct publisher *publisher, const struct frame *frame,
                     const struct telegram_origin *origin, struct err *err)
{
    struct telegram telegram;
    struct telegram_origin with = *origin;
    if (frame->status != DECODE_OK && !publisher->all)
        return true;
    obey_hangup(publisher);
    with.decoder = publisher->decoder;
    decoder_decode(publisher->decoder, frame, origin->t_us, &telegram);
    if (frame->status == DECODE_OK)
        summary_add_telegram(publisher->summary, &telegram);
    return publish_telegram(publisher, MESSAGE_TELEGRAM, &telegram, origin, err) &&
           publish_telegram(publisher, MESSAGE_READING, &telegram, &with, err);
}

bool publisher_stats(const struct publisher *publisher, const struct summary *summary,
                     struct err *err)
{
    return publish(publisher,
                   (struct message){ .kind = MESSAGE_STATS, .json = summary_json(summary) }, err);
}

bool publisher_event(const struct publisher *publisher, struct json_object *event, struct err *err)
{
    return publish(publisher, (struct message){ .kind = MESSAGE_EVENT, .json = event }, err);
}
