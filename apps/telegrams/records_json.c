/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/records_json.h"

#include "apps/telegrams/telegram_json.h"
#include "decode/record_view.h"

static void add(struct json_object *o, const char *key, const char *text)
{
    if (*text)
        json_object_object_add(o, key, json_object_new_string(text));
}

static struct json_object *record_json(const struct record_view *view)
{
    struct json_object *o = json_object_new_object();
    if (view->header_n)
        json_object_object_add(o, "header", json_hex(view->header, view->header_n));
    json_object_object_add(o, "data", json_hex(view->data, view->data_n));
    add(o, "quantity", view->quantity);
    add(o, "unit", view->unit);
    add(o, "name", view->reading.name);
    json_object_object_add(o, "value", json_value(&view->reading));
    if (view->summer_time)
        json_object_object_add(o, "summer_time", json_object_new_boolean(true));
    return o;
}

struct json_object *records_json(const struct telegram *telegram)
{
    struct json_object *list = json_object_new_array();
    struct record_view view;
    if (!list || !telegram->has_records)
        return list;
    struct reader reader = record_reader(telegram);
    while (record_view_next(&reader, &view))
        json_object_array_add(list, record_json(&view));
    return list;
}
