/* SPDX-License-Identifier: MIT
 * Where readings are put: the end of telegram->readings, with names that are unique. */
#ifndef DECODE_READING_SINK_H
#define DECODE_READING_SINK_H

#include "decode/telegram.h"

enum { SINK_SLOTS = 2 * TELEGRAM_MAX_READINGS }; /* a power of two, at most half of them used */

/* The names are in an open hash table: slots hold index + 1, 0 is free. */
struct reading_sink {
    struct telegram *telegram;
    bool has_obis; /* of the readings that are accepted next */
    struct obis obis;
    uint16_t from, from_n; /* of these, see reading.h */
    uint16_t slots[SINK_SLOTS];
    uint32_t hashes[TELEGRAM_MAX_READINGS];
    uint16_t uses[TELEGRAM_MAX_READINGS]; /* of a name by readings that had the same one */
};

/* Enters the readings that are there already. */
void reading_sink_init(struct reading_sink *sink, struct telegram *telegram);

/* The place for the next reading; NULL if there is none left. */
static inline struct reading *reading_sink_next(struct reading_sink *sink)
{
    struct telegram *t = sink->telegram;
    return t->n_readings < TELEGRAM_MAX_READINGS ? &t->readings[t->n_readings] : NULL;
}

/* Accepts that reading, whose name has n characters, after making the name unique: _2, _3 ...; not
 * if the reading of that name is of the same bytes: a driver has named them as the standard does.
 */
void reading_sink_accept(struct reading_sink *sink, size_t n);

/* The same, but if there is a reading of that name, that is returned and nothing accepted; else
 * NULL.
 */
struct reading *reading_sink_accept_new(struct reading_sink *sink, size_t n);

/* The readings that are accepted next come from these bytes of telegram->payload; NULL: of none. */
void reading_sink_from(struct reading_sink *sink, const uint8_t *bytes, size_t n);

/* bytes[n] as hex under that name; nothing if n is 0 or no place is left. */
void reading_sink_hex(struct reading_sink *sink, const char *name, const uint8_t *bytes, size_t n);

#endif
