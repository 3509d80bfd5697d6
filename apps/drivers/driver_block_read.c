/* SPDX-License-Identifier: MIT
 * Blocks and tests of driver files; and the order of all rules. */
#include <string.h>

#include "apps/common/yes_or_no.h"
#include "apps/drivers/driver_reader.h"

bool read_conditions(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                     const struct driver_condition **conditions, size_t *n)
{
    bool list = node->type == YAML_SEQUENCE_NODE;
    const yaml_node_item_t *first = list ? node->data.sequence.items.start : NULL;
    *n = list ? (size_t)(node->data.sequence.items.top - first) : 1;
    struct driver_condition *all = arena_alloc(&r->set->arena, *n + 1, sizeof *all);
    if (!all)
        return reader_no_memory(r);
    for (size_t i = 0; i < *n; i++) {
        yaml_node_t *item = list ? reader_node(s, first[i]) : node;
        const char *text = reader_text(item);
        const char *wrong = text ? read_condition(text, &all[i]) : "expected a condition";
        if (wrong)
            return reader_fail(r, s, item, "%s", wrong);
    }
    *conditions = all;
    return true;
}

/* ---- blocks ---- */

static bool read_in(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                    struct driver_block *block)
{
    const char *text = node ? reader_text(node) : NULL;
    if (text && !strncmp(text, "record ", 7)) {
        struct driver_selector *selector = arena_alloc(&r->set->arena, 1, sizeof *selector);
        if (!selector)
            return reader_no_memory(r);
        const char *wrong = read_selector(text + 7, selector, r);
        block->in = BLOCK_RECORD;
        block->record = selector;
        return !wrong || reader_fail(r, s, node, "%s", wrong);
    }
    if (text && !strcmp(text, "payload"))
        block->in = BLOCK_PAYLOAD;
    else if (text && !strcmp(text, "tail"))
        block->in = BLOCK_TAIL;
    else if (text && !strcmp(text, "frame"))
        block->in = BLOCK_FRAME;
    else
        return reader_fail(r, s, node ? node : yaml_document_get_root_node(&s->document),
                           "block: expected in: payload, tail, frame, or record and which");
    return true;
}

static bool read_transform(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                           struct driver_block *block)
{
    const char *name = reader_text(node);
    const struct transform *transform = name ? transform_find(name) : NULL;
    if (!transform)
        return reader_fail(r, s, node, "transform: there is none of that name");
    block->transform = transform->function;
    block->transform_name = transform->name;
    return true;
}

static bool read_block(struct driver_reader *r, struct driver_source *s, yaml_node_t *node)
{
    if (node->type != YAML_MAPPING_NODE)
        return reader_fail(r, s, node, "block: expected a mapping with in and fields");
    if (r->n_blocks == DRIVER_MAX_BLOCKS)
        return reader_fail(r, s, node, "expected at most %d blocks", DRIVER_MAX_BLOCKS);
    struct driver_block *block = &r->blocks[r->n_blocks++];
    yaml_node_t *transform = reader_entry(s, node, "transform");
    yaml_node_t *when = reader_entry(s, node, "when");
    yaml_node_t *fields = reader_entry(s, node, "fields");
    *block = (struct driver_block){ .in = BLOCK_PAYLOAD };
    if (!reader_check_entries(r, s, node, "in transform when fields") ||
        !read_in(r, s, reader_entry(s, node, "in"), block) ||
        (transform && !read_transform(r, s, transform, block)) ||
        (when && !read_conditions(r, s, when, &block->conditions, &block->n_conditions)))
        return false;
    if (block->in == BLOCK_FRAME && !block->transform)
        return reader_fail(r, s, node, "block: frame needs a transform");
    return !fields || read_fields(r, s, fields, (int)r->n_blocks);
}

bool read_blocks(struct driver_reader *r, struct driver_source *s, yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "blocks: expected a list");
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++)
        if (!read_block(r, s, reader_node(s, *item)))
            return false;
    return true;
}

/* ---- tests ---- */

static bool read_prior(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                       struct driver_test *test)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "prior: expected a list of telegrams");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    const char **prior = arena_alloc(&r->set->arena, n + 1, sizeof *prior);
    if (!prior)
        return reader_no_memory(r);
    for (size_t i = 0; i < n; i++) {
        const char *text = reader_text(reader_node(s, first[i]));
        if (!text)
            return reader_fail(r, s, node, "prior: expected hex");
        if (!(prior[i] = reader_copy(r, text)))
            return false;
    }
    test->prior = prior;
    test->n_prior = n;
    return true;
}

static bool read_expectations(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                              struct driver_test *test)
{
    if (node->type != YAML_MAPPING_NODE)
        return reader_fail(r, s, node, "readings: expected a mapping from names to values");
    const yaml_node_pair_t *first = node->data.mapping.pairs.start;
    size_t n = (size_t)(node->data.mapping.pairs.top - first);
    struct driver_expectation *all = arena_alloc(&r->set->arena, n + 1, sizeof *all);
    if (!all)
        return reader_no_memory(r);
    for (size_t i = 0; i < n; i++) {
        yaml_node_t *value = reader_node(s, first[i].value);
        const char *name = reader_text(reader_node(s, first[i].key)), *text = reader_text(value);
        if (!name || !text)
            return reader_fail(r, s, value, "readings: expected names and values");
        all[i] = (struct driver_expectation){
            .name = reader_copy(r, name),
            .text = reader_copy(r, text),
            .is_plain = value->data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
            .line = value->start_mark.line + 1,
        };
        if (!all[i].name || !all[i].text)
            return false;
    }
    test->expectations = all;
    test->n = n;
    return true;
}

static bool read_test(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                      struct driver_test *test)
{
    if (node->type != YAML_MAPPING_NODE ||
        !reader_check_entries(r, s, node, "telegram key prior by_name readings"))
        return reader_fail(r, s, node, "test: expected telegram, perhaps key and prior, readings");
    yaml_node_t *telegram = reader_entry(s, node, "telegram"), *key = reader_entry(s, node, "key");
    yaml_node_t *prior = reader_entry(s, node, "prior");
    yaml_node_t *readings = reader_entry(s, node, "readings");
    if (!telegram || !readings || !reader_text(telegram) || (key && !reader_text(key)))
        return reader_fail(r, s, node, "test: expected telegram, perhaps key and prior, readings");
    const yaml_node_t *by_name = reader_entry(s, node, "by_name");
    test->line = node->start_mark.line + 1;
    if (by_name && !yes_or_no_parse(reader_text(by_name), &test->by_name))
        return reader_fail(r, s, by_name, "by_name: expected yes or no");
    test->telegram = reader_copy(r, reader_text(telegram));
    test->key = key ? reader_copy(r, reader_text(key)) : NULL;
    return test->telegram && (test->key || !key) && (!prior || read_prior(r, s, prior, test)) &&
           read_expectations(r, s, readings, test);
}

bool read_tests(struct driver_reader *r, struct driver_source *s, yaml_node_t *node,
                struct driver_entry *entry)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return reader_fail(r, s, node, "tests: expected a list");
    const yaml_node_item_t *first = node->data.sequence.items.start;
    size_t n = (size_t)(node->data.sequence.items.top - first);
    struct driver_test *tests = arena_alloc(&r->set->arena, n + 1, sizeof *tests);
    if (!tests)
        return reader_no_memory(r);
    for (size_t i = 0; i < n; i++)
        if (!read_test(r, s, reader_node(s, first[i]), &tests[i]))
            return false;
    entry->tests = tests;
    entry->n_tests = n;
    return true;
}

/* ---- the order of rules ---- */

uint16_t rule_number(const struct driver *driver, const char *name)
{
    for (size_t i = 0; i < driver->n_rules; i++)
        if (!strcmp(driver->rules[i].name, name))
            return (uint16_t)(i + 1);
    return 0;
}

static size_t place_rules(struct driver_reader *r, int place, struct driver_rule *rules,
                          struct rule_draft **drafts, size_t n)
{
    for (size_t i = 0; i < r->n_drafts; i++) {
        if (r->drafts[i].place == place) {
            drafts[n] = &r->drafts[i];
            rules[n++] = r->drafts[i].rule;
        }
    }
    return n;
}

static bool fail_draft(struct driver_reader *r, const struct rule_draft *draft, const char *what)
{
    return err_set(r->err, 3, "%.200s:%zu: field %.100s: %s", draft->path, draft->line + 1,
                   draft->rule.name, what);
}

static bool resolve(struct driver_reader *r, const struct rule_draft *draft,
                    struct driver_rule *rule)
{
    if (draft->after && !(rule->after = rule_number(&r->driver, draft->after)))
        return fail_draft(r, draft, "after: there is no such field");
    if (!draft->calc)
        return !draft->per || fail_draft(r, draft, "for_each: only with calc");
    struct driver_calc *calc = arena_alloc(&r->set->arena, 1, sizeof *calc);
    if (!calc)
        return reader_no_memory(r);
    if (draft->per && !(calc->per = rule_number(&r->driver, draft->per)))
        return fail_draft(r, draft, "for_each: there is no such field");
    const char *wrong = read_expression(draft->calc, r, calc);
    rule->calc = calc;
    return !wrong || fail_draft(r, draft, wrong);
}

bool finish_rules(struct driver_reader *r)
{
    struct rule_draft **drafts =
        arena_alloc(&r->set->arena, r->n_drafts + 1, sizeof(struct rule_draft *));
    struct driver_rule *rules = arena_alloc(&r->set->arena, r->n_drafts + 1, sizeof *rules);
    struct driver_block *blocks = arena_alloc(&r->set->arena, r->n_blocks + 1, sizeof *blocks);
    if (!drafts || !rules || !blocks)
        return reader_no_memory(r);
    size_t n = place_rules(r, 0, rules, drafts, 0);
    r->driver.n_record_rules = n;
    for (size_t b = 0; b < r->n_blocks; b++) {
        blocks[b] = r->blocks[b];
        blocks[b].first_rule = (uint16_t)n;
        n = place_rules(r, (int)b + 1, rules, drafts, n);
        blocks[b].n_rules = (uint16_t)(n - blocks[b].first_rule);
    }
    r->driver.first_other_rule = n;
    n = place_rules(r, DRAFT_OTHER, rules, drafts, n);
    r->driver.rules = rules;
    r->driver.n_rules = n;
    r->driver.blocks = blocks;
    r->driver.n_blocks = r->n_blocks;
    for (size_t i = 0; i < n; i++)
        if (!resolve(r, drafts[i], &rules[i]))
            return false;
    return true;
}
