/* SPDX-License-Identifier: MIT */
#include "apps/publisher.h"

#include "decode/address.h"

/* Puts the object back. */
static bool publish(const struct publisher *publisher, enum message_kind kind, const char *id,
                    struct json_object *json, struct err *err)
{
    struct message message = { kind, id, json };
    bool ok = outputs_write(publisher->outputs, &message, err);
    json_object_put(json);
    return ok;
}

bool publisher_frame(struct publisher *publisher, const struct frame *frame,
                     const struct telegram_origin *origin, struct err *err)
{
    struct telegram telegram;
    struct telegram_origin with = *origin;
    char id[ADDRESS_ID_TEXT + 1];
    if (frame->status != DECODE_OK && !publisher->all)
        return true;
    with.decoder = publisher->decoder;
    decoder_decode(publisher->decoder, frame, origin->t_us, &telegram);
    if (frame->status == DECODE_OK)
        summary_add_telegram(publisher->summary, &telegram);
    address_id_text(telegram.meter.id, id);
    return publish(publisher, MESSAGE_TELEGRAM, id, telegram_json(&telegram, origin, false), err) &&
           publish(publisher, MESSAGE_READING, id, telegram_json(&telegram, &with, true), err);
}

bool publisher_stats(const struct publisher *publisher, const struct summary *summary,
                     struct err *err)
{
    return publish(publisher, MESSAGE_STATS, NULL, summary_json(summary), err);
}

bool publisher_event(const struct publisher *publisher, struct json_object *event, struct err *err)
{
    return publish(publisher, MESSAGE_EVENT, NULL, event, err);
}
