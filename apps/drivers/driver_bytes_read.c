/* SPDX-License-Identifier: MIT
 * How the fields of driver files read bytes and numbers. */
#include <string.h>

#include "apps/drivers/driver_rule_reader.h"

/* ---- types and bytes ---- */

static const struct {
    const char *name;
    enum driver_type type;
    uint8_t n;
} types[] = {
    { "u8", DRIVER_UINT, 1 },
    { "u16", DRIVER_UINT, 2 },
    { "u24", DRIVER_UINT, 3 },
    { "u32", DRIVER_UINT, 4 },
    { "u40", DRIVER_UINT, 5 },
    { "u48", DRIVER_UINT, 6 },
    { "u64", DRIVER_UINT, 8 },
    { "i8", DRIVER_INT, 1 },
    { "i16", DRIVER_INT, 2 },
    { "i24", DRIVER_INT, 3 },
    { "i32", DRIVER_INT, 4 },
    { "i48", DRIVER_INT, 6 },
    { "i64", DRIVER_INT, 8 },
    { "bcd2", DRIVER_BCD, 1 },
    { "bcd4", DRIVER_BCD, 2 },
    { "bcd6", DRIVER_BCD, 3 },
    { "bcd8", DRIVER_BCD, 4 },
    { "bcd12", DRIVER_BCD, 6 },
    { "real", DRIVER_REAL, 4 },
    { "date", DRIVER_DATE, 2 },
    { "datetime", DRIVER_DATE, 4 },
    { "datetime_any", DRIVER_DATE_ANY, 4 },
    { "datetime6", DRIVER_DATE, 6 },
    { "date_bcd", DRIVER_DATE_BCD, 3 },
    { "date_bcd_ymd", DRIVER_DATE_BCD_YMD, 3 },
    { "datetime_bcd", DRIVER_DATETIME_BCD, 6 },
    { "date_9_4_5", DRIVER_DATE_9_4_5, 2 },
    { "date_next", DRIVER_DATE_NEXT, 2 },
    { "seconds_since_2000", DRIVER_DATE_2000, 4 },
    { "text", DRIVER_TEXT, 0 },
    { "text_reversed", DRIVER_TEXT_REVERSED, 0 },
    { "hex", DRIVER_HEX, 0 },
    { "hex_reversed", DRIVER_HEX_REVERSED, 0 },
    /* of records, where the data field says the size */
    { "unsigned", DRIVER_UINT, 0 },
    { "signed", DRIVER_INT, 0 },
};

static bool read_type(struct rule_reader *rr, const char *text)
{
    struct driver_rule *rule = &rr->draft->rule;
    char name[32];
    size_t n = strlen(text);
    rule->bytes.big_endian = n > 2 && n < sizeof name && !strcmp(text + n - 2, "be");
    n -= rule->bytes.big_endian ? 2 : 0;
    if (n >= sizeof name)
        return rule_fail(rr, "unknown type");
    memcpy(name, text, n);
    name[n] = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!strcmp(types[i].name, name)) {
            rule->type = types[i].type;
            rule->bytes.n = types[i].n;
            return true;
        }
    }
    return rule_fail(rr, "unknown type; decode/meters/README.md lists them");
}

/* "4-7" or "3". */
static bool read_bits(struct rule_reader *rr, const char *text)
{
    struct driver_range bits;
    if (!reader_range(text, &bits) || bits.last > 63)
        return rule_fail(rr, "bits: expected a bit such as 3, or a range such as 4-7, below 64");
    rr->draft->rule.bytes.first_bit = (uint8_t)bits.first;
    rr->draft->rule.bytes.n_bits = (uint8_t)(bits.last - bits.first + 1);
    return true;
}

static bool read_places(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const char *at, *type, *bits;
    uint64_t size = 0, place = 0;
    if (!rule_text(rr, "at", &at) || !rule_text(rr, "type", &type) || !rule_text(rr, "bits", &bits))
        return false;
    if (type && !read_type(rr, type))
        return false;
    if (!rule_number_entry(rr, "size", 255, &size) || (bits && !read_bits(rr, bits)))
        return false;
    if (size)
        rule->bytes.n = (uint8_t)size;
    if (!at)
        return rule->from != FROM_BYTES ||
               rule_fail(rr, "expected at: the place of its first byte");
    bool negative = at[0] == '-';
    if (!reader_integer(at + negative, &place) || place > 512)
        return rule_fail(rr, "at: expected a number of bytes, from the end if negative");
    rule->bytes.at = (int16_t)(negative ? -(int)place : (int)place);
    return type || rule_fail(rr, "expected type: with at:");
}

/* ---- numbers ---- */

/* "0.01" to digits and a power of ten. */
static bool read_decimal(const char *text, uint64_t *digits, int *exp10)
{
    size_t n = 0;
    bool point = false;
    *digits = 0;
    *exp10 = 0;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9' || ++n > 15)
            return false;
        *digits = 10 * *digits + (uint64_t)(*text - '0');
        *exp10 -= point;
    }
    return n > 0 && *digits > 0;
}

static bool read_factors(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const char *scale, *divide;
    uint64_t digits;
    int exp10;
    rule->multiply = rule->divide = 1;
    if (!rule_text(rr, "scale", &scale) || !rule_text(rr, "divide", &divide))
        return false;
    if (scale) {
        if (!read_decimal(scale, &rule->multiply, &rule->exp10))
            return rule_fail(rr, "scale: expected a number such as 0.01");
        for (; rule->multiply % 10 == 0; rule->exp10++)
            rule->multiply /= 10;
    }
    if (divide) {
        if (!read_decimal(divide, &digits, &exp10) || digits > 1000000000)
            return rule_fail(rr, "divide: expected a number such as 3.6");
        rule->divide = (uint32_t)digits;
        rule->exp10 -= exp10;
    }
    return true;
}

static bool read_invalid(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    rule->has_invalid = reader_entry(rr->s, rr->node, "invalid");
    return rule_number_entry(rr, "invalid", UINT64_MAX, &rule->invalid);
}

static bool read_repeat(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    uint64_t repeat = 0, step = rule->bytes.n;
    if (!rule_number_entry(rr, "repeat", 100, &repeat) ||
        !rule_number_entry(rr, "step", 255, &step))
        return false;
    rule->repeat = (uint8_t)repeat;
    rule->step = (uint8_t)step;
    return true;
}

bool rule_bytes(struct rule_reader *rr)
{
    return read_places(rr) && read_repeat(rr);
}

bool rule_scale(struct rule_reader *rr)
{
    return read_factors(rr) && read_invalid(rr);
}
