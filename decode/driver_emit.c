/* SPDX-License-Identifier: MIT */
#include "decode/driver_state.h"

#include <string.h>

#include "decode/driver_select.h"

/* ---- names ---- */

enum { NAME_MOST = READING_NAME_SIZE - 5 }; /* "_256" may follow */

static size_t put_text(char *text, size_t n, const char *from, size_t count)
{
    if (count > NAME_MOST - n)
        count = NAME_MOST - n;
    memcpy(text + n, from, count);
    return n + count;
}

static size_t put_number(char *text, size_t n, uint64_t number, unsigned digits)
{
    char turned[20];
    size_t count = 0;
    for (; count < sizeof turned && (number || count < digits); number /= 10)
        turned[count++] = (char)('0' + number % 10);
    while (count && n < NAME_MOST)
        text[n++] = turned[--count];
    return n;
}

static uint64_t number_of(const char *word, const struct driver_numbers *numbers)
{
    switch (word[0]) {
    case 's':
        return word[1] == 't' ? numbers->storage : numbers->subunit;
    case 't':
        return numbers->tariff;
    default:
        return numbers->i;
    }
}

static uint64_t added(uint64_t number, uint64_t by, bool minus)
{
    return !minus ? number + by : number > by ? number - by : 0;
}

/* "{storage-1:02}" at **at, which the reader of drivers has checked; *at goes behind it. */
static size_t put_braces(char *text, size_t n, const char **at,
                         const struct driver_numbers *numbers)
{
    const char *c = *at + 1;
    uint64_t number = number_of(c, numbers), by = 0;
    unsigned digits = 1;
    while (*c >= 'a' && *c <= 'z')
        c++;
    if (*c == '+' || *c == '-') {
        bool minus = *c++ == '-';
        for (; *c >= '0' && *c <= '9'; c++)
            by = 10 * by + (uint64_t)(*c - '0');
        number = added(number, by, minus);
    }
    if (*c == ':' && c[1] == '0')
        digits = (unsigned)(c[2] - '0');
    while (*c && *c++ != '}')
        ;
    *at = c;
    return put_number(text, n, number, digits);
}

static size_t write_name(const struct driver_rule *rule, const struct driver_numbers *numbers,
                         char *text)
{
    size_t n = 0;
    const char *at = rule->name;
    for (const char *brace; rule->has_numbers && (brace = strchr(at, '{'));) {
        n = put_text(text, n, at, (size_t)(brace - at));
        at = brace;
        n = put_braces(text, n, &at, numbers);
    }
    n = put_text(text, n, at, strlen(at));
    text[n] = 0;
    return n;
}

/* ---- values ---- */

static uint64_t index_of(const struct driver_rule *rule, const struct driver_numbers *numbers)
{
    const struct driver_selector *s = rule->record;
    if (!rule->has_numbers)
        return 0;
    if (rule->from != FROM_RECORD)
        return numbers->i;
    if (s->storage.first != s->storage.last)
        return numbers->storage;
    return s->tariff.first != s->tariff.last ? numbers->tariff : numbers->subunit;
}

static void remember(struct driver_state *state, const struct driver_rule *rule,
                     const struct driver_numbers *numbers, const struct driver_value *value)
{
    if (!state->asks || state->n_known == STATE_MAX_KNOWN)
        return;
    struct driver_known *known = &state->known[state->n_known++];
    known->rule = (uint16_t)(rule - state->driver->rules);
    known->index = index_of(rule, numbers);
    known->value = *value;
}

/* Several rules may feed one name. */
static bool is_same(const struct driver *driver, uint16_t a, uint16_t b)
{
    return a == b || !strcmp(driver->rules[a].name, driver->rules[b].name);
}

const struct driver_value *driver_known_value(const struct driver_state *state, uint16_t rule,
                                              uint64_t index)
{
    bool single = !state->driver->rules[rule].has_numbers;
    for (size_t i = 0; i < state->n_known; i++)
        if (state->known[i].value.kind != VALUE_NONE &&
            is_same(state->driver, state->known[i].rule, rule) &&
            (single || state->known[i].index == index))
            return &state->known[i].value;
    return NULL;
}

static void copy_value(struct reading *to, const struct reading *from)
{
    to->kind = from->kind;
    to->is_unsigned = from->is_unsigned;
    to->mantissa = from->mantissa;
    to->exp10 = from->exp10;
    to->real = from->real;
    if (from->kind == READING_TEXT)
        memcpy(to->text, from->text, strlen(from->text) + 1);
    to->from = from->from;
    to->from_n = from->from_n;
}

bool driver_emit(struct driver_state *state, const struct driver_rule *rule,
                 const struct driver_numbers *numbers, const struct driver_value *value)
{
    struct reading *reading = reading_sink_next(&state->sink);
    if (!reading)
        return false;
    if (reading->kind == READING_NULL && rule->invalid_is_empty) {
        reading->kind = READING_TEXT;
        reading->text[0] = 0;
    }
    if (!rule->is_hidden) {
        size_t n = write_name(rule, numbers, reading->name);
        struct reading *before = reading_sink_accept_new(&state->sink, n);
        if (before && (before->kind != READING_NULL || reading->kind == READING_NULL))
            return false;
        if (before)
            copy_value(before, reading);
    }
    remember(state, rule, numbers, value);
    return true;
}

/* ---- words ---- */

static struct driver_words *joined_words(struct driver_state *state, const struct driver_rule *rule)
{
    for (size_t i = 0; i < state->n_joined; i++)
        if (!strcmp(state->joined[i].rule->name, rule->name))
            return &state->joined[i].words;
    if (state->n_joined == STATE_MAX_JOINED)
        return NULL;
    struct driver_joined *joined = &state->joined[state->n_joined++];
    joined->rule = rule;
    driver_words_init(&joined->words);
    return &joined->words;
}

static void look_up(const struct driver_rule *rule, uint64_t number, struct driver_words *words)
{
    if (rule->from == FROM_TPL_STATUS)
        driver_words_tpl_status(words, (uint8_t)number, rule->lookup);
    else
        driver_words_look_up(words, rule->lookup, number);
}

static bool emit_number(struct driver_state *state, const struct driver_rule *rule,
                        const struct driver_numbers *numbers, const char *word)
{
    struct decimal number;
    struct driver_value value = { .kind = VALUE_NONE };
    struct reading *reading = reading_sink_next(&state->sink);
    reading->kind = READING_NULL;
    if (driver_word_number(word, &number)) {
        reading_set_decimal(reading, &number);
        value = (struct driver_value){ .kind = VALUE_NUMBER, .number = decimal_to_double(&number) };
    }
    return driver_emit(state, rule, numbers, &value);
}

bool driver_emit_words(struct driver_state *state, const struct driver_rule *rule,
                       const struct driver_numbers *numbers, uint64_t number)
{
    if (rule->is_joined && !rule->has_numbers) {
        struct driver_words *joined = joined_words(state, rule);
        if (joined)
            look_up(rule, number, joined);
        return joined;
    }
    struct driver_words words;
    struct reading *reading = reading_sink_next(&state->sink);
    if (!reading)
        return false;
    driver_words_init(&words);
    look_up(rule, number, &words);
    if (rule->lookup && rule->lookup->is_number)
        return emit_number(state, rule, numbers, words.text);
    reading->kind = READING_TEXT;
    if (rule->is_joined)
        driver_words_sorted(&words, rule->may_be_empty ? "" : "OK", reading->text);
    else
        memcpy(reading->text, words.text, words.n + 1);
    return driver_emit(state, rule, numbers, &(struct driver_value){ .kind = VALUE_NONE });
}
