/* SPDX-License-Identifier: MIT
 * All meters heard, the strongest first: live on a terminal, or once, at the end, an object a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/outputs/meters_screen.h"
#include "apps/outputs/output.h"
#include "apps/telegrams/heard_json.h"
#include "base/array_len.h"

struct meters_state {
    struct heard heard; /* copies: the others are the publisher's */
    int64_t now_us;
    struct meters_screen *screen; /* NULL: no terminal */
};

static void draw(const struct meters_state *s)
{
    if (s->screen)
        meters_screen_draw(s->screen, &s->heard, s->now_us);
}

static void *open_meters(const struct output_spec *spec, const struct output_run *run,
                         struct err *err)
{
    struct meters_state *s = calloc(1, sizeof *s);
    (void)spec;
    (void)run;
    if (!s || !heard_init(&s->heard)) {
        free(s);
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    s->screen = meters_screen_open();
    draw(s);
    return s;
}

static struct heard_meter *place_of(struct heard *heard, const struct heard_meter *meter)
{
    for (size_t i = 0; i < heard->n; i++)
        if (!memcmp(&heard->meters[i].address, &meter->address, sizeof meter->address))
            return &heard->meters[i];
    return heard->n < HEARD_MAX ? &heard->meters[heard->n++] : NULL;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);
    return value ? json_object_get_string(value) : NULL;
}

/* Of an event, in a few words. */
static void note(const struct meters_state *s, struct json_object *event)
{
    static const char *const keys[] = { "text", "trouble", "source" };
    struct json_object *meter = json_object_object_get(event, "meter");
    const char *what = meter ? text_of(meter, "id") : NULL;
    char text[300];
    for (size_t k = 0; k < ARRAY_LEN(keys) && !what; k++)
        what = text_of(event, keys[k]);
    snprintf(text, sizeof text, "%s: %s", text_of(event, "event"), what ? what : "");
    meters_screen_note(s->screen, text);
}

static bool write_meters(void *state, const struct message *message, struct err *err)
{
    struct meters_state *s = state;
    (void)err;
    if (message->kind == MESSAGE_EVENT && s->screen)
        note(s, message->json);
    if (message->kind != MESSAGE_READING || !message->meter)
        return true;
    struct heard_meter *place = place_of(&s->heard, message->meter);
    if (place)
        *place = *message->meter;
    s->now_us = message->meter->last_us;
    draw(s);
    return true;
}

static void attend_meters(void *state)
{
    struct meters_state *s = state;
    if (s->screen && meters_screen_obey(s->screen, s->heard.n))
        draw(s);
}

/* Time goes by, also when no meter sends. */
static void tick_meters(void *state, int64_t now_us)
{
    struct meters_state *s = state;
    if (!s->screen)
        return;
    s->now_us = now_us;
    draw(s);
}

static void report_meters(void *state, struct output_report *report)
{
    (void)state;
    report->lost = 0;
}

static bool print_once(const struct meters_state *s, struct err *err)
{
    struct json_object *list = heard_json(&s->heard, s->now_us);
    for (size_t i = 0; i < json_object_array_length(list); i++)
        printf("%s\n", telegram_json_text(json_object_array_get_idx(list, i)));
    json_object_put(list);
    return (fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err);
}

static bool close_meters(void *state, struct err *err)
{
    struct meters_state *s = state;
    bool ok = true;
    if (s->screen)
        meters_screen_close(s->screen);
    else
        ok = print_once(s, err);
    heard_deinit(&s->heard);
    free(s);
    return ok;
}

const struct output_type output_meters = {
    .name = "meters",
    .argument = "",
    .help = "all meters heard, the strongest first: live on a terminal\n"
            "(arrows scroll, q ends), else at the end an object a line",
    .to_stdout = true,
    .open = open_meters,
    .write = write_meters,
    .tick = tick_meters,
    .attend = attend_meters,
    .report = report_meters,
    .close = close_meters,
};
