/* SPDX-License-Identifier: MIT */
#include "decode/driver_state.h"

#include <string.h>

#include "decode/driver_select.h"

/* ---- names ---- */

struct name {
    char *text;
    size_t n;
};

static void put(struct name *name, char c)
{
    if (name->n < READING_NAME_SIZE - 5) /* "_256" may follow */
        name->text[name->n++] = c;
}

static void put_number(struct name *name, uint64_t number, unsigned digits)
{
    char turned[20];
    size_t n = 0;
    for (; n < sizeof turned && (number || n < digits); number /= 10)
        turned[n++] = (char)('0' + number % 10);
    while (n)
        put(name, turned[--n]);
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

/* "{storage-1:02}"; the reader of drivers has checked the form. Returns what follows. */
static const char *put_braces(struct name *name, const char *at,
                              const struct driver_numbers *numbers)
{
    uint64_t number = number_of(++at, numbers);
    unsigned digits = 1;
    at += strspn(at, "abcdefghijklmnopqrstuvwxyz");
    if (*at == '+' || *at == '-') {
        bool minus = *at++ == '-';
        uint64_t by = 0;
        for (; *at >= '0' && *at <= '9'; at++)
            by = 10 * by + (uint64_t)(*at - '0');
        number = minus ? (number > by ? number - by : 0) : number + by;
    }
    if (*at == ':' && at[1] == '0')
        digits = (unsigned)(at[2] - '0');
    at = strchr(at, '}');
    put_number(name, number, digits);
    return at ? at + 1 : "";
}

static size_t write_name(const struct driver_rule *rule, const struct driver_numbers *numbers,
                         char *text)
{
    struct name name = { text, 0 };
    if (!rule->has_numbers) {
        size_t n = strlen(rule->name);
        memcpy(text, rule->name, n + 1);
        return n;
    }
    for (const char *at = rule->name; *at;) {
        if (*at == '{')
            at = put_braces(&name, at, numbers);
        else
            put(&name, *at++);
    }
    text[name.n] = 0;
    return name.n;
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
    if (state->n_known == STATE_MAX_KNOWN)
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
