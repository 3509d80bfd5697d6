/* SPDX-License-Identifier: MIT */
#include "decode/driver_run.h"

#include <string.h>

#include "decode/driver_select.h"
#include "decode/driver_state.h"
#include "decode/driver_time.h"
#include "decode/obis.h"
#include "decode/profile.h"
#include "decode/record_read.h"

/* ---- records ---- */

static bool apply_rule(struct driver_state *state, const struct driver_rule *rule,
                       const struct driver_item *item)
{
    const struct record *record = item->record;
    const struct driver_numbers numbers = { record->storage, record->tariff, record->subunit, 0 };
    struct driver_value value;
    uint64_t number;
    uint16_t seen = ++state->seen[rule - state->driver->rules];
    struct reading *reading = reading_sink_next(&state->sink);
    if (!reading || (rule->record->nth && seen != rule->record->nth))
        return false;
    if (item->is_null) {
        reading->kind = READING_NULL;
        value.kind = VALUE_NONE;
        return driver_emit(state, rule, &numbers, &value);
    }
    if (item->time) {
        driver_set_time(rule, item->time, reading, &value);
        return driver_emit(state, rule, &numbers, &value);
    }
    if (rule->lookup)
        return !item->number && driver_record_integer(rule, record, &number) &&
               driver_emit_words(state, rule, &numbers, number);
    return driver_record_value(rule, record, item->vib, item->number, reading, &value) &&
           driver_emit(state, rule, &numbers, &value);
}

/* Returns true if a rule took it, or it is to be ignored. */
static bool apply_rules(struct driver_state *state, const struct driver_item *item)
{
    const struct driver *driver = state->driver;
    bool taken = false;
    unsigned depth = UINT8_MAX;
    int code = driver_code(item->record->vib, item->record->vib_n);
    size_t group = driver_group(code);
    for (size_t i = driver->index->first[group]; i < driver->index->first[group + 1]; i++) {
        const struct driver_rule *rule = &driver->rules[driver->index->rules[i]];
        if (rule->depth > depth || !driver_selects(rule->record, item->record, item->vib, code))
            continue;
        depth = rule->depth;
        taken |= apply_rule(state, rule, item);
    }
    for (size_t i = 0; !taken && i < driver->n_ignored; i++)
        taken = driver_selects(&driver->ignored[i], item->record, item->vib, code);
    return taken;
}

static bool apply_time(struct driver_state *state, const struct record *element,
                       const struct vib *vib, const struct time_point *time)
{
    struct record record = *element;
    struct vib own = *vib;
    record.vib[0] = time->kind == TIME_DATE ? 0x6C : 0x6D;
    record.vib_n = 1;
    own.kind = VIB_STANDARD;
    return apply_rules(state, &(struct driver_item){ &record, &own, NULL, time, false });
}

/* Each element is like a record of its own. */
static bool apply_profile(struct driver_state *state, const struct record *record,
                          const struct vib *vib)
{
    struct profile profile;
    struct record element = *record;
    struct decimal number;
    struct time_point time;
    bool taken = false;
    const struct telegram *t = state->telegram;
    if (!profile_open(&profile, record, vib, t->payload, t->payload_n))
        return false;
    for (size_t i = 0; i < profile.n; i++) {
        enum profile_step step = profile_value(&profile, i, &number);
        if (step == PROFILE_OVER)
            break;
        element.storage = record->storage + 1 + i;
        bool is_null = step == PROFILE_NO_VALUE;
        taken |= apply_rules(state, &(struct driver_item){ &element, vib, &number, NULL, is_null });
        if (profile_time(&profile, i, &time))
            taken |= apply_time(state, &element, vib, &time);
    }
    return taken;
}

static bool take_single(struct driver_state *state, const struct driver_item *item)
{
    obis_announce(&state->sink, item->record, item->vib);
    bool taken = apply_rules(state, item);
    obis_announce(&state->sink, NULL, NULL);
    return taken;
}

static bool take_record(struct driver_state *state, const struct record *record)
{
    struct vib vib;
    vib_read(record, &vib);
    reading_sink_from(&state->sink, record->data, record->data_n);
    struct driver_item item = { record, &vib, NULL, NULL, false };
    bool taken = vib.profile != PROFILE_NONE ? apply_profile(state, record, &vib)
                                             : take_single(state, &item);
    if (state->driver->n_blocks == 0)
        return taken;
    return driver_blocks(state, BLOCK_RECORD, &item, record->data, record->data_n) || taken;
}

static void leave(struct driver_state *state, size_t at)
{
    if (state->n_left < STATE_MAX_LEFT)
        state->left[state->n_left++] = (uint16_t)at;
}

static enum decode_status take_records(struct driver_state *state)
{
    struct record record;
    struct reader reader = reader_init(state->telegram->payload, state->telegram->payload_n);
    for (;;) {
        size_t at = reader.at;
        switch (record_next_noted(&reader, &record, state->telegram)) {
        case RECORD_DATA:
            if (!take_record(state, &record) || state->driver->is_generic)
                leave(state, at);
            break;
        case RECORD_MANUFACTURER:
            if (!driver_blocks(state, BLOCK_TAIL, NULL, record.data, record.data_n))
                leave(state, at);
            break;
        case RECORD_END:
            return DECODE_OK;
        case RECORD_BAD:
            leave(state, at);
            return DECODE_BAD_LENGTH;
        }
    }
}

/* ---- what is not in records ---- */

static void take_headers(struct driver_state *state)
{
    const struct driver *driver = state->driver;
    const struct telegram *t = state->telegram;
    for (size_t r = driver->first_other_rule; r < driver->n_rules; r++) {
        const struct driver_rule *rule = &driver->rules[r];
        if (rule->from == FROM_TPL_STATUS)
            driver_emit_words(state, rule, &(struct driver_numbers){ 0 },
                              t->has_tpl_header ? t->tpl_sts : 0);
    }
}

static void put_joined(struct driver_state *state)
{
    for (size_t i = 0; i < state->n_joined; i++) {
        const struct driver_rule *rule = state->joined[i].rule;
        struct reading *reading = reading_sink_next(&state->sink);
        if (!reading)
            return;
        reading->kind = READING_TEXT;
        driver_words_sorted(&state->joined[i].words, rule->may_be_empty ? "" : "OK", reading->text);
        driver_emit(state, rule, &(struct driver_numbers){ 0 },
                    &(struct driver_value){ .kind = VALUE_NONE });
    }
}

/* Calculated from others, or bytes whose date follows another. */
static bool asks_values(const struct driver *driver)
{
    for (size_t r = driver->first_other_rule; r < driver->n_rules; r++)
        if (driver->rules[r].from == FROM_CALC)
            return true;
    return driver->n_blocks > 0;
}

enum decode_status driver_run(const struct driver *driver, const struct driver_input *input,
                              struct telegram *telegram)
{
    struct driver_state state;
    enum decode_status status = DECODE_OK;
    state.driver = driver;
    state.input = input;
    state.telegram = telegram;
    state.asks = asks_values(driver);
    state.n_known = state.n_joined = state.n_left = 0;
    state.block_fits = false;
    memset(state.seen, 0, driver->n_record_rules * sizeof state.seen[0]);
    reading_sink_init(&state.sink, telegram);
    /* Where a block describes the payload, records in it are none. */
    if (driver_blocks(&state, BLOCK_PAYLOAD, NULL, telegram->payload, telegram->payload_n))
        telegram->has_records = false;
    else if (input->has_records)
        status = take_records(&state);
    reading_sink_from(&state.sink, NULL, 0);
    driver_blocks(&state, BLOCK_FRAME, NULL, telegram->frame.bytes, telegram->frame.n);
    if (!input->has_records && !state.block_fits)
        return DECODE_UNSUPPORTED;
    reading_sink_from(&state.sink, NULL, 0);
    take_headers(&state);
    driver_calculate(&state);
    put_joined(&state);
    for (size_t i = 0; i < state.n_left; i++)
        record_read_at(&state.sink, state.left[i]);
    return status;
}
