/* SPDX-License-Identifier: MIT */
#include "decode/record_view.h"

#include <string.h>

#include "decode/data_type.h"
#include "decode/reading_name.h"
#include "decode/record_value.h"

static void view_bytes(struct record_view *view, const char *name)
{
    view->quantity = view->unit = "";
    memcpy(view->reading.name, name, strlen(name) + 1);
    reading_set_hex(&view->reading, view->data, view->data_n);
}

static void view_record(struct record_view *view, const struct record *record)
{
    struct vib vib;
    enum vif_unit unit = UNIT_HEX;
    vib_read(record, &vib);
    bool is_known = vib.kind == VIB_STANDARD || vib.kind == VIB_PLAIN_TEXT;
    if (is_known && vib.profile == PROFILE_NONE)
        unit = record_value(record, &vib, &view->reading);
    else
        reading_set_hex(&view->reading, record->data, record->data_n);
    reading_name(record, &vib, unit, view->reading.name);
    view->quantity = is_known ? vib.quantity : "";
    view->unit = vif_units[unit].name;
    view->summer_time = unit == UNIT_DATETIME && view->reading.kind == READING_TEXT &&
                        data_summer_time(record->data, record->data_n);
}

bool record_view_next(struct reader *reader, struct record_view *view)
{
    struct record record;
    view->summer_time = false;
    view->kind = record_next(reader, &record);
    switch (view->kind) {
    case RECORD_END:
        return false;
    case RECORD_BAD:
        view->header_n = 0;
        view->data_n = reader_left(reader);
        view->header = view->data = reader_bytes(reader, view->data_n);
        view_bytes(view, "undecoded_hex");
        return true;
    case RECORD_DATA:
    case RECORD_MANUFACTURER:
        break;
    }
    view->data = record.data;
    view->data_n = record.data_n;
    view->header_n = record.header_n;
    view->header = record.data - view->header_n;
    if (view->kind == RECORD_MANUFACTURER)
        view_bytes(view, "manufacturer_data_hex");
    else
        view_record(view, &record);
    return true;
}
