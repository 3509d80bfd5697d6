/* SPDX-License-Identifier: MIT
 * Bytes that a manufacturer has arranged as he liked. */
#include <string.h>

#include "decode/driver_select.h"
#include "decode/driver_state.h"

/* Where a rule's bytes lie in the block. Returns false if they are not all there. */
static bool find_bytes(const struct driver_rule *rule, size_t i, size_t n, size_t *at)
{
    long start = rule->bytes.at < 0 ? (long)n + rule->bytes.at : rule->bytes.at;
    start += (long)(i * rule->step);
    if (start < 0 || (size_t)start + rule->bytes.n > n)
        return false;
    *at = (size_t)start;
    return true;
}

static const struct time_point *time_before(const struct driver_state *state,
                                            const struct driver_rule *rule)
{
    const struct driver_value *value =
        rule->after ? driver_known_value(state, (uint16_t)(rule->after - 1), 0) : NULL;
    return value && value->kind == VALUE_TIME ? &value->time : NULL;
}

static void read_rule(struct driver_state *state, const struct driver_rule *rule, size_t i,
                      const uint8_t *bytes, size_t n)
{
    size_t at;
    uint64_t number;
    struct driver_value value;
    struct driver_numbers numbers = { .i = i };
    struct reading *reading = reading_sink_next(&state->sink);
    if (!reading || !find_bytes(rule, i, n, &at))
        return;
    size_t length = rule->bytes.n ? rule->bytes.n : n - at; /* 0: all that follow */
    reading_sink_from(&state->sink, state->block_in_place ? bytes + at : NULL, length);
    if (rule->lookup) {
        if (driver_integer(&rule->bytes, bytes + at, length, &number))
            driver_emit_words(state, rule, &numbers, number);
        return;
    }
    driver_bytes_value(rule, bytes + at, length, time_before(state, rule), reading, &value);
    driver_emit(state, rule, &numbers, &value);
}

static void read_block(struct driver_state *state, const struct driver_block *block,
                       const uint8_t *bytes, size_t n)
{
    state->block_fits = true;
    for (size_t r = block->first_rule; r < (size_t)block->first_rule + block->n_rules; r++) {
        const struct driver_rule *rule = &state->driver->rules[r];
        if (!driver_conditions_hold(rule->conditions, rule->n_conditions, bytes, n,
                                    state->telegram))
            continue;
        for (size_t i = 0; i < (rule->repeat ? rule->repeat : 1u); i++)
            read_rule(state, rule, i, bytes, n);
    }
}

static bool open_block(struct driver_state *state, const struct driver_block *block,
                       const uint8_t *bytes, size_t n)
{
    uint8_t opened[TRANSFORM_MAX_BYTES];
    const struct driver_input *input = state->input;
    if (block->transform) {
        struct transform_input raw = { bytes,         n,           state->telegram,
                                       input->crypto, input->keys, input->n_keys };
        n = block->transform(&raw, opened);
        bytes = opened;
        if (!n)
            return false;
    } else if (input->is_sealed) {
        return false;
    }
    if (!driver_conditions_hold(block->conditions, block->n_conditions, bytes, n, state->telegram))
        return false;
    state->block_in_place = !block->transform && block->in != BLOCK_FRAME;
    read_block(state, block, bytes, n);
    return true;
}

bool driver_blocks(struct driver_state *state, int in, const struct driver_item *item,
                   const uint8_t *bytes, size_t n)
{
    bool any = false;
    for (size_t b = 0; b < state->driver->n_blocks; b++) {
        const struct driver_block *block = &state->driver->blocks[b];
        if ((int)block->in != in)
            continue;
        if (item && !driver_selects(block->record, item->record, item->vib,
                                    driver_code(item->record->vib, item->record->vib_n)))
            continue;
        any |= open_block(state, block, bytes, n);
    }
    return any;
}
