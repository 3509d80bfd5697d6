/* SPDX-License-Identifier: MIT */
#include "decode/reading_sink.h"

#include <string.h>

#include "decode/record_value.h"

/* The multiplier is 2^64 divided by the golden ratio. */
static uint64_t mixed(uint64_t hash, uint64_t part)
{
    hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

/* Eight bytes a step, the last ones of which may have been there before. */
static uint32_t hash_of(const char *name, size_t n)
{
    uint64_t hash = n, part = 0;
    const char *end = name + n;
    if (n < sizeof part) {
        memcpy(&part, name, n);
        return (uint32_t)mixed(hash, part);
    }
    for (; (size_t)(end - name) > sizeof part; name += sizeof part) {
        memcpy(&part, name, sizeof part);
        hash = mixed(hash, part);
    }
    memcpy(&part, end - sizeof part, sizeof part);
    return (uint32_t)mixed(hash, part);
}

/* The slot of an accepted reading with this name, or the free slot where it belongs. */
static uint16_t *find_slot(struct reading_sink *sink, const char *name, uint32_t hash)
{
    const struct telegram *t = sink->telegram;
    size_t at = hash % SINK_SLOTS;
    for (; sink->slots[at]; at = (at + 1) % SINK_SLOTS) {
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

static void enter(struct reading_sink *sink, uint16_t *slot, uint32_t hash)
{
    size_t i = sink->telegram->n_readings++;
    *slot = (uint16_t)(i + 1);
    sink->hashes[i] = hash;
    sink->uses[i] = 1;
}

void reading_sink_from(struct reading_sink *sink, const uint8_t *bytes, size_t n)
{
    sink->from = bytes ? (uint16_t)(bytes - sink->telegram->payload) : 0;
    sink->from_n = bytes ? (uint16_t)n : 0;
}

/* Each record and block has its own place in the payload, even one without data; nothing begins
 * at 0. */
static bool from_same_place(const struct reading *a, const struct reading *b)
{
    return a->from && a->from == b->from && a->from_n == b->from_n;
}

void reading_sink_accept(struct reading_sink *sink, size_t n)
{
    struct reading *reading = &sink->telegram->readings[sink->telegram->n_readings];
    char *name = reading->name;
    reading->has_obis = sink->has_obis;
    reading->obis = sink->obis;
    reading->from = sink->from;
    reading->from_n = sink->from_n;
    uint32_t hash = hash_of(name, n);
    uint16_t *slot = find_slot(sink, name, hash);
    if (*slot && from_same_place(&sink->telegram->readings[*slot - 1u], reading))
        return;
    for (uint16_t first = *slot; *slot;) {
        size_t longer = n + append_number(name + n, ++sink->uses[first - 1u]);
        hash = hash_of(name, longer);
        slot = find_slot(sink, name, hash);
    }
    enter(sink, slot, hash);
}

void reading_sink_hex(struct reading_sink *sink, const char *name, const uint8_t *bytes, size_t n)
{
    struct reading *reading = reading_sink_next(sink);
    if (!reading || !n)
        return;
    memcpy(reading->name, name, strlen(name) + 1);
    reading_set_hex(reading, bytes, n);
    reading_sink_accept(sink, strlen(name));
}

struct reading *reading_sink_accept_new(struct reading_sink *sink, size_t n)
{
    struct telegram *t = sink->telegram;
    const char *name = t->readings[t->n_readings].name;
    t->readings[t->n_readings].from = sink->from;
    t->readings[t->n_readings].from_n = sink->from_n;
    uint32_t hash = hash_of(name, n);
    uint16_t *slot = find_slot(sink, name, hash);
    if (*slot)
        return &t->readings[*slot - 1u];
    enter(sink, slot, hash);
    return NULL;
}

void reading_sink_init(struct reading_sink *sink, struct telegram *telegram)
{
    size_t n = telegram->n_readings;
    sink->telegram = telegram;
    sink->has_obis = false;
    sink->obis = (struct obis){ { 0 } };
    sink->from = sink->from_n = 0;
    memset(sink->slots, 0, sizeof sink->slots);
    for (telegram->n_readings = 0; telegram->n_readings < n;) {
        const char *name = telegram->readings[telegram->n_readings].name;
        uint32_t hash = hash_of(name, strlen(name));
        enter(sink, find_slot(sink, name, hash), hash);
    }
}
