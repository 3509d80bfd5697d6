/* SPDX-License-Identifier: MIT
 * Texts for numbers in driver files. */
#include <string.h>

#include "apps/drivers/driver_rule_reader.h"
#include "decode/driver_words.h"

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

bool rule_lookup(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    yaml_node_t *flags = reader_entry(rr->s, rr->node, "flags");
    yaml_node_t *values = reader_entry(rr->s, rr->node, "values");
    yaml_node_t *numbers = reader_entry(rr->s, rr->node, "numbers");
    const char *rest, *ok;
    if (!rule_text(rr, "rest", &rest) || !rule_text(rr, "ok", &ok))
        return false;
    rule->is_joined = flags || rule->from == FROM_TPL_STATUS;
    rule->may_be_empty = ok && !*ok;
    if (ok && *ok && strcmp(ok, "OK") != 0)
        return rule_fail(rr, "ok: expected OK or an empty text");
    if (!!flags + !!values + !!numbers > 1)
        return rule_fail(rr, "expected flags, values or numbers, not more of them");
    if (!flags && !values && !numbers)
        return !rest || rule_fail(rr, "rest: needs flags or values");
    struct driver_lookup *lookup = arena_alloc(&rr->r->set->arena, 1, sizeof *lookup);
    if (!lookup)
        return reader_no_memory(rr->r);
    *lookup = (struct driver_lookup){ .is_bits = flags, .is_number = numbers, .mask = UINT64_MAX };
    rule->lookup = lookup;
    if (rest && !(lookup->rest = reader_copy(rr->r, rest)))
        return false;
    if (!rule_number_entry(rr, "mask", UINT64_MAX, &lookup->mask))
        return false;
    return read_words(rr, flags ? flags : values ? values : numbers, lookup);
}
