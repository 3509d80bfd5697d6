/* SPDX-License-Identifier: MIT
 * Expressions of driver files: sum, product, sqrt(), month_end(), names of fields, numbers, spans
 * of time such as `age_h hours`. */
#include <stdlib.h>
#include <string.h>

#include "apps/drivers/driver_reader.h"

struct parse {
    const char *at;
    struct driver_reader *r;
    struct driver_step steps[DRIVER_MAX_STEPS];
    size_t n;
    int depth;
    const char *wrong;
};

static bool fail(struct parse *p, const char *wrong)
{
    if (!p->wrong)
        p->wrong = wrong;
    return false;
}

static bool add(struct parse *p, struct driver_step step)
{
    if (p->n == DRIVER_MAX_STEPS)
        return fail(p, "the expression is too long");
    p->steps[p->n++] = step;
    return true;
}

static bool take(struct parse *p, const char *token)
{
    p->at += strspn(p->at, " \t\n");
    size_t n = strlen(token);
    if (strncmp(p->at, token, n) != 0)
        return false;
    p->at += n;
    return true;
}

static size_t word_length(struct parse *p)
{
    p->at += strspn(p->at, " \t\n");
    size_t n = 0;
    for (bool inside = false; p->at[n]; n++) {
        char c = p->at[n];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '{' || c == '}' || (inside && strchr(":+-", c));
        if (!letter)
            break;
        inside = c == '{' || (inside && c != '}');
    }
    return n;
}

static bool take_word(struct parse *p, const char *word)
{
    size_t n = word_length(p);
    if (n != strlen(word) || strncmp(p->at, word, n) != 0)
        return false;
    p->at += n;
    return true;
}

static bool sum(struct parse *p);

static bool in_brackets(struct parse *p)
{
    if (!take(p, "("))
        return fail(p, "expected (");
    if (++p->depth > 8)
        return fail(p, "too many brackets");
    return sum(p) && (take(p, ")") || fail(p, "expected )"));
}

static bool name(struct parse *p)
{
    char text[128];
    size_t n = word_length(p);
    if (n == 0 || n >= sizeof text)
        return fail(p, "expected a number, a name of a field, or (");
    memcpy(text, p->at, n);
    text[n] = 0;
    p->at += n;
    uint16_t rule = rule_number(&p->r->driver, text);
    if (!rule)
        return fail(p, "a field in the expression is not known");
    return add(p, (struct driver_step){ .kind = STEP_RULE, .rule = (uint16_t)(rule - 1) });
}

static bool atom(struct parse *p)
{
    p->at += strspn(p->at, " \t\n");
    if (*p->at == '(')
        return in_brackets(p);
    if (take_word(p, "sqrt"))
        return in_brackets(p) && add(p, (struct driver_step){ .kind = STEP_SQRT });
    if (take_word(p, "month_end"))
        return in_brackets(p) && add(p, (struct driver_step){ .kind = STEP_MONTH_END });
    if (take_word(p, "index"))
        return add(p, (struct driver_step){ .kind = STEP_INDEX });
    if (*p->at >= '0' && *p->at <= '9') {
        char number[32], *end;
        size_t n = strspn(p->at, "0123456789.");
        if (n >= sizeof number)
            return fail(p, "a number is too long");
        memcpy(number, p->at, n);
        number[n] = 0;
        p->at += n;
        const double value = strtod(number, &end);
        return *end ? fail(p, "expected a number such as 0.01")
                    : add(p, (struct driver_step){ .kind = STEP_NUMBER, .number = value });
    }
    return name(p);
}

static bool factor(struct parse *p)
{
    if (!atom(p))
        return false;
    if (take_word(p, "hours"))
        return add(p, (struct driver_step){ .kind = STEP_HOURS });
    if (take_word(p, "days"))
        return add(p, (struct driver_step){ .kind = STEP_DAYS });
    if (take_word(p, "months"))
        return add(p, (struct driver_step){ .kind = STEP_MONTHS });
    return true;
}

static bool product(struct parse *p)
{
    bool ok = factor(p);
    while (ok) {
        enum driver_step_kind kind = STEP_MULTIPLY;
        if (!take(p, "*")) {
            if (!take(p, "/"))
                break;
            kind = STEP_DIVIDE;
        }
        ok = factor(p) && add(p, (struct driver_step){ .kind = kind });
    }
    return ok;
}

static bool sum(struct parse *p)
{
    bool ok = product(p);
    while (ok) {
        enum driver_step_kind kind = STEP_ADD;
        if (!take(p, "+")) {
            if (!take(p, "-"))
                break;
            kind = STEP_SUBTRACT;
        }
        ok = product(p) && add(p, (struct driver_step){ .kind = kind });
    }
    return ok;
}

const char *read_expression(const char *text, struct driver_reader *r, struct driver_calc *calc)
{
    struct parse p = { .at = text, .r = r };
    bool ok = sum(&p);
    p.at += strspn(p.at, " \t\n");
    if (ok && *p.at)
        ok = fail(&p, "expected + - * / or the end of the expression");
    if (!ok)
        return p.wrong;
    struct driver_step *steps = arena_alloc(&r->set->arena, p.n, sizeof *steps);
    if (!steps)
        return "out of memory";
    memcpy(steps, p.steps, p.n * sizeof *steps);
    calc->steps = steps;
    calc->n = p.n;
    return NULL;
}
