/* SPDX-License-Identifier: MIT
 * What the parts of the interpreter of drivers share while one telegram is read. */
#ifndef DECODE_DRIVER_STATE_H
#define DECODE_DRIVER_STATE_H

#include "decode/driver_run.h"
#include "decode/driver_value.h"
#include "decode/driver_words.h"
#include "decode/reading_sink.h"

enum { STATE_MAX_KNOWN = 256, STATE_MAX_JOINED = 12, STATE_MAX_LEFT = TELEGRAM_MAX_READINGS };

/* The numbers that a name can hold. */
struct driver_numbers {
    uint64_t storage, tariff, subunit, i;
};

/* A value that an expression may ask for. */
struct driver_known {
    uint16_t rule;
    uint64_t index;
    struct driver_value value;
};

/* A text that is put together from several rules. */
struct driver_joined {
    const struct driver_rule *rule; /* the first of its name */
    struct driver_words words;
};

struct driver_state {
    const struct driver *driver;
    const struct driver_input *input;
    struct telegram *telegram;
    struct reading_sink sink;
    uint16_t seen[DRIVER_MAX_RULES]; /* records that fitted a rule */
    bool asks;                       /* the driver has rules that need the values of others */
    struct driver_known known[STATE_MAX_KNOWN];
    size_t n_known;
    struct driver_joined joined[STATE_MAX_JOINED];
    size_t n_joined;
    uint16_t left[STATE_MAX_LEFT]; /* offsets of the records that no rule took */
    size_t n_left;
    bool block_fits, block_in_place; /* one did; its bytes are those of the payload */
};

/* Accepts the reading at reading_sink_next, whose value is set, under the name of the rule. A name
 * stays with the first value it gets, but not with null. Returns false if it stayed. */
bool driver_emit(struct driver_state *state, const struct driver_rule *rule,
                 const struct driver_numbers *numbers, const struct driver_value *value);

/* Words of a number for a rule with a lookup, or of the status byte. */
bool driver_emit_words(struct driver_state *state, const struct driver_rule *rule,
                       const struct driver_numbers *numbers, uint64_t number);

/* The known value of a rule. NULL: none. */
const struct driver_value *driver_known_value(const struct driver_state *state, uint16_t rule,
                                              uint64_t index);

/* A record or an element of a profile. */
struct driver_item {
    const struct record *record;
    const struct vib *vib;
    const struct decimal *number;  /* an element's value; else NULL */
    const struct time_point *time; /* an element's time; else NULL  */
    bool is_null;                  /* an element that has no value  */
};

/* Blocks of a place that hold for bytes[n]; item: for BLOCK_RECORD. Returns true if one did. */
bool driver_blocks(struct driver_state *state, int in, const struct driver_item *item,
                   const uint8_t *bytes, size_t n);

/* All rules FROM_CALC. */
void driver_calculate(struct driver_state *state);

#endif
