/* SPDX-License-Identifier: MIT */
#include "apps/outputs/home_assistant.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "apps/outputs/meter_topic.h"
#include "apps/telegrams/quantity.h"
#include "decode/address.h"
#include "decode/meter_list.h"

static void add_text(struct json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, json_object_new_string(text));
}

/* As it is called; what others may be called, too, has the number behind it. */
static void add_device_name(struct json_object *device, const struct telegram *t, const char *maker,
                            const char *id)
{
    char text[METER_NAME_SIZE + 64];
    if (!t->name)
        snprintf(text, sizeof text, "%s %.60s %s", maker, t->media, id);
    else
        snprintf(text, sizeof text, t->name_is_shared ? "%s %s" : "%s", t->name, id);
    add_text(device, "name", text);
}

static struct json_object *device_block(const struct telegram *t)
{
    struct json_object *device = json_object_new_object(), *ids = json_object_new_array();
    char maker[ADDRESS_MANUFACTURER_TEXT + 1], id[ADDRESS_ID_TEXT + 1], meter[METER_TOPIC_SIZE];
    char text[METER_TOPIC_SIZE + 8];
    address_manufacturer_text(t->meter.manufacturer, maker);
    address_id_text(t->meter.id, id);
    meter_topic_text(&t->meter, meter);
    snprintf(text, sizeof text, "wmbus_%s", meter);
    json_object_array_add(ids, json_object_new_string(text));
    json_object_object_add(device, "identifiers", ids);
    add_device_name(device, t, maker, id);
    add_text(device, "manufacturer", maker);
    add_text(device, "model", strcmp(t->kind, "unknown") ? t->kind : t->media);
    add_text(device, "serial_number", id);
    snprintf(text, sizeof text, "%02x", t->meter.version);
    add_text(device, "hw_version", text);
    return device;
}

/* "total_energy_consumption" is "Total energy consumption". */
static void add_name(struct json_object *o, const char *name, size_t n)
{
    char text[READING_NAME_SIZE];
    snprintf(text, sizeof text, "%.*s", (int)n, name);
    for (char *c = text; *c; c++)
        if (*c == '_')
            *c = ' ';
    text[0] = (char)toupper((unsigned char)text[0]);
    add_text(o, "name", text);
}

static void add_quantity(struct json_object *o, const struct reading *r, const char *media)
{
    struct quantity q = quantity_of(r->name, media);
    bool number = r->kind != READING_TEXT;
    add_name(o, r->name, number && q.unit ? q.n_stem : strlen(r->name));
    if (number && q.unit)
        add_text(o, "unit_of_measurement", q.unit);
    if (q.class && (q.unit ? number : r->kind != READING_NUMBER)) /* a date is text */
        add_text(o, "device_class", q.class);
    if (number && q.behaviour == QUANTITY_COUNTER)
        add_text(o, "state_class", "total_increasing");
    if (number && q.behaviour == QUANTITY_MEASURE)
        add_text(o, "state_class", "measurement");
    if (!q.unit)
        add_text(o, "entity_category", "diagnostic");
    if (q.unit && q.behaviour == QUANTITY_STATE) /* what it was last month, the month before ... */
        json_object_object_add(o, "enabled_by_default", json_object_new_boolean(false));
}

struct json_object *home_assistant_config(const struct home_assistant_sensor *sensor)
{
    const struct telegram *t = sensor->telegram;
    char meter[METER_TOPIC_SIZE], text[METER_TOPIC_SIZE + READING_NAME_SIZE + 8];
    struct json_object *o = json_object_new_object(), *origin = json_object_new_object();
    add_quantity(o, sensor->reading, t->media);
    meter_topic_text(&t->meter, meter);
    snprintf(text, sizeof text, "wmbus_%s_%s", meter, sensor->reading->name);
    add_text(o, "unique_id", text);
    add_text(o, "object_id", text);
    add_text(o, "state_topic", sensor->state_topic);
    add_text(o, "availability_topic", sensor->availability_topic);
    if (sensor->expire_after_s > 0)
        json_object_object_add(o, "expire_after",
                               json_object_new_int64((int64_t)sensor->expire_after_s));
    json_object_object_add(o, "device", device_block(t));
    add_text(origin, "name", "wmbus-sdr");
    add_text(origin, "sw_version", WMBUS_VERSION);
    json_object_object_add(o, "origin", origin);
    return o;
}
