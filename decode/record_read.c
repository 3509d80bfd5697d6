/* SPDX-License-Identifier: MIT */
#include "decode/record.h"

#include <string.h>

#include "decode/profile.h"
#include "decode/reading_name.h"
#include "decode/record_value.h"

enum { N_SLOTS = 2 * TELEGRAM_MAX_READINGS }; /* a power of two, at most half of them used */

/* Where readings go. Their names are in an open hash table: slots hold index + 1, 0 is free. */
struct sink {
    struct telegram *telegram;
    uint16_t slots[N_SLOTS];
    uint32_t hashes[TELEGRAM_MAX_READINGS];
    uint16_t uses[TELEGRAM_MAX_READINGS]; /* of a name by readings that had the same one */
};

/* Eight bytes a step; the multiplier is 2^64 divided by the golden ratio. */
static uint32_t hash_of(const char *name, size_t n)
{
    uint64_t hash = n, part;
    for (; n >= sizeof part; n -= sizeof part, name += sizeof part) {
        memcpy(&part, name, sizeof part);
        hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    part = 0;
    memcpy(&part, name, n);
    hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

static struct reading *next_reading(struct sink *sink)
{
    struct telegram *t = sink->telegram;
    return t->n_readings < TELEGRAM_MAX_READINGS ? &t->readings[t->n_readings] : NULL;
}

/* The slot of an accepted reading with this name, or the free slot where it belongs. */
static uint16_t *find_slot(struct sink *sink, const char *name, uint32_t hash)
{
    const struct telegram *t = sink->telegram;
    size_t at = hash % N_SLOTS;
    for (; sink->slots[at]; at = (at + 1) % N_SLOTS) {
        size_t i = sink->slots[at] - 1u;
        if (sink->hashes[i] == hash && strcmp(t->readings[i].name, name) == 0)
            break;
    }
    return &sink->slots[at];
}

/* number is 2 ... 999. Returns the characters written. */
static size_t append_number(char *end, unsigned number)
{
    size_t n = 0;
    end[n++] = '_';
    if (number >= 100)
        end[n++] = (char)('0' + number / 100);
    if (number >= 10)
        end[n++] = (char)('0' + number / 10 % 10);
    end[n++] = (char)('0' + number % 10);
    end[n] = 0;
    return n;
}

static void enter(struct sink *sink, uint16_t *slot, uint32_t hash)
{
    size_t i = sink->telegram->n_readings++;
    *slot = (uint16_t)(i + 1);
    sink->hashes[i] = hash;
    sink->uses[i] = 1;
}

/* Accepts next_reading(), whose name has n characters, after making that unique. */
static void accept(struct sink *sink, size_t n)
{
    char *name = sink->telegram->readings[sink->telegram->n_readings].name;
    uint32_t hash = hash_of(name, n);
    uint16_t *slot = find_slot(sink, name, hash);
    for (uint16_t first = *slot; *slot;) {
        size_t longer = n + append_number(name + n, ++sink->uses[first - 1u]);
        hash = hash_of(name, longer);
        slot = find_slot(sink, name, hash);
    }
    enter(sink, slot, hash);
}

static void read_bytes(struct sink *sink, const char *name, const uint8_t *bytes, size_t n)
{
    struct reading *reading = next_reading(sink);
    if (!reading || !n)
        return;
    memcpy(reading->name, name, strlen(name) + 1);
    reading_set_hex(reading, bytes, n);
    accept(sink, strlen(name));
}

static void accept_time(struct sink *sink, const struct record *element,
                        const struct time_point *time, const char *qualifier)
{
    struct reading *reading = next_reading(sink);
    struct vib vib = { .kind = VIB_STANDARD, .quantity = "time_point" };
    if (qualifier)
        vib.qualifiers[vib.n_qualifiers++] = qualifier;
    reading->kind = READING_TEXT;
    time_print(time, reading->text);
    enum vif_unit unit = time->kind == TIME_DATE ? UNIT_DATE : UNIT_DATETIME;
    accept(sink, reading_name(element, &vib, unit, reading->name));
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
            return i > 0;
        element.storage = record->storage + 1 + i;
        reading->kind = READING_NULL;
        if (step == PROFILE_VALUE)
            reading_set_decimal(reading, &number);
        accept(sink, reading_name(&element, vib, vib->unit, reading->name));
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
    accept(sink, reading_name(record, &vib, unit, reading->name));
}

static void start(struct sink *sink, struct telegram *telegram)
{
    size_t n = telegram->n_readings;
    sink->telegram = telegram;
    memset(sink->slots, 0, sizeof sink->slots);
    for (telegram->n_readings = 0; telegram->n_readings < n;) {
        const char *name = telegram->readings[telegram->n_readings].name;
        uint32_t hash = hash_of(name, strlen(name));
        enter(sink, find_slot(sink, name, hash), hash);
    }
}

enum decode_status record_read_all(struct telegram *telegram)
{
    struct sink sink;
    struct record record;
    start(&sink, telegram);
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
