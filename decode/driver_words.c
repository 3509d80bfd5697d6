/* SPDX-License-Identifier: MIT */
#include "decode/driver_words.h"

#include <string.h>

enum {
    STS_APPLICATION = 0x03, /* 1 busy, 2 any error, 3 abnormal condition or alarm */
    STS_MANUFACTURER = 0xE0,
};

void driver_words_init(struct driver_words *words)
{
    words->n = 0;
    words->text[0] = 0;
}

/* What does not fit is left out as a whole. */
static void add(struct driver_words *words, const char *text, size_t n)
{
    if (!n || words->n + n + 2 > sizeof words->text)
        return;
    if (words->n)
        words->text[words->n++] = ' ';
    memcpy(words->text + words->n, text, n);
    words->n += n;
    words->text[words->n] = 0;
}

void driver_words_add(struct driver_words *words, const char *text)
{
    add(words, text, strlen(text));
}

/* "ERROR_FLAGS_80", upper case, at least `digits` digits. */
static void add_rest(struct driver_words *words, const char *name, uint64_t number, int digits)
{
    char text[96];
    size_t n = 0, d = 0;
    char turned[16];
    for (; name[n] && n < 64; n++)
        text[n] = name[n];
    for (; d < sizeof turned && (number || (int)d < digits); number >>= 4)
        turned[d++] = "0123456789ABCDEF"[number & 15];
    text[n++] = '_';
    while (d)
        text[n++] = turned[--d];
    add(words, text, n);
}

static int lowest_bit(uint64_t mask)
{
    int bit = 0;
    while (bit < 63 && !(mask >> bit & 1))
        bit++;
    return bit;
}

void driver_words_look_up(struct driver_words *words, const struct driver_lookup *lookup,
                          uint64_t number)
{
    uint64_t rest = number & lookup->mask;
    if (!lookup->is_bits) {
        rest >>= lowest_bit(lookup->mask);
        for (size_t i = 0; i < lookup->n; i++) {
            if (lookup->words[i].value == rest) {
                driver_words_add(words, lookup->words[i].text);
                return;
            }
        }
        if (lookup->rest)
            add_rest(words, lookup->rest, rest, 1);
        return;
    }
    for (size_t i = 0; i < lookup->n; i++) {
        uint64_t bits = lookup->words[i].value;
        if (bits && (number & lookup->mask & bits) == bits) {
            driver_words_add(words, lookup->words[i].text);
            rest &= ~bits;
        }
    }
    if (rest && lookup->rest)
        add_rest(words, lookup->rest, rest, 1);
}

bool driver_word_number(const char *text, struct decimal *number)
{
    bool point = false;
    *number = (struct decimal){ .negative = *text == '-' };
    text += number->negative;
    if (!*text || strlen(text) > 18)
        return false;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9')
            return false;
        number->digits = 10 * number->digits + (uint64_t)(*text - '0');
        number->exp10 -= point;
    }
    return true;
}

static uint8_t all_bits(const struct driver_lookup *lookup)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < lookup->n; i++)
        bits |= lookup->words[i].value;
    return (uint8_t)bits;
}

void driver_words_tpl_status(struct driver_words *words, uint8_t sts,
                             const struct driver_lookup *lookup)
{
    static const char *const application[] = { "", "BUSY", "ERROR", "ALARM" };
    uint8_t own = lookup ? all_bits(lookup) : 0;
    uint8_t standard = sts & (uint8_t)~own;
    struct driver_lookup full = { .is_bits = true, .n = 0 };
    driver_words_add(words, application[standard & STS_APPLICATION]);
    if (standard & 0x04)
        driver_words_add(words, "POWER_LOW");
    if (standard & 0x08)
        driver_words_add(words, "PERMANENT_ERROR");
    if (standard & 0x10)
        driver_words_add(words, "TEMPORARY_ERROR");
    if (lookup)
        full = *lookup;
    full.rest = full.rest ? full.rest : "UNKNOWN";
    full.mask = STS_MANUFACTURER | own;
    driver_words_look_up(words, &full, sts);
}

/* ---- sorting ---- */

struct word {
    const char *text;
    size_t n;
};

static int compare(const struct word *a, const struct word *b)
{
    int order = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* In its place; there are few, and they come nearly in order. */
static size_t insert(struct word *list, size_t n, struct word word)
{
    size_t at = n;
    if (!word.n || (word.n == 2 && !memcmp(word.text, "OK", 2)))
        return n;
    for (; at > 0; at--) {
        int order = compare(&list[at - 1], &word);
        if (order == 0)
            return n;
        if (order < 0)
            break;
    }
    if (n == WORDS_MAX)
        return n;
    memmove(list + at + 1, list + at, (n - at) * sizeof *list);
    list[at] = word;
    return n + 1;
}

void driver_words_sorted(const struct driver_words *words, const char *none, char *text)
{
    struct word list[WORDS_MAX + 1];
    size_t n = 0, length = 0;
    for (const char *at = words->text; *at;) {
        size_t word = strcspn(at, " ");
        n = insert(list, n, (struct word){ at, word });
        at += word + (at[word] == ' ');
    }
    for (size_t i = 0; i < n; i++) {
        if (length)
            text[length++] = ' ';
        memcpy(text + length, list[i].text, list[i].n);
        length += list[i].n;
    }
    text[length] = 0;
    if (!n)
        memcpy(text, none, strlen(none) + 1);
}
