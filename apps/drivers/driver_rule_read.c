/* SPDX-License-Identifier: MIT
 * Fields of driver files: each a rule, or several for one name. */
#include <string.h>

#include "apps/common/yes_or_no.h"
#include "apps/drivers/driver_rule_reader.h"
#include "base/array_len.h"

bool rule_fail(struct rule_reader *rr, const char *what)
{
    return reader_fail(rr->r, rr->s, rr->node, "field %s: %s", rr->draft->rule.name, what);
}

bool rule_text(struct rule_reader *rr, const char *name, const char **text)
{
    yaml_node_t *node = reader_entry(rr->s, rr->node, name);
    *text = node ? reader_text(node) : NULL;
    return !node || *text ||
           reader_fail(rr->r, rr->s, node, "%s: expected a text or a number", name);
}

static bool entry_flag(struct rule_reader *rr, const char *name, bool *flag)
{
    const char *text;
    if (!rule_text(rr, name, &text))
        return false;
    return yes_or_no_parse(text, flag) || !text || rule_fail(rr, "expected yes or no");
}

bool rule_number_entry(struct rule_reader *rr, const char *name, uint64_t most, uint64_t *value)
{
    const char *text;
    if (!rule_text(rr, name, &text))
        return false;
    return !text || (reader_integer(text, value) && *value <= most) ||
           reader_fail(rr->r, rr->s, rr->node, "field %s: %s: expected a number from 0 to %llu",
                       rr->draft->rule.name, name, (unsigned long long)most);
}

static bool read_record(struct rule_reader *rr, const char *text)
{
    struct driver_selector *selector = arena_alloc(&rr->r->set->arena, 1, sizeof *selector);
    if (!selector)
        return reader_no_memory(rr->r);
    const char *wrong = read_selector(text, selector, rr->r);
    rr->draft->rule.from = FROM_RECORD;
    rr->draft->rule.record = selector;
    return !wrong || rule_fail(rr, wrong);
}

static bool read_from(struct rule_reader *rr, const char *from)
{
    if (strcmp(from, "tpl_status") != 0)
        return rule_fail(rr, "from: expected tpl_status");
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
    if (!rule_text(rr, "record", &record) || !rule_text(rr, "from", &from) ||
        !rule_text(rr, "calc", &calc) || !rule_text(rr, "for_each", &draft->per) ||
        !rule_text(rr, "after", &draft->after))
        return false;
    if (!!record + !!from + !!calc + in_block != 1)
        return rule_fail(rr, in_block ? "a block has no record:, from: or calc:"
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
    return !is_place_wrong(draft, in_block) || rule_fail(rr, "does not belong here");
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
    if (!read_source(rr, in_block) || !rule_bytes(rr) || !rule_scale(rr) || !rule_lookup(rr) ||
        !entry_flag(rr, "empty", &rule->invalid_is_empty) || !entry_flag(rr, "seconds", &seconds) ||
        !entry_flag(rr, "raw", &rule->is_raw))
        return false;
    if (seconds)
        rule->time_form = TIME_FORM_SECONDS;
    if (when && !in_block)
        return rule_fail(rr, "when: only in blocks");
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

/* Fields of the object that readings stand in; a reading of that name would not be seen. */
static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "v",        "seq",       "n",        "time_s",       "timestamp", "file",
        "mode",     "format",    "telegram", "direction",    "id",        "media",
        "meter",    "name",      "codes",    "records",      "payload",   "security_mode",
        "security", "decrypted", "reason",   "manufacturer", "contained",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i], name))
            return true;
    return false;
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
    draft->rule.depth = r->driver.is_generic ? 0 : (uint8_t)r->depth;
    draft->rule.name = reader_copy(r, name);
    if (!draft->rule.name || !is_name(name, &draft->rule.has_numbers))
        return reader_fail(r, s, node,
                           "%.60s: expected a name such as total_m3 or set_date_{storage}", name);
    if (is_reserved(name))
        return reader_fail(r, s, node, "%s: the name of a field that every telegram has", name);
    draft->rule.is_hidden = name[0] == '_';
    draft->rule.time_form = time_form(name);
    if (node->type == YAML_SCALAR_NODE && reader_text(node) && !place) {
        if (!read_record(&rr, reader_text(node)))
            return false;
    } else if (node->type != YAML_MAPPING_NODE) {
        return rule_fail(&rr, place ? "expected a mapping with at and type"
                                    : "expected a record such as 'volume storage 1', or a mapping");
    } else if (!read_mapping(&rr, place > 0)) {
        return false;
    }
    if (!place && draft->rule.from != FROM_RECORD)
        draft->place = DRAFT_OTHER;
    r->n_drafts++;
    return rule_unit(&rr);
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
