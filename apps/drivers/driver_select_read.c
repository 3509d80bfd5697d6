/* SPDX-License-Identifier: MIT
 * Selectors and conditions of driver files, which are short texts. */
#include <stdlib.h>
#include <string.h>

#include "apps/drivers/driver_reader.h"
#include "decode/record.h"

bool reader_word(const char **at, char word[64])
{
    *at += strspn(*at, " \t\n");
    size_t n = strcspn(*at, " \t\n");
    if (n == 0 || n > 63)
        return false;
    memcpy(word, *at, n);
    word[n] = 0;
    *at += n;
    return true;
}

bool reader_integer(const char *text, uint64_t *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    text += hex ? 2 : 0;
    size_t n = strspn(text, digits);
    if (n == 0 || text[n] || n > (hex ? 16 : 19))
        return false;
    *value = strtoull(text, NULL, hex ? 16 : 10);
    return true;
}

bool reader_range(const char *text, struct driver_range *range)
{
    char first[24];
    const char *dash = strchr(text, '-');
    size_t n = dash ? (size_t)(dash - text) : strlen(text);
    if (!strcmp(text, "any")) {
        *range = (struct driver_range){ 0, UINT64_MAX };
        return true;
    }
    if (n >= sizeof first)
        return false;
    memcpy(first, text, n);
    first[n] = 0;
    if (!reader_integer(first, &range->first))
        return false;
    range->last = range->first;
    return !dash || (reader_integer(dash + 1, &range->last) && range->last >= range->first);
}

static bool hex_bytes(const char *text, uint8_t *bytes, size_t most, size_t *n)
{
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    if (text[digits] || digits % 2 || digits == 0 || digits / 2 > most)
        return false;
    for (*n = 0; *n < digits / 2; (*n)++) {
        char pair[3] = { text[2 * *n], text[2 * *n + 1], 0 };
        bytes[*n] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

/* ---- selectors ---- */

static void add_code(struct driver_codes *codes, unsigned table, unsigned code)
{
    codes->bits[(table * 128 + code) / 64] |= (uint64_t)1 << (code % 64);
}

/* All codes of a quantity. "date" and "datetime" are the two of time_point. */
static bool add_quantity(struct driver_codes *codes, const char *name)
{
    bool found = false;
    if (!strcmp(name, "date") || !strcmp(name, "datetime")) {
        add_code(codes, VIF_PRIMARY, strlen(name) > 4 ? 0x6D : 0x6C);
        return true;
    }
    for (unsigned table = 0; table < N_VIF_TABLES; table++) {
        for (unsigned code = 0; code < 128; code++) {
            const char *quantity = vif_find((enum vif_table)table, (uint8_t)code)->quantity;
            if (quantity && !strcmp(quantity, name)) {
                add_code(codes, table, code);
                found = true;
            }
        }
    }
    return found;
}

static const char *find_qualifier(const char *word)
{
    for (unsigned code = 0; code < 256; code++) {
        const char *qualifier = vife_find(code >= 128, (uint8_t)(code & 0x7F))->qualifier;
        if (qualifier && !strcmp(qualifier, word))
            return qualifier;
    }
    return NULL;
}

static bool function_word(const char *word, struct driver_selector *s)
{
    static const struct {
        const char *word;
        uint8_t functions;
    } rows[] = {
        { "max", 1 << RECORD_MAXIMUM },
        { "min", 1 << RECORD_MINIMUM },
        { "error", 1 << RECORD_ERROR },
        { "any", 0x0F },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!strcmp(rows[i].word, word)) {
            s->functions = rows[i].functions;
            return true;
        }
    }
    return false;
}

/* vif and vife, which are followed by hex. */
static const char *hex_word(const char *word, const char **at, struct driver_selector *s, bool *is)
{
    char hex[64];
    size_t n;
    *is = !strcmp(word, "vif") || !strcmp(word, "vife");
    if (!*is)
        return NULL;
    if (s->vib_n || !reader_word(at, hex) || !hex_bytes(hex, s->vib, sizeof s->vib, &n))
        return "expected hex behind vif, VIF and VIFEs, or behind vife";
    s->vib_n = (uint8_t)n;
    return NULL;
}

/* Words that have a number behind them. */
static const char *number_word(const char *word, const char **at, struct driver_selector *s,
                               bool *is)
{
    char number[64];
    struct driver_range nth, *range = !strcmp(word, "storage")   ? &s->storage
                                      : !strcmp(word, "tariff")  ? &s->tariff
                                      : !strcmp(word, "subunit") ? &s->subunit
                                      : !strcmp(word, "nth")     ? &nth
                                                                 : NULL;
    *is = range != NULL;
    if (!*is)
        return NULL;
    if (!reader_word(at, number))
        return "expected a number behind storage, tariff, subunit or nth";
    if (!reader_range(number, range))
        return "expected a number, a range such as 1-12, or any";
    if (range == &nth) {
        if (nth.first < 1 || nth.last != nth.first || nth.last > 255)
            return "expected a number from 1 to 255 behind nth";
        s->nth = (uint8_t)nth.first;
    }
    return NULL;
}

static const char *quantity_word(const char *word, struct driver_selector *s,
                                 struct driver_codes *codes, bool *found)
{
    const char *qualifier = *found ? find_qualifier(word) : NULL;
    if (!*found) {
        *found = add_quantity(codes, word);
        return *found ? NULL : "unknown quantity; READING_NAMES.md lists them";
    }
    if (!qualifier)
        return "unknown word; READING_NAMES.md lists the qualifiers";
    if (s->n_qualifiers == DRIVER_MAX_QUALIFIERS)
        return "expected at most 4 qualifiers";
    s->qualifiers[s->n_qualifiers++] = qualifier;
    return NULL;
}

const char *read_selector(const char *text, struct driver_selector *s, struct driver_reader *r)
{
    struct driver_codes codes = { { 0 } };
    bool has_quantity = false, has_vif = false;
    char word[64];
    *s = (struct driver_selector){ .functions = 1 << RECORD_INSTANTANEOUS };
    while (reader_word(&text, word)) {
        bool is_done = false;
        has_vif |= !strcmp(word, "vif");
        const char *wrong = number_word(word, &text, s, &is_done);
        if (!wrong && !is_done)
            wrong = hex_word(word, &text, s, &is_done);
        if (!wrong && !is_done && (has_quantity || !function_word(word, s)))
            wrong = quantity_word(word, s, &codes, &has_quantity);
        if (wrong)
            return wrong;
    }
    if (*text)
        return "a word is too long";
    if (has_quantity == has_vif || (s->vib_n && s->n_qualifiers))
        return "expected one quantity, with qualifiers or vife and hex, or vif and hex";
    if (!has_quantity)
        return NULL;
    struct driver_codes *copy = arena_alloc(&r->set->arena, 1, sizeof *copy);
    if (!copy)
        return "out of memory";
    *copy = codes;
    s->codes = copy;
    return NULL;
}

/* ---- conditions ---- */

static bool hex_number(const char *word, uint64_t most, uint64_t *value)
{
    size_t n = strspn(word, "0123456789abcdefABCDEF");
    if (n == 0 || n > 4 || word[n])
        return false;
    *value = strtoul(word, NULL, 16);
    return *value <= most;
}

static bool read_subject(const char *word, const char **at, struct driver_condition *c)
{
    static const char *const words[] = { [DRIVER_OF_BYTE] = "byte",
                                         [DRIVER_OF_LENGTH] = "length",
                                         [DRIVER_OF_CI] = "ci",
                                         [DRIVER_OF_VERSION] = "version",
                                         [DRIVER_OF_TYPE] = "type" };
    uint64_t place;
    char number[64];
    size_t i = 0;
    while (i < sizeof words / sizeof words[0] && strcmp(words[i], word) != 0)
        i++;
    if (i == sizeof words / sizeof words[0])
        return false;
    c->of = (int)i;
    if (c->of != DRIVER_OF_BYTE)
        return true;
    if (!reader_word(at, number))
        return false;
    bool negative = number[0] == '-';
    if (!reader_integer(number + negative, &place) || place > 512)
        return false;
    c->at = (int16_t)(negative ? -(int)place : (int)place);
    return true;
}

static bool read_test(const char *word, enum driver_comparison *test)
{
    static const char *const words[] = {
        [DRIVER_IS] = "=", [DRIVER_IS_NOT] = "!=", [DRIVER_AT_LEAST] = ">=", [DRIVER_AT_MOST] = "<="
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strcmp(words[i], word)) {
            *test = (enum driver_comparison)i;
            return true;
        }
    }
    return false;
}

const char *read_condition(const char *text, struct driver_condition *c)
{
    static const char form[] =
        "expected a condition such as 'byte 3 & 0F = 01', 'length >= 12', 'ci = A0' or "
        "'version = 94'";
    char word[64];
    uint64_t value;
    *c = (struct driver_condition){ .mask = 0xFF };
    if (!reader_word(&text, word) || !read_subject(word, &text, c) || !reader_word(&text, word))
        return form;
    if (!strcmp(word, "&") && c->of == DRIVER_OF_BYTE) {
        if (!reader_word(&text, word) || !hex_number(word, 0xFF, &value) ||
            !reader_word(&text, word))
            return form;
        c->mask = (uint8_t)value;
    }
    if (!read_test(word, &c->test) || !reader_word(&text, word))
        return form;
    bool ok = c->of == DRIVER_OF_LENGTH ? reader_integer(word, &value) && value <= 512
                                        : hex_number(word, 0xFF, &value);
    if (!ok || reader_word(&text, word))
        return form;
    c->value = (uint16_t)value;
    return NULL;
}
