/* SPDX-License-Identifier: MIT */
#include "decode/record_read.h"

#include <string.h>

#include "decode/obis.h"
#include "decode/profile.h"
#include "decode/reading_name.h"
#include "decode/record_value.h"

static void accept_time(struct reading_sink *sink, const struct record *element,
                        const struct time_point *time, const char *qualifier)
{
    struct reading *reading = reading_sink_next(sink);
    struct vib vib = { .kind = VIB_STANDARD, .quantity = "time_point" };
    if (qualifier)
        vib.qualifiers[vib.n_qualifiers++] = qualifier;
    reading->kind = READING_TEXT;
    time_print(time, reading->text);
    enum vif_unit unit = time->kind == TIME_DATE ? UNIT_DATE : UNIT_DATETIME;
    reading_sink_accept(sink, reading_name(element, &vib, unit, reading->name));
}

/* Two readings for each element: its value and, where known, its time. left: bytes of payload
 * behind the record; a record has two or more, so half of them is the room its readings may need.
 * Returns false, with nothing accepted, if the profile is better kept as hex. */
static bool read_profile(struct reading_sink *sink, const struct record *record,
                         const struct vib *vib, size_t left)
{
    struct telegram *t = sink->telegram;
    struct profile profile;
    struct record element = *record;
    struct decimal number;
    struct time_point time;
    if (!profile_open(&profile, record, vib, t->payload, t->payload_n) || !profile.n ||
        t->n_readings + 2 * profile.n + left / 2 + 1 > TELEGRAM_MAX_READINGS)
        return false;
    const char *qualifier = vife_find(false, record->vib[vib->profile_at])->qualifier;
    for (size_t i = 0; i < profile.n; i++) {
        enum profile_step step = profile_value(&profile, i, &number);
        struct reading *reading = reading_sink_next(sink);
        if (step == PROFILE_OVER)
            return i > 0;
        element.storage = record->storage + 1 + i;
        reading->kind = READING_NULL;
        if (step == PROFILE_VALUE)
            reading_set_decimal(reading, &number);
        reading_sink_accept(sink, reading_name(&element, vib, vib->unit, reading->name));
        if (profile_time(&profile, i, &time))
            accept_time(sink, &element, &time, qualifier);
    }
    return true;
}

static void read_record(struct reading_sink *sink, const struct record *record, size_t left)
{
    struct vib vib;
    enum vif_unit unit = UNIT_HEX;
    struct reading *reading = reading_sink_next(sink);
    if (!reading)
        return;
    vib_read(record, &vib);
    if (vib.profile != PROFILE_NONE && read_profile(sink, record, &vib, left))
        return;
    if (vib.kind == VIB_MANUFACTURER || vib.kind == VIB_UNKNOWN || vib.profile != PROFILE_NONE)
        reading_set_hex(reading, record->data, record->data_n);
    else
        unit = record_value(record, &vib, reading);
    obis_announce(sink, record, &vib);
    reading_sink_accept(sink, reading_name(record, &vib, unit, reading->name));
    obis_announce(sink, NULL, NULL);
}

/* What record_next found. */
static void read_kind(struct reading_sink *sink, enum record_kind kind, const struct record *record,
                      const struct reader *reader)
{
    switch (kind) {
    case RECORD_DATA:
        reading_sink_from(sink, record->data, record->data_n);
        read_record(sink, record, reader_left(reader));
        break;
    case RECORD_MANUFACTURER:
        reading_sink_from(sink, record->data, record->data_n);
        reading_sink_hex(sink, "manufacturer_data_hex", record->data, record->data_n);
        break;
    case RECORD_BAD:
        reading_sink_from(sink, NULL, 0);
        reading_sink_hex(sink, "undecoded_hex", reader->bytes + reader->at, reader_left(reader));
        break;
    case RECORD_END:
        break;
    }
}

void record_read_at(struct reading_sink *sink, size_t at)
{
    struct record record;
    struct reader reader = reader_init(sink->telegram->payload, sink->telegram->payload_n);
    reader.at = at < reader.n ? at : reader.n;
    enum record_kind kind = record_next(&reader, &record);
    read_kind(sink, kind, &record, &reader);
}

enum decode_status record_read_all(struct telegram *telegram)
{
    struct reading_sink sink;
    struct record record;
    enum record_kind kind;
    reading_sink_init(&sink, telegram);
    struct reader reader = reader_init(telegram->payload, telegram->payload_n);
    do {
        kind = record_next_noted(&reader, &record, telegram);
        read_kind(&sink, kind, &record, &reader);
    } while (kind != RECORD_END && kind != RECORD_BAD);
    return kind == RECORD_END ? DECODE_OK : DECODE_BAD_LENGTH;
}
