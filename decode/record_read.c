/* SPDX-License-Identifier: MIT */
#include "decode/record.h"

#include <string.h>

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

static void read_record(struct sink *sink, const struct record *record)
{
    struct vib vib;
    enum vif_unit unit = UNIT_HEX;
    struct reading *reading = next_reading(sink);
    if (!reading)
        return;
    vib_read(record, &vib);
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
            read_record(&sink, &record);
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
