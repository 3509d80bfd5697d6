/* SPDX-License-Identifier: MIT */
#include "decode/record.h"

#include <string.h>

#include "decode/profile.h"
#include "decode/reading_name.h"
#include "decode/record_value.h"

/* Where readings go. The hashes make the search for equal names cheap. */
struct sink {
    struct telegram *telegram;
    uint32_t hashes[TELEGRAM_MAX_READINGS];
    uint16_t uses[TELEGRAM_MAX_READINGS]; /* of a name by readings that had the same one */
};

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

static struct reading *next_reading(struct sink *sink)
{
    struct telegram *t = sink->telegram;
    return t->n_readings < TELEGRAM_MAX_READINGS ? &t->readings[t->n_readings] : NULL;
}

/* Index of the accepted reading with this name, or n_readings. */
static size_t find_name(const struct sink *sink, const char *name, uint32_t hash)
{
    const struct telegram *t = sink->telegram;
    size_t i = 0;
    while (i < t->n_readings && (sink->hashes[i] != hash || strcmp(t->readings[i].name, name) != 0))
        i++;
    return i;
}

/* number is 2 ... 999. */
static void append_number(char *end, unsigned number)
{
    *end++ = '_';
    if (number >= 100)
        *end++ = (char)('0' + number / 100);
    if (number >= 10)
        *end++ = (char)('0' + number / 10 % 10);
    *end++ = (char)('0' + number % 10);
    *end = 0;
}

/* Accepts next_reading(), after making its name unique. */
static void accept(struct sink *sink)
{
    struct telegram *t = sink->telegram;
    struct reading *reading = &t->readings[t->n_readings];
    uint32_t hash = hash_of(reading->name);
    size_t first = find_name(sink, reading->name, hash);
    if (first < t->n_readings) {
        char *end = reading->name + strlen(reading->name);
        do {
            append_number(end, ++sink->uses[first]);
            hash = hash_of(reading->name);
        } while (find_name(sink, reading->name, hash) < t->n_readings);
    }
    sink->hashes[t->n_readings] = hash;
    sink->uses[t->n_readings++] = 1;
}

static void read_bytes(struct sink *sink, const char *name, const uint8_t *bytes, size_t n)
{
    struct reading *reading = next_reading(sink);
    if (!reading || !n)
        return;
    memcpy(reading->name, name, strlen(name) + 1);
    reading_set_hex(reading, bytes, n);
    accept(sink);
}

static void accept_time(struct sink *sink, const struct record *element,
                        const struct time_point *time, const char *qualifier)
{
    struct reading *reading = next_reading(sink);
    struct vib vib = {.kind = VIB_STANDARD, .quantity = "time_point"};
    if (qualifier)
        vib.qualifiers[vib.n_qualifiers++] = qualifier;
    reading->kind = READING_TEXT;
    time_print(time, reading->text);
    reading_name(element, &vib, time->kind == TIME_DATE ? UNIT_DATE : UNIT_DATETIME, reading->name);
    accept(sink);
}

/* Two readings for each element: its value and, where known, its time. left: bytes of payload
 * behind the record; a record has two or more, so half of them is the room its readings may need.
 * Returns false, with nothing accepted, if the profile is better kept as hex. */
static bool read_profile(struct sink *sink, const struct record *record, const struct vib *vib,
                         size_t left)
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
        struct reading *reading = next_reading(sink);
        if (step == PROFILE_OVER)
            break;
        element.storage = record->storage + 1 + i;
        reading->kind = READING_NULL;
        if (step == PROFILE_VALUE)
            reading_set_decimal(reading, &number);
        reading_name(&element, vib, vib->unit, reading->name);
        accept(sink);
        if (profile_time(&profile, i, &time))
            accept_time(sink, &element, &time, qualifier);
    }
    return true;
}

static void read_record(struct sink *sink, const struct record *record, size_t left)
{
    struct vib vib;
    enum vif_unit unit = UNIT_HEX;
    struct reading *reading = next_reading(sink);
    if (!reading)
        return;
    vib_read(record, &vib);
    if (vib.profile != PROFILE_NONE && read_profile(sink, record, &vib, left))
        return;
    if (vib.kind == VIB_MANUFACTURER || vib.kind == VIB_UNKNOWN || vib.profile != PROFILE_NONE)
        reading_set_hex(reading, record->data, record->data_n);
    else
        unit = record_value(record, &vib, reading);
    reading_name(record, &vib, unit, reading->name);
    accept(sink);
}

enum decode_status record_read_all(struct telegram *telegram)
{
    struct sink sink;
    struct record record;
    sink.telegram = telegram;
    for (size_t i = 0; i < telegram->n_readings; i++) {
        sink.hashes[i] = hash_of(telegram->readings[i].name);
        sink.uses[i] = 1;
    }
    struct reader reader = reader_init(telegram->payload, telegram->payload_n);
    for (;;) {
        switch (record_next(&reader, &record)) {
        case RECORD_DATA:
            read_record(&sink, &record, reader_left(&reader));
            break;
        case RECORD_MANUFACTURER:
            read_bytes(&sink, "manufacturer_data_hex", record.data, record.data_n);
            break;
        case RECORD_END:
            return DECODE_OK;
        case RECORD_BAD:
            read_bytes(&sink, "undecoded_hex", reader.bytes + reader.at, reader_left(&reader));
            return DECODE_BAD_LENGTH;
        }
    }
}
