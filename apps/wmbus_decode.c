/* SPDX-License-Identifier: MIT
 * wmbus-decode: telegrams as text in, a JSON object with the readings a line out. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/kept_file.h"
#include "apps/common/options.h"
#include "apps/common/same_file.h"
#include "apps/common/standard_streams.h"
#include "apps/common/wipe.h"
#include "apps/config/config.h"
#include "apps/drivers/decoders.h"
#include "apps/drivers/driver_check.h"
#include "apps/drivers/driver_file.h"
#include "apps/drivers/driver_propose.h"
#include "apps/outputs/output.h"
#include "apps/telegrams/analysis_text.h"
#include "apps/telegrams/key_text.h"
#include "apps/telegrams/telegram_json.h"
#include "apps/telegrams/telegram_text.h"

struct settings {
    const char *config, *key, *driver, *drivers, *check_driver, *formats;
    bool analyze, propose, obis, records, help, version;
    struct text_list telegrams;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'c', "config",  "FILE", OPTION_TEXT, FIELD(config),  "YAML file with names and keys of meters, and drivers" },
    { 'k', "key",     "HEX",  OPTION_TEXT, FIELD(key),     "a key for all meters, 32 hex digits; others can see it in the\n"
                                                           "list of processes" },
    { 'd', "driver",  "NAME", OPTION_TEXT, FIELD(driver),  "take all meters for this kind; none: systematic names" },
    {  0,  "drivers", "DIR",  OPTION_TEXT, FIELD(drivers), "more drivers: its files NAME.yaml come before the built-in ones" },
    {  0,  "check-driver", "FILE", OPTION_TEXT, FIELD(check_driver),
                                                           "decode the test telegrams of a driver, say what differs, and end" },
    {  0,  "analyze", NULL,   OPTION_FLAG, FIELD(analyze), "instead of JSON: each byte of the telegrams and what it means" },
    {  0,  "propose-driver", NULL, OPTION_FLAG, FIELD(propose),
                                                           "instead of JSON: a driver file to start from, in which the\n"
                                                           "telegram is the test, in clear" },
    {  0,  "formats", "FILE", OPTION_TEXT, FIELD(formats), "formats of compact frames: known ones are read from it, those\n"
                                                           "learnt from full frames are added to it" },
    {  0,  "records", NULL,   OPTION_FLAG, FIELD(records), "every record as it was sent, in the list records" },
    {  0,  "obis",    NULL,   OPTION_FLAG, FIELD(obis),    "OBIS codes of the readings, in the object codes" },
    { 'h', "help",    NULL,   OPTION_FLAG, FIELD(help),    "this text" },
    {  0,  "version", NULL,   OPTION_FLAG, FIELD(version), "the version" },
};
// clang-format on

static const struct program program = {
    .name = "wmbus-decode",
    .usage = "[OPTION]... [TELEGRAM]...",
    .description =
        "Decodes telegrams of wireless and wired M-Bus and prints a JSON object a line for each.\n"
        "Telegrams are arguments, or lines on standard input if there is none, or -: hex, of "
        "wireless\n"
        "ones with or without the CRCs of the data link layer; a line of rtl_wmbus; or a JSON\n"
        "object with telegram and perhaps key, n (echoed), driver (the kind of meter), prior (a\n"
        "list of telegrams received before), predecrypted (true: in clear, whatever it "
        "announces).\n"
        "What cannot be understood gives an object with input_error.",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .operands = FIELD(telegrams),
    .exit_codes = EXIT_SET(EXIT_CONFIG) | EXIT_SET(EXIT_FILE),
};

struct translator {
    const char *driver; /* of all meters; "" = by the address */
    bool records, analyze, propose;
    struct driver_set drivers;
    struct decoders decoders;
    struct format_list formats;
    struct outputs outputs;
};

static void decode(struct decoder *decoder, const struct telegram_text *text,
                   struct telegram *telegram)
{
    for (size_t i = 0; i < text->n_prior; i++)
        decoder_decode(decoder, &text->prior[i], 0, telegram);
    decoder_decode(decoder, &text->frame, 0, telegram);
}

static struct json_object *input_error(const char *problem)
{
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "v", json_object_new_int(1));
    json_object_object_add(o, "input_error", json_object_new_string(problem));
    return o;
}

/* Puts the object back. */
static bool write_object(struct translator *t, struct json_object *object, struct err *err)
{
    struct message message = { .kind = MESSAGE_READING, .json = object };
    bool ok = outputs_write(&t->outputs, &message, err);
    json_object_put(object);
    return ok;
}

static bool write_telegram(struct translator *t, const struct telegram_text *text,
                           struct decoder *decoder, const struct telegram *telegram,
                           struct err *err)
{
    const struct telegram_origin origin = { .format_known = text->format_known,
                                            .records = t->records,
                                            .decoder = decoder };
    if (t->analyze) {
        analysis_text(telegram, stdout, analysis_wants_colour(stdout));
        return (fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err);
    }
    if (t->propose)
        return driver_propose(telegram, stdout, err) &&
               ((fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err));
    struct json_object *object = telegram_json(telegram, &origin, true);
    if (text->n)
        json_object_object_add(object, "n", json_object_get(text->n));
    return write_object(t, object, err);
}

static bool write_problem(struct translator *t, const struct telegram_text *text,
                          const char *problem, struct err *err)
{
    struct json_object *object = input_error(problem);
    if (text->n)
        json_object_object_add(object, "n", json_object_get(text->n));
    return write_object(t, object, err);
}

static bool translate(struct translator *t, const char *line, size_t n, struct err *err)
{
    struct telegram_text text;
    struct telegram telegram;
    bool ok = false;
    const char *problem = telegram_text_parse(line, n, &text);
    struct decoder *decoder = problem ? NULL
                                      : decoders_for(&t->decoders, text.has_key ? &text.key : NULL,
                                                     text.driver[0] ? text.driver : t->driver);
    if (problem) {
        ok = write_problem(t, &text, problem, err);
    } else if (!decoder) {
        ok = err_set(err, EXIT_INTERNAL, "out of memory");
    } else {
        decode(decoder, &text, &telegram);
        ok = write_telegram(t, &text, decoder, &telegram, err);
    }
    telegram_text_deinit(&text);
    return ok;
}

/* The next line, without its end, into line[TELEGRAM_TEXT_MAX_LINE]; of a longer one that many
 * bytes, which is a length that no telegram has. False at the end of the input, and, with
 * ferror(from) and errno, if it cannot be read. */
static bool read_line(FILE *from, char *line, size_t *n)
{
    int c;
    flockfile(from);
    for (*n = 0; (c = getc_unlocked(from)) != EOF && c != '\n';)
        if (*n < TELEGRAM_TEXT_MAX_LINE)
            line[(*n)++] = (char)c;
    funlockfile(from);
    return c != EOF || (*n > 0 && !ferror(from));
}

static bool is_blank(const char *line, size_t n)
{
    while (n > 0 && line[n - 1] && strchr(" \t\r", line[n - 1]))
        n--;
    return n == 0;
}

static bool translate_stdin(struct translator *t, struct err *err)
{
    static char line[TELEGRAM_TEXT_MAX_LINE];
    bool ok = true;
    if (same_file("-", STDIN_FILENO, "-", STDOUT_FILENO))
        return err_set(err, EXIT_USAGE, "standard input is the file that standard output goes to");
    standard_streams_tell_wait(program.name, "telegrams, a line each, in hex or as rtl_wmbus or "
                                             "wmbus-rx print them; Ctrl-D ends");
    for (size_t n; ok && read_line(stdin, line, &n);)
        ok = is_blank(line, n) || translate(t, line, n, err);
    int why = errno;
    wipe(line, sizeof line); /* may hold keys */
    if (ok && ferror(stdin))
        return err_set(err, EXIT_FILE, "cannot read standard input: %s", strerror(why));
    return ok;
}

/* Who names a file means its lines. */
static bool is_file(const char *text)
{
    struct telegram_text parsed;
    const bool is_telegram = telegram_text_parse(text, strlen(text), &parsed) == NULL;
    telegram_text_deinit(&parsed);
    return !is_telegram && *text && access(text, F_OK) == 0;
}

static bool translate_argument(struct translator *t, const char *text, struct err *err)
{
    if (strcmp(text, "-") == 0)
        return translate_stdin(t, err);
    if (is_file(text))
        return err_set(err, EXIT_USAGE,
                       "%.200s is a file, and no telegram; its lines are read with: wmbus-decode "
                       "<%.200s",
                       text, text);
    return translate(t, text, strlen(text), err);
}

static bool translate_all(const struct settings *s, struct translator *t, struct err *err)
{
    if (s->telegrams.n == 0)
        return translate_stdin(t, err);
    bool ok = true;
    for (size_t i = 0; ok && i < s->telegrams.n; i++)
        ok = translate_argument(t, s->telegrams.items[i], err);
    return ok;
}

static bool check_name(const char *name, const struct driver_table *drivers, struct err *err)
{
    struct meter_config meter = { .n_keys = 0 };
    if (strlen(name) >= sizeof meter.driver)
        return err_set(err, EXIT_USAGE, "option --driver: expected the name of a kind of meter");
    memcpy(meter.driver, name, strlen(name) + 1);
    if (decoders_check_drivers(&meter, 1, drivers, "option --driver", err))
        return true;
    err->exit_code = EXIT_USAGE; /* not of a configuration */
    return false;
}

static bool load_config(const struct settings *s, struct config *config, struct err *err)
{
    if (s->config && !config_load(s->config, config, err))
        return false;
    if (config->keys_exposed)
        fprintf(stderr, "wmbus-decode: warning: %s holds keys and others can read it (chmod 600)\n",
                s->config);
    return true;
}

static bool open_drivers(const char *folder, struct driver_set *set, struct err *err)
{
    driver_set_init(set, shared_rules_builtin);
    return !folder || (driver_set_load_dir(set, folder, err) && driver_set_finish(set, err));
}

static bool open_decoders(const struct settings *s, const struct config *config,
                          const struct driver_table *drivers, struct decoders *decoders,
                          struct err *err)
{
    struct meter_key key = { .n = 0 };
    if (s->key && !key_text_parse(s->key, &key))
        return err_set(err, EXIT_USAGE, "option --key: expected 32 hex digits (AES) or 16 (DES)");
    bool ok = decoders_check_drivers(config->meters, config->n_meters, drivers, s->config, err);
    if (ok &&
        !decoders_init(decoders, config->meters, config->n_meters, s->key ? &key : NULL, drivers))
        ok = err_set(err, EXIT_INTERNAL, "out of memory");
    wipe(&key, sizeof key);
    return ok;
}

/* Meters with their keys, and drivers, of which the file may name more. */
static bool open_translator(const struct settings *s, struct translator *t, struct err *err)
{
    struct config config = { .n_meters = 0 };
    bool ok = load_config(s, &config, err);
    const char *folder = s->drivers ? s->drivers : config.general.drivers;
    const struct driver_table *own = folder ? &t->drivers.table : NULL;
    ok = ok && open_drivers(folder, &t->drivers, err) && check_name(t->driver, own, err) &&
         open_decoders(s, &config, own, &t->decoders, err);
    config_wipe(&config);
    return ok;
}

/* Its own drivers too, if they are named. */
static bool check_driver(const struct settings *s, struct err *err)
{
    struct driver_check check = { 0 };
    struct driver_set set;
    driver_set_init(&set, shared_rules_builtin);
    bool ok = driver_set_load(&set, s->check_driver, err) && driver_set_finish(&set, err) &&
              driver_check_run(&set, &set.entries[0], &check, stdout, err);
    if (ok)
        printf("%s: %zu telegram%s, %zu reading%s, %zu differ\n", s->check_driver, check.telegrams,
               check.telegrams == 1 ? "" : "s", check.readings, check.readings == 1 ? "" : "s",
               check.differences);
    driver_set_free(&set);
    if (ok && fflush(stdout) != 0)
        return err_of_stdout(err);
    return ok && (!check.differences ||
                  err_set(err, EXIT_CONFIG, "%.300s does not pass its tests", s->check_driver));
}

static bool open_formats(const struct settings *s, struct translator *t, struct err *err)
{
    t->decoders.with_obis = s->obis;
    t->decoders.formats = s->formats ? &t->formats : NULL;
    return !s->formats ||
           (format_file_load(s->formats, &t->formats, err) && kept_file_check(s->formats, err));
}

static bool save_formats(const struct settings *s, struct translator *t, struct err *err)
{
    decoders_gather(&t->decoders);
    return !s->formats || !t->formats.changed || format_file_save(s->formats, &t->formats, err);
}

/* What was learnt is kept, even if nobody reads any more. */
static bool translate_and_learn(const struct settings *s, struct translator *t, struct err *err)
{
    struct err ignored;
    const bool ok = translate_all(s, t, err);
    return save_formats(s, t, ok ? err : &ignored) && ok;
}

static bool run(const struct settings *s, struct err *err)
{
    static const struct output_spec to_stdout = { .type = &output_json };
    static const struct output_run run_as = { .live = false };
    struct translator t = { .driver = s->propose  ? DRIVER_NONE
                                      : s->driver ? s->driver
                                                  : "",
                            .records = s->records,
                            .analyze = s->analyze,
                            .propose = s->propose };
    struct err closing;
    bool ok = open_translator(s, &t, err) && open_formats(s, &t, err) &&
              outputs_add(&t.outputs, &to_stdout, &run_as, err) && translate_and_learn(s, &t, err);
    if (!outputs_close(&t.outputs, &closing) && ok) {
        *err = closing;
        ok = false;
    }
    decoders_deinit(&t.decoders);
    driver_set_free(&t.drivers);
    return ok;
}

/* What would be left undone without a word. */
static bool check(const struct settings *s, struct err *err)
{
    if ((s->check_driver != NULL) + s->analyze + s->propose > 1)
        return err_set(err, EXIT_USAGE,
                       "--check-driver, --analyze and --propose-driver are done one at a time");
    return !s->check_driver || s->telegrams.n == 0 ||
           err_set(err, EXIT_USAGE, "--check-driver takes the telegrams in its file, no others");
}

int main(int argc, char **argv)
{
    struct settings settings = { .config = NULL };
    struct err err = { .exit_code = EXIT_OK };
    signal(SIGPIPE, SIG_IGN); /* writing says EPIPE instead */
    bool ok =
        standard_streams_take_places(&err) && options_parse(&program, argc, argv, &settings, &err);
    if (ok && (settings.help || settings.version))
        ok = options_tell(&program, settings.help, &err);
    else if (ok && !check(&settings, &err))
        ok = false;
    else if (ok && settings.check_driver)
        ok = check_driver(&settings, &err);
    else if (ok)
        ok = run(&settings, &err);
    if (!ok && err.exit_code != EXIT_OK)
        fprintf(stderr, "wmbus-decode: %s\n", err.text);
    options_free(&program, &settings);
    return ok ? EXIT_OK : err.exit_code;
}
