/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/heard_json.h"

#include <math.h>
#include <stdio.h>

#include "apps/telegrams/telegram_json.h"
#include "decode/address.h"

static void add_text(struct json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, json_from_bytes(text));
}

static struct json_object *reasons(const struct heard_meter *m)
{
    struct json_object *o = json_object_new_object();
    for (int status = DECODE_OK + 1; status < DECODE_N_STATUS; status++)
        if (m->by_status[status] > 0)
            json_object_object_add(o, decode_status_name((enum decode_status)status),
                                   json_object_new_uint64(m->by_status[status]));
    return o;
}

struct json_object *heard_meter_json(const struct heard_meter *m, int64_t now_us)
{
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1], id[ADDRESS_ID_TEXT + 1];
    char text[sizeof m->reading];
    struct json_object *o = json_object_new_object();
    uint64_t expected = heard_expected(m, now_us);
    address_manufacturer_text(m->address.manufacturer, manufacturer);
    address_id_text(m->address.id, id);
    if (m->name[0])
        add_text(o, "name", m->name);
    add_text(o, "id", id);
    add_text(o, "manufacturer", manufacturer);
    add_text(o, "media", m->media);
    add_text(o, "meter", m->kind);
    if (m->mode)
        add_text(o, "mode", m->mode);
    json_object_object_add(o, "encrypted", json_object_new_boolean(m->encrypted));
    json_object_object_add(o, "decrypted", json_object_new_boolean(m->decrypted));
    if (m->interval_s > 0)
        json_add_rounded(o, "interval_s", m->interval_s, 1);
    json_object_object_add(o, "seen", json_object_new_uint64(m->seen));
    if (expected > 0)
        json_object_object_add(o, "expected", json_object_new_uint64(expected));
    json_add_rounded(o, "last_seen_s", (double)(now_us - m->last_us) * 1e-6, 1);
    json_add_rounded(o, "snr_db", (double)m->snr_db, 1);
    json_add_rounded(o, "rssi_dbfs", (double)m->rssi_dbfs, 1);
    json_add_rounded(o, "offset_hz", 10 * round((double)m->offset_hz / 10), 1);
    json_object_object_add(o, "by_reason", reasons(m));
    snprintf(text, sizeof text, "%s %s", m->reading.name, m->reading.value);
    if (m->reading.value[0])
        add_text(o, "reading", text);
    return o;
}

struct json_object *heard_json(const struct heard *heard, int64_t now_us)
{
    struct json_object *array = json_object_new_array();
    struct heard_list list;
    heard_sort(heard, &list);
    for (size_t i = 0; i < list.n; i++)
        json_object_array_add(array, heard_meter_json(list.items[i], now_us));
    heard_list_free(&list);
    return array;
}
