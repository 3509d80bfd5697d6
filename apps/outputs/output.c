/* SPDX-License-Identifier: MIT */
#include "apps/outputs/output.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "apps/common/thread.h"
#include "base/array_len.h"

static const struct output_type *const types[] = {
    &output_json,  &output_rtlwmbus, &output_table, &output_meters,
    &output_stats, &output_mqtt,     &output_zmq,
};

bool output_spec_init(struct output_spec *spec, const char *kind)
{
    *spec = (struct output_spec){ .type = NULL };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (!strcmp(types[i]->name, kind))
            spec->type = types[i];
    return spec->type != NULL;
}

void output_kinds(char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(types) && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", types[i]->name);
}

void output_print_help(FILE *to)
{
    char left[64];
    fprintf(to, "\nOutputs:\n");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        snprintf(left, sizeof left, "  %s%s", types[i]->name, types[i]->argument);
        options_print_row(left, types[i]->help, to);
    }
}

bool outputs_add(struct outputs *outputs, const struct output_spec *spec,
                 const struct output_run *run, struct err *err)
{
    if (outputs->n >= OUTPUTS_MAX)
        return err_set(err, EXIT_USAGE, "expected at most %d outputs", OUTPUTS_MAX);
    void *state = spec->type->open(spec, run, err);
    if (!state)
        return false;
    outputs->items[outputs->n].type = spec->type;
    outputs->items[outputs->n++].state = state;
    return true;
}

unsigned outputs_wait(const struct outputs *outputs, unsigned n, int limit_ms)
{
    unsigned fewest = n;
    for (size_t i = 0; i < outputs->n; i++) {
        const struct output_type *type = outputs->items[i].type;
        unsigned there = type->wait ? type->wait(outputs->items[i].state, n, limit_ms) : n;
        if (there < fewest)
            fewest = there;
    }
    return fewest;
}

bool outputs_write(const struct outputs *outputs, const struct message *message, struct err *err)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (!outputs->items[i].type->write(outputs->items[i].state, message, err))
            return false;
    return true;
}

void outputs_tick(const struct outputs *outputs, int64_t now_us)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->items[i].type->tick)
            outputs->items[i].type->tick(outputs->items[i].state, now_us);
}

void outputs_attend(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->items[i].type->attend)
            outputs->items[i].type->attend(outputs->items[i].state);
}

static struct output_report report_of(const struct outputs *outputs, size_t i)
{
    struct output_report report = { .lost = 0 };
    outputs->items[i].type->report(outputs->items[i].state, &report);
    return report;
}

struct json_object *outputs_json(const struct outputs *outputs)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < outputs->n; i++) {
        struct output_report report = report_of(outputs, i);
        struct json_object *o = json_object_new_object();
        json_object_object_add(o, "output", json_object_new_string(outputs->items[i].type->name));
        json_object_object_add(o, "lost", json_object_new_uint64(report.lost));
        json_add_rounded(o, "queue_fill", report.queue_fill, 2);
        if (report.trouble.text[0])
            json_object_object_add(o, "trouble", json_from_bytes(report.trouble.text));
        json_object_array_add(list, o);
    }
    return list;
}

/* The first loss is news, and then each that is ten times as much. */
static bool is_news(const struct output_report *now, const struct output_report *told)
{
    return strcmp(now->trouble.text, told->trouble.text) != 0 ||
           now->lost > (told->lost ? told->lost * 10 : 0);
}

const char *outputs_news(struct outputs *outputs, struct output_report *report)
{
    for (size_t i = 0; i < outputs->n; i++) {
        *report = report_of(outputs, i);
        if (!is_news(report, &outputs->items[i].told))
            continue;
        outputs->items[i].told = *report;
        return outputs->items[i].type->name;
    }
    return NULL;
}

void outputs_reopen(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->items[i].type->reopen)
            outputs->items[i].type->reopen(outputs->items[i].state);
}

/* One that is to be closed. */
struct closing {
    const struct output_type *type;
    void *state;
    bool ok;
    struct err err;
};

static void *close_one(void *user)
{
    struct closing *c = user;
    c->ok = c->type->close(c->state, &c->err);
    return NULL;
}

/* At the same time, so that one that hangs takes no time from the others. */
bool outputs_close(struct outputs *outputs, struct err *err)
{
    struct closing all[OUTPUTS_MAX];
    pthread_t threads[OUTPUTS_MAX];
    bool started[OUTPUTS_MAX] = { false }, ok = true;
    for (size_t i = 0; i < outputs->n; i++) {
        all[i] = (struct closing){
            outputs->items[i].type, outputs->items[i].state, true, { .exit_code = 0 }
        };
        started[i] = i + 1 < outputs->n && thread_start(&threads[i], close_one, &all[i]);
        if (!started[i])
            close_one(&all[i]);
    }
    for (size_t i = 0; i < outputs->n; i++) {
        if (started[i])
            pthread_join(threads[i], NULL);
        if (ok && !all[i].ok)
            *err = all[i].err;
        ok &= all[i].ok;
    }
    outputs->n = 0;
    return ok;
}
