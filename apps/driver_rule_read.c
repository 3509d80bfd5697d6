/* SPDX-License-Identifier: MIT
 * Fields of driver files: each a rule, or several for one name. */
#include <stdlib.h>
#include <string.h>

#include "apps/driver_reader.h"
#include "decode/driver_unit.h"
#include "decode/driver_words.h"

/* What the entries of one rule are read with. */
struct rule_reader {
    struct driver_reader *r;
    struct driver_source *s;
    yaml_node_t *node;
    struct rule_draft *draft;
};

static bool fail(struct rule_reader *rr, const char *what)
{
    return reader_fail(rr->r, rr->s, rr->node, "field %s: %s", rr->draft->rule.name, what);
}

/* The text of an entry. *text is NULL if there is no such entry. */
static bool entry_text(struct rule_reader *rr, const char *name, const char **text)
{
    yaml_node_t *node = reader_entry(rr->s, rr->node, name);
    *text = node ? reader_text(node) : NULL;
    return !node || *text ||
           reader_fail(rr->r, rr->s, node, "%s: expected a text or a number", name);
}

static bool entry_flag(struct rule_reader *rr, const char *name, bool *flag)
{
    const char *text;
    if (!entry_text(rr, name, &text))
        return false;
    *flag = text && (!strcmp(text, "yes") || !strcmp(text, "true"));
    return !text || *flag || !strcmp(text, "no") || !strcmp(text, "false") ||
           fail(rr, "expected yes or no");
}

static bool entry_number(struct rule_reader *rr, const char *name, uint64_t most, uint64_t *value)
{
    const char *text;
    if (!entry_text(rr, name, &text))
        return false;
    return !text || (reader_integer(text, value) && *value <= most) ||
           reader_fail(rr->r, rr->s, rr->node, "field %s: %s: expected a number from 0 to %llu",
                       rr->draft->rule.name, name, (unsigned long long)most);
}

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
        return fail(rr, "unknown type");
    memcpy(name, text, n);
    name[n] = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!strcmp(types[i].name, name)) {
            rule->type = types[i].type;
            rule->bytes.n = types[i].n;
            return true;
        }
    }
    return fail(rr, "unknown type; decode/meters/README.md lists them");
}

/* "4-7" or "3". */
static bool read_bits(struct rule_reader *rr, const char *text)
{
    struct driver_range bits;
    if (!reader_range(text, &bits) || bits.last > 63)
        return fail(rr, "bits: expected a bit such as 3, or a range such as 4-7, below 64");
    rr->draft->rule.bytes.first_bit = (uint8_t)bits.first;
    rr->draft->rule.bytes.n_bits = (uint8_t)(bits.last - bits.first + 1);
    return true;
}

static bool read_bytes(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const char *at, *type, *bits;
    uint64_t size = 0, place = 0;
    if (!entry_text(rr, "at", &at) || !entry_text(rr, "type", &type) ||
        !entry_text(rr, "bits", &bits))
        return false;
    if (type && !read_type(rr, type))
        return false;
    if (!entry_number(rr, "size", 255, &size) || (bits && !read_bits(rr, bits)))
        return false;
    if (size)
        rule->bytes.n = (uint8_t)size;
    if (!at)
        return rule->from != FROM_BYTES || fail(rr, "expected at: the place of its first byte");
    bool negative = at[0] == '-';
    if (!reader_integer(at + negative, &place) || place > 512)
        return fail(rr, "at: expected a number of bytes, from the end if negative");
    rule->bytes.at = (int16_t)(negative ? -(int)place : (int)place);
    return type || fail(rr, "expected type: with at:");
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

static bool read_scale(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const char *scale, *divide;
    uint64_t digits;
    int exp10;
    rule->multiply = rule->divide = 1;
    if (!entry_text(rr, "scale", &scale) || !entry_text(rr, "divide", &divide))
        return false;
    if (scale) {
        if (!read_decimal(scale, &rule->multiply, &rule->exp10))
            return fail(rr, "scale: expected a number such as 0.01");
        for (; rule->multiply % 10 == 0; rule->exp10++)
            rule->multiply /= 10;
    }
    if (divide) {
        if (!read_decimal(divide, &digits, &exp10) || digits > 1000000000)
            return fail(rr, "divide: expected a number such as 3.6");
        rule->divide = (uint32_t)digits;
        rule->exp10 -= exp10;
    }
    return true;
}

static bool read_invalid(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    rule->has_invalid = reader_entry(rr->s, rr->node, "invalid");
    return entry_number(rr, "invalid", UINT64_MAX, &rule->invalid);
}

/* ---- words ---- */

static bool read_word_entry(struct rule_reader *rr, const yaml_node_pair_t *pair,
                            struct driver_word *word)
{
    yaml_node_t *key = reader_node(rr->s, pair->key), *value = reader_node(rr->s, pair->value);
    const char *number = reader_text(key), *text = reader_text(value);
    if (!number || !reader_integer(number, &word->value))
        return reader_fail(rr->r, rr->s, key, "expected a number such as 0x10");
    if (!text)
        return reader_fail(rr->r, rr->s, value, "expected words");
    if (rr->draft->rule.lookup->is_number && !driver_word_number(text, &(struct decimal){ 0 }))
        return reader_fail(rr->r, rr->s, value, "expected a number such as 2.65");
    word->text = reader_copy(rr->r, text);
    return word->text;
}

static bool read_words(struct rule_reader *rr, yaml_node_t *map, struct driver_lookup *lookup)
{
    if (map->type != YAML_MAPPING_NODE)
        return reader_fail(rr->r, rr->s, map, "expected a mapping from numbers to words");
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    size_t n = (size_t)(map->data.mapping.pairs.top - first);
    struct driver_word *words = arena_alloc(&rr->r->set->arena, n + 1, sizeof *words);
    if (!words)
        return reader_no_memory(rr->r);
    for (size_t i = 0; i < n; i++)
        if (!read_word_entry(rr, &first[i], &words[i]))
            return false;
    lookup->words = words;
    lookup->n = n;
    return true;
}

static bool read_lookup(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    yaml_node_t *flags = reader_entry(rr->s, rr->node, "flags");
    yaml_node_t *values = reader_entry(rr->s, rr->node, "values");
    yaml_node_t *numbers = reader_entry(rr->s, rr->node, "numbers");
    const char *rest, *ok;
    if (!entry_text(rr, "rest", &rest) || !entry_text(rr, "ok", &ok))
        return false;
    rule->is_joined = flags || rule->from == FROM_TPL_STATUS;
    rule->may_be_empty = ok && !*ok;
    if (ok && *ok && strcmp(ok, "OK") != 0)
        return fail(rr, "ok: expected OK or an empty text");
    if (!!flags + !!values + !!numbers > 1)
        return fail(rr, "expected flags, values or numbers, not more of them");
    if (!flags && !values && !numbers)
        return !rest || fail(rr, "rest: needs flags or values");
    struct driver_lookup *lookup = arena_alloc(&rr->r->set->arena, 1, sizeof *lookup);
    if (!lookup)
        return reader_no_memory(rr->r);
    *lookup = (struct driver_lookup){ .is_bits = flags, .is_number = numbers, .mask = UINT64_MAX };
    rule->lookup = lookup;
    if (rest && !(lookup->rest = reader_copy(rr->r, rest)))
        return false;
    if (!entry_number(rr, "mask", UINT64_MAX, &lookup->mask))
        return false;
    return read_words(rr, flags ? flags : values ? values : numbers, lookup);
}

/* ---- units ---- */

/* The unit that the name ends in must be one the quantity can have. */
static bool check_code(struct rule_reader *rr, const struct driver_unit *unit,
                       const struct vif_row *row)
{
    const struct driver_unit *from = row->quantity && row->data <= VIF_UNSIGNED
                                         ? driver_unit_find(vif_units[row->unit].name)
                                         : NULL;
    if (!from)
        return true;
    if (strcmp(from->dimension, unit->dimension) != 0)
        return reader_fail(rr->r, rr->s, rr->node, "field %s: %s is no unit of %s",
                           rr->draft->rule.name, unit->name, row->quantity);
    if (strcmp(from->name, unit->name) != 0)
        rr->draft->rule.unit = unit->name;
    return true;
}

/* Of a VIF without manufacturer's VIFEs, whose unit may be any. */
static bool check_vib(struct rule_reader *rr, const struct driver_unit *unit,
                      const struct driver_selector *s)
{
    uint8_t vif = s->vib[0] & 0x7F;
    bool extended = vif == 0x7B || vif == 0x7D;
    if (s->vib_n != 1u + extended || vif == 0x7F || vif == 0x7C)
        return true;
    enum vif_table table = vif == 0x7B ? VIF_FB : vif == 0x7D ? VIF_FD : VIF_PRIMARY;
    const struct vif_row *row = vif_find(table, s->vib[s->vib_n - 1]);
    const struct driver_unit *from = driver_unit_find(vif_units[row->unit].name);
    bool same = from && !strcmp(from->dimension, unit->dimension);
    return !same || check_code(rr, unit, row); /* who writes the VIF knows what it is */
}

static bool check_unit(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const struct driver_unit *unit = driver_unit_of_name(rule->name);
    const struct driver_selector *record = rule->record;
    if (!unit || !record || rule->lookup || rule->is_raw || record->n_qualifiers ||
        rule->type == DRIVER_DATE)
        return true;
    if (!record->codes)
        return check_vib(rr, unit, record);
    for (unsigned code = 0; code < N_VIF_TABLES * 128; code++)
        if (record->codes->bits[code / 64] >> (code % 64) & 1 &&
            !check_code(rr, unit, vif_find((enum vif_table)(code / 128), code % 128)))
            return false;
    return true;
}

/* ---- a rule ---- */

static bool read_record(struct rule_reader *rr, const char *text)
{
    struct driver_selector *selector = arena_alloc(&rr->r->set->arena, 1, sizeof *selector);
    if (!selector)
        return reader_no_memory(rr->r);
    const char *wrong = read_selector(text, selector, rr->r);
    rr->draft->rule.from = FROM_RECORD;
    rr->draft->rule.record = selector;
    return !wrong || fail(rr, wrong);
}

static bool read_from(struct rule_reader *rr, const char *from)
{
    if (strcmp(from, "tpl_status") != 0)
        return fail(rr, "from: expected tpl_status");
    rr->draft->rule.from = FROM_TPL_STATUS;
    return true;
}

static bool is_place_wrong(const struct rule_draft *draft, bool in_block)
{
    return in_block != (draft->rule.from == FROM_BYTES);
}

static bool read_source(struct rule_reader *rr, bool in_block)
{
    struct rule_draft *draft = rr->draft;
    const char *record, *from, *calc;
    if (!entry_text(rr, "record", &record) || !entry_text(rr, "from", &from) ||
        !entry_text(rr, "calc", &calc) || !entry_text(rr, "for_each", &draft->per) ||
        !entry_text(rr, "after", &draft->after))
        return false;
    if (!!record + !!from + !!calc + in_block != 1)
        return fail(rr, in_block ? "a block has no record:, from: or calc:"
                                 : "expected one of record:, from:, calc:");
    if (record && !read_record(rr, record))
        return false;
    if (from && !read_from(rr, from))
        return false;
    if (calc) {
        draft->rule.from = FROM_CALC;
        if (!(draft->calc = reader_copy(rr->r, calc)))
            return false;
    }
    if (draft->per && !(draft->per = reader_copy(rr->r, draft->per)))
        return false;
    if (draft->after && !(draft->after = reader_copy(rr->r, draft->after)))
        return false;
    if (in_block)
        draft->rule.from = FROM_BYTES;
    return !is_place_wrong(draft, in_block) || fail(rr, "does not belong here");
}

static bool read_repeat(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    uint64_t repeat = 0, step = rule->bytes.n;
    if (!entry_number(rr, "repeat", 100, &repeat) || !entry_number(rr, "step", 255, &step))
        return false;
    rule->repeat = (uint8_t)repeat;
    rule->step = (uint8_t)step;
    return true;
}

static bool read_mapping(struct rule_reader *rr, bool in_block)
{
    struct driver_rule *rule = &rr->draft->rule;
    yaml_node_t *when = reader_entry(rr->s, rr->node, "when");
    bool seconds = false;
    if (!reader_check_entries(
            rr->r, rr->s, rr->node,
            "record from calc for_each at type size bits flags values numbers mask rest "
            "ok scale divide raw invalid empty seconds repeat step after when"))
        return false;
    if (!read_source(rr, in_block) || !read_bytes(rr) || !read_repeat(rr) || !read_scale(rr) ||
        !read_invalid(rr) || !read_lookup(rr) ||
        !entry_flag(rr, "empty", &rule->invalid_is_empty) || !entry_flag(rr, "seconds", &seconds) ||
        !entry_flag(rr, "raw", &rule->is_raw))
        return false;
    if (seconds)
        rule->time_form = TIME_FORM_SECONDS;
    if (when && !in_block)
        return fail(rr, "when: only in blocks");
    return !when || read_conditions(rr->r, rr->s, when, &rule->conditions, &rule->n_conditions);
}

/* {storage}, {storage-1}, {i+1:02} */
static size_t braces_length(const char *at)
{
    static const char *const words[] = { "storage", "tariff", "subunit", "i" };
    size_t n = 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz"), w = 0;
    while (w < 4 && (strlen(words[w]) != n - 1 || strncmp(words[w], at + 1, n - 1) != 0))
        w++;
    if (w == 4)
        return 0;
    if (at[n] == '+' || at[n] == '-') {
        size_t digits = strspn(at + n + 1, "0123456789");
        if (digits < 1 || digits > 3)
            return 0;
        n += 1 + digits;
    }
    if (at[n] == ':') {
        if (at[n + 1] != '0' || at[n + 2] < '1' || at[n + 2] > '9')
            return 0;
        n += 3;
    }
    return at[n] == '}' ? n + 1 : 0;
}

static bool is_name(const char *name, bool *has_numbers)
{
    *has_numbers = false;
    if (strlen(name) > 100 || !*name)
        return false;
    for (size_t n; *name; name += n) {
        n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
        if (n)
            continue;
        if (*name != '{' || !(n = braces_length(name)))
            return false;
        *has_numbers = true;
    }
    return true;
}

static enum driver_time_form time_form(const char *name)
{
    return strstr(name, "datetime") ? TIME_FORM_MINUTES
           : strstr(name, "_date")  ? TIME_FORM_DATE
                                    : TIME_FORM_OWN;
}

static bool read_rule(struct driver_reader *r, struct driver_source *s, const char *name,
                      yaml_node_t *node, int place)
{
    if (r->n_drafts == DRIVER_MAX_RULES)
        return reader_fail(r, s, node, "expected at most %d fields", DRIVER_MAX_RULES);
    struct rule_draft *draft = &r->drafts[r->n_drafts];
    struct rule_reader rr = { r, s, node, draft };
    *draft = (struct rule_draft){ .place = place, .path = s->path, .line = node->start_mark.line };
    draft->rule.multiply = draft->rule.divide = 1;
    draft->rule.name = reader_copy(r, name);
    if (!draft->rule.name || !is_name(name, &draft->rule.has_numbers))
        return reader_fail(r, s, node,
                           "%.60s: expected a name such as total_m3 or set_date_{storage}", name);
    draft->rule.is_hidden = name[0] == '_';
    draft->rule.time_form = time_form(name);
    if (node->type == YAML_SCALAR_NODE && reader_text(node) && !place) {
        if (!read_record(&rr, reader_text(node)))
            return false;
    } else if (node->type != YAML_MAPPING_NODE) {
        return fail(&rr, place ? "expected a mapping with at and type"
                               : "expected a record such as 'volume storage 1', or a mapping");
    } else if (!read_mapping(&rr, place > 0)) {
        return false;
    }
    if (!place && draft->rule.from != FROM_RECORD)
        draft->place = DRAFT_OTHER;
    r->n_drafts++;
    return check_unit(&rr);
}

static bool is_taken(const struct driver_reader *r, const char *name)
{
    for (size_t i = 0; i < r->n_taken_before; i++)
        if (!strcmp(r->taken[i], name))
            return true;
    return false;
}

/* If the words of one way are joined, the texts of the others join them. */
static void join_words(struct driver_reader *r, size_t first)
{
    bool joined = false;
    for (size_t i = first; i < r->n_drafts; i++)
        joined |= r->drafts[i].rule.is_joined;
    for (size_t i = first; i < r->n_drafts; i++)
        r->drafts[i].rule.is_joined |= joined && r->drafts[i].rule.lookup;
}

static bool read_field(struct driver_reader *r, struct driver_source *s, const char *name,
                       yaml_node_t *node, int place)
{
    if (is_taken(r, name))
        return true; /* shared, and the driver has its own */
    if (r->n_taken == DRIVER_MAX_RULES)
        return reader_fail(r, s, node, "expected at most %d fields", DRIVER_MAX_RULES);
    if (!(r->taken[r->n_taken++] = reader_copy(r, name)))
        return false;
    const char *text = reader_text(node);
    if (text && !strcmp(text, "none"))
        return true;
    if (node->type != YAML_SEQUENCE_NODE)
        return read_rule(r, s, name, node, place);
    const yaml_node_item_t *item = node->data.sequence.items.start;
    size_t first = r->n_drafts;
    for (; item < node->data.sequence.items.top; item++)
        if (!read_rule(r, s, name, reader_node(s, *item), place))
            return false;
    join_words(r, first);
    return true;
}

bool read_fields(struct driver_reader *r, struct driver_source *s, yaml_node_t *node, int place)
{
    if (node->type != YAML_MAPPING_NODE)
        return reader_fail(r, s, node, "fields: expected a mapping from names to records");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = reader_node(s, pair->key);
        const char *name = reader_text(key);
        if (!name)
            return reader_fail(r, s, key, "expected a name");
        if (reader_entry(s, node, name) != reader_node(s, pair->value))
            return reader_fail(r, s, key, "%.100s stands twice", name);
        if (!read_field(r, s, name, reader_node(s, pair->value), place))
            return false;
    }
    return true;
}
