/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_check.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/telegrams/telegram_json.h"
#include "apps/telegrams/telegram_text.h"

struct place {
    const struct driver_entry *entry;
    FILE *to;
    struct driver_check *check;
};

static void differs(const struct place *p, size_t line, const char *what, const char *expected,
                    const char *got)
{
    p->check->differences++;
    fprintf(p->to, "%s:%zu: %s: expected %s, got %s\n", p->entry->path, line, what, expected, got);
}

/* As it is printed, to the last digit. */
static bool same_number(const char *expected, struct json_object *got)
{
    char *end;
    const double number = strtod(expected, &end);
    return *expected && !*end && number == strtod(json_object_to_json_string(got), NULL);
}

static bool same(const struct driver_expectation *expectation, struct json_object *got)
{
    switch (json_object_get_type(got)) {
    case json_type_null:
        return expectation->is_plain && !strcmp(expectation->text, "null");
    case json_type_double:
    case json_type_int:
        return expectation->is_plain && same_number(expectation->text, got);
    case json_type_string:
    case json_type_boolean:
        return !strcmp(expectation->text, json_object_get_string(got));
    default:
        return false;
    }
}

static void compare(const struct place *p, const struct driver_test *test,
                    struct json_object *telegram)
{
    struct json_object *got;
    for (size_t i = 0; i < test->n; i++) {
        const struct driver_expectation *e = &test->expectations[i];
        p->check->readings++;
        if (!json_object_object_get_ex(telegram, e->name, &got))
            differs(p, e->line, e->name, e->text, "nothing");
        else if (!same(e, got))
            differs(p, e->line, e->name, *e->text ? e->text : "an empty text",
                    got ? json_object_to_json_string_ext(got, JSON_C_TO_STRING_NOSLASHESCAPE)
                        : "null");
    }
}

/* As the program reads it: a JSON object with telegram, key and prior. */
static struct json_object *as_input(const struct driver_test *test)
{
    struct json_object *o = json_object_new_object(), *prior = json_object_new_array();
    json_object_object_add(o, "telegram", json_object_new_string(test->telegram));
    if (test->key)
        json_object_object_add(o, "key", json_object_new_string(test->key));
    for (size_t i = 0; i < test->n_prior; i++)
        json_object_array_add(prior, json_object_new_string(test->prior[i]));
    json_object_object_add(o, "prior", prior);
    return o;
}

static struct decoder *open_decoder(const struct driver_set *set, const struct driver_entry *entry,
                                    bool by_name, const struct telegram_text *text)
{
    struct meter_config all = { .any_id = true, .n_keys = text->has_key };
    if (text->has_key)
        all.keys[0] = text->key;
    if (by_name)
        memcpy(all.driver, entry->driver->name, strlen(entry->driver->name) + 1);
    struct decoder *decoder = decoder_open(&all, 1);
    if (decoder)
        decoder_use_drivers(decoder, &set->table);
    return decoder;
}

static bool decode(const struct place *p, const struct driver_set *set,
                   const struct driver_test *test, const struct telegram_text *text)
{
    const struct telegram_origin origin = { .format_known = text->format_known };
    struct telegram telegram;
    struct decoder *decoder = open_decoder(set, p->entry, test->by_name, text);
    if (!decoder)
        return false;
    for (size_t i = 0; i < text->n_prior; i++)
        decoder_decode(decoder, &text->prior[i], 0, &telegram);
    decoder_decode(decoder, &text->frame, 0, &telegram);
    if (telegram.driver != p->entry->driver)
        differs(p, test->line, "driver", p->entry->driver->name, telegram.kind);
    struct json_object *o = telegram_json(&telegram, &origin, true);
    compare(p, test, o);
    json_object_put(o);
    decoder_close(decoder);
    return true;
}

static bool run_test(const struct place *p, const struct driver_set *set,
                     const struct driver_test *test)
{
    struct telegram_text text;
    struct json_object *input = as_input(test);
    const char *line = json_object_to_json_string(input);
    const char *problem = telegram_text_parse(line, strlen(line), &text);
    bool ok = true;
    p->check->telegrams++;
    if (problem)
        differs(p, test->line, "telegram", "a telegram", problem);
    else
        ok = decode(p, set, test, &text);
    telegram_text_deinit(&text);
    json_object_put(input);
    return ok;
}

bool driver_check_run(const struct driver_set *set, const struct driver_entry *entry,
                      struct driver_check *check, FILE *to, struct err *err)
{
    const struct place p = { entry, to, check };
    if (!entry->n_tests)
        differs(&p, 1, "tests", "at least one telegram", "none");
    for (size_t i = 0; i < entry->n_tests; i++)
        if (!run_test(&p, set, &entry->tests[i]))
            return err_set(err, EXIT_INTERNAL, "out of memory");
    return true;
}
