/* SPDX-License-Identifier: MIT
 * Expressions of drivers. */
#include <math.h>

#include "decode/driver_state.h"
#include "decode/driver_time.h"

/* A value on the stack: a number, a point in time, or a span of time. */
struct term {
    enum { TERM_NUMBER, TERM_TIME, TERM_SECONDS, TERM_MONTHS } kind;
    double number;
    struct time_point time;
};

struct stack {
    struct term terms[DRIVER_MAX_STEPS];
    size_t n;
};

static bool push_known(struct stack *stack, const struct driver_value *value)
{
    if (!value)
        return false;
    struct term *term = &stack->terms[stack->n++];
    term->kind = value->kind == VALUE_TIME ? TERM_TIME : TERM_NUMBER;
    term->number = value->number;
    term->time = value->time;
    return true;
}

static void push_number(struct stack *stack, double number)
{
    stack->terms[stack->n++] = (struct term){ .kind = TERM_NUMBER, .number = number };
}

static bool to_span(struct term *term, int kind, double unit)
{
    if (term->kind != TERM_NUMBER || fabs(term->number * unit) > 1e10)
        return false;
    term->kind = kind == TERM_SECONDS ? TERM_SECONDS : TERM_MONTHS;
    term->number *= unit;
    return true;
}

static bool move_time(struct term *term, const struct term *span, int sign)
{
    if (span->kind == TERM_SECONDS) {
        if (term->time.kind == TIME_DATE)
            term->time.kind = TIME_MINUTES;
        return time_add_seconds(&term->time, sign * llround(span->number));
    }
    return span->kind == TERM_MONTHS && fabs(span->number) < 10000 &&
           time_add_months(&term->time, sign * (int)lround(span->number));
}

static bool combine(struct stack *stack, enum driver_step_kind kind)
{
    if (stack->n < 2)
        return false;
    struct term *b = &stack->terms[--stack->n], *a = &stack->terms[stack->n - 1];
    if (a->kind == TERM_TIME && (kind == STEP_ADD || kind == STEP_SUBTRACT))
        return move_time(a, b, kind == STEP_ADD ? 1 : -1);
    if (a->kind != TERM_NUMBER || b->kind != TERM_NUMBER)
        return false;
    if (kind == STEP_ADD)
        a->number += b->number;
    else if (kind == STEP_SUBTRACT)
        a->number -= b->number;
    else if (kind == STEP_MULTIPLY)
        a->number *= b->number;
    else
        a->number /= b->number;
    return isfinite(a->number);
}

static int days_of_month(const struct time_point *time)
{
    struct time_point t = { TIME_DATE, time->year, time->month, 31, 0, 0, 0 };
    while (!time_is_valid(&t) && t.day > 28)
        t.day--;
    return t.day;
}

static bool step(const struct driver_state *state, const struct driver_step *s, uint64_t index,
                 struct stack *stack)
{
    struct term *top = stack->n ? &stack->terms[stack->n - 1] : NULL;
    switch (s->kind) {
    case STEP_NUMBER:
        push_number(stack, s->number);
        return true;
    case STEP_RULE:
        return push_known(stack, driver_known_value(state, s->rule, index));
    case STEP_INDEX:
        push_number(stack, (double)index);
        return true;
    case STEP_ADD:
    case STEP_SUBTRACT:
    case STEP_MULTIPLY:
    case STEP_DIVIDE:
        return combine(stack, s->kind);
    case STEP_SQRT:
        if (!top || top->kind != TERM_NUMBER || top->number < 0)
            return false;
        top->number = sqrt(top->number);
        return true;
    case STEP_HOURS:
        return top && to_span(top, TERM_SECONDS, 3600);
    case STEP_DAYS:
        return top && to_span(top, TERM_SECONDS, 86400);
    case STEP_MONTHS:
        return top && to_span(top, TERM_MONTHS, 1);
    case STEP_MONTH_END:
        if (!top || top->kind != TERM_TIME)
            return false;
        top->time.day = days_of_month(&top->time);
        return true;
    }
    return false;
}

static bool evaluate(const struct driver_state *state, const struct driver_calc *calc,
                     uint64_t index, struct term *result)
{
    struct stack stack = { .n = 0 };
    for (size_t i = 0; i < calc->n && i < DRIVER_MAX_STEPS; i++)
        if (!step(state, &calc->steps[i], index, &stack))
            return false;
    if (stack.n != 1)
        return false;
    *result = stack.terms[0];
    return result->kind == TERM_NUMBER || result->kind == TERM_TIME;
}

static void set_result(const struct driver_rule *rule, const struct term *result,
                       struct reading *reading, struct driver_value *value)
{
    if (result->kind == TERM_TIME) {
        driver_set_time(rule, &result->time, reading, value);
        return;
    }
    driver_set_real(rule, result->number, reading, value);
}

static void calculate(struct driver_state *state, const struct driver_rule *rule, uint64_t index)
{
    struct term result;
    struct driver_value value;
    struct reading *reading = reading_sink_next(&state->sink);
    if (!reading)
        return;
    reading->kind = READING_NULL;
    value.kind = VALUE_NONE;
    if (evaluate(state, rule->calc, index, &result))
        set_result(rule, &result, reading, &value);
    driver_emit(
        state, rule,
        &(struct driver_numbers){ .storage = index, .tariff = index, .subunit = index, .i = index },
        &value);
}

void driver_calculate(struct driver_state *state)
{
    const struct driver *driver = state->driver;
    for (size_t r = driver->first_other_rule; r < driver->n_rules; r++) {
        const struct driver_rule *rule = &driver->rules[r];
        if (rule->from != FROM_CALC)
            continue;
        if (!rule->calc->per) {
            calculate(state, rule, 0);
            continue;
        }
        size_t n = state->n_known; /* what this rule adds is not for itself */
        for (size_t k = 0; k < n; k++)
            if (state->known[k].rule + 1 == rule->calc->per)
                calculate(state, rule, state->known[k].index);
    }
}
