/* SPDX-License-Identifier: MIT */
#include "apps/common/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"

// clang-format off
static const struct { int code; const char *meaning; } exit_codes[] = {
    { EXIT_OK,       "ok; also when the reader of standard output went away, or a pipe was empty" },
    { EXIT_INTERNAL, "internal error" },
    { EXIT_USAGE,    "usage: an option or a value that is not understood" },
    { EXIT_CONFIG,   "configuration file, or another that is read at the start, such as a driver" },
    { EXIT_DEVICE,   "device" },
    { EXIT_OUTPUT,   "output: port in use, disk full" },
    { EXIT_UNWELL,   "wmbus-rx doctor: something is wrong" },
    { EXIT_FILE,     "input file: missing, a directory, no permission, empty, unknown format or band" },
};
// clang-format on

static const unsigned of_all_programs =
    EXIT_SET(EXIT_OK) | EXIT_SET(EXIT_INTERNAL) | EXIT_SET(EXIT_USAGE) | EXIT_SET(EXIT_OUTPUT);

enum { OPTION_NAME_SIZE = 48 };

/* What the parser carries along. */
struct parse {
    const struct program *program;
    char **argv;
    int argc, at;
    char *values;
    struct err *err;
};

bool text_list_add(struct text_list *list, const char *item, struct err *err)
{
    const char **items = realloc(list->items, (list->n + 1) * sizeof *items);
    if (!items)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    list->items = items;
    list->items[list->n++] = item;
    return true;
}

/* For messages: --output, or -o where there is no more than a letter. */
static const char *name_of(const struct option *o, char text[OPTION_NAME_SIZE])
{
    snprintf(text, OPTION_NAME_SIZE, o->name ? "--%s" : "-%.1s", o->name ? o->name : &o->letter);
    return text;
}

/* A value that cannot be. */
static bool refuse(const struct option *o, const char *expected, const char *text, struct parse *p)
{
    char name[OPTION_NAME_SIZE];
    return err_set(p->err, EXIT_USAGE, "option %s: expected %s, not %.60s", name_of(o, name),
                   expected, text);
}

static bool set_number(const struct option *o, const char *text, struct parse *p)
{
    double number;
    if (!number_parse(text, strlen(text), &number))
        return refuse(o, "a number such as 20, 1600k, 868.95M or 1.6e6", text, p);
    *(double *)(void *)(p->values + o->offset) = number;
    return true;
}

static bool set_count(const struct option *o, const char *text, struct parse *p)
{
    const int least = o->kind == OPTION_SOME, most = INT32_MAX;
    char expected[64];
    double number;
    snprintf(expected, sizeof expected, "a whole number from %d to %d", least, most);
    if (!number_parse(text, strlen(text), &number) || number < least || number > most ||
        number != (double)(unsigned)number)
        return refuse(o, expected, text, p);
    *(unsigned *)(void *)(p->values + o->offset) = (unsigned)number;
    return true;
}

static bool set(const struct option *o, const char *text, struct parse *p)
{
    void *variable = p->values + o->offset;
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)variable = true;
        return true;
    case OPTION_TEXT:
        *(const char **)variable = text;
        return true;
    case OPTION_NUMBER:
        return set_number(o, text, p);
    case OPTION_COUNT:
    case OPTION_SOME:
        return set_count(o, text, p);
    case OPTION_LIST:
        return text_list_add(variable, text, p->err);
    }
    return false;
}

static const struct option *find(const struct program *program, const char *name, size_t n,
                                 char letter)
{
    for (size_t i = 0; i < program->n_options; i++) {
        const struct option *o = &program->options[i];
        if (letter ? o->letter == letter
                   : o->name && strlen(o->name) == n && !memcmp(o->name, name, n))
            return o;
    }
    return NULL;
}

/* value: what stands in the same word, or NULL. */
static bool take(const struct option *o, const char *value, struct parse *p)
{
    char name[OPTION_NAME_SIZE];
    if (o->kind == OPTION_FLAG && value)
        return err_set(p->err, EXIT_USAGE, "option %s takes no value", name_of(o, name));
    if (o->kind != OPTION_FLAG && !value) {
        if (p->at + 1 >= p->argc)
            return err_set(p->err, EXIT_USAGE, "option %s needs a value: %s", name_of(o, name),
                           o->argument);
        value = p->argv[++p->at];
    }
    if (value && !*value)
        return err_set(p->err, EXIT_USAGE,
                       "option %s: its value, %s, is empty; was a variable of the shell not set?",
                       name_of(o, name), o->argument);
    return set(o, value, p);
}

static bool unknown(const char *word, struct parse *p)
{
    return err_set(p->err, EXIT_USAGE, "unknown option %.60s; %s %s lists all", word,
                   p->program->name, p->program->options[0].name ? "--help" : "-h");
}

static bool take_long(const char *word, struct parse *p)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *o = find(p->program, name, n, 0);
    return o ? take(o, equals ? equals + 1 : NULL, p) : unknown(word, p);
}

static bool take_short(const char *word, struct parse *p)
{
    const struct option *o = find(p->program, NULL, 0, word[1]);
    return o ? take(o, word[2] ? word + 2 : NULL, p) : unknown(word, p);
}

bool options_parse(const struct program *program, int argc, char **argv, void *values,
                   struct err *err)
{
    struct parse p = { program, argv, argc, 0, values, err };
    bool only_operands = false;
    for (p.at = 1; p.at < argc; p.at++) {
        const char *word = argv[p.at];
        bool ok;
        if (only_operands || word[0] != '-' || !word[1])
            ok = text_list_add((void *)(p.values + program->operands), word, err);
        else if (!strcmp(word, "--"))
            ok = only_operands = true;
        else
            ok = word[1] == '-' ? take_long(word, &p) : take_short(word, &p);
        if (!ok)
            return false;
    }
    return true;
}

static void free_list(void *values, size_t offset)
{
    struct text_list *list = (void *)((char *)values + offset);
    free(list->items);
    *list = (struct text_list){ 0 };
}

void options_free(const struct program *program, void *values)
{
    free_list(values, program->operands);
    for (size_t i = 0; i < program->n_options; i++)
        if (program->options[i].kind == OPTION_LIST)
            free_list(values, program->options[i].offset);
}

void options_print_row(const char *left, const char *help, FILE *to)
{
    enum { COLUMN = 26, GAP = 2 }; /* help2man takes less for a blank in a text */
    if (strlen(left) > COLUMN - GAP)
        fprintf(to, "%s\n%*s", left, COLUMN, "");
    else
        fprintf(to, "%-*s", COLUMN, left);
    for (const char *c = help; *c; c++) {
        fputc(*c, to);
        if (*c == '\n')
            fprintf(to, "%*s", COLUMN, "");
    }
    fputc('\n', to);
}

static void print_option(const struct option *o, FILE *to)
{
    char left[64];
    if (!o->name) {
        fprintf(to, "  -%c%s%s %s\n", o->letter, o->argument ? " " : "",
                o->argument ? o->argument : "", o->help);
        return;
    }
    snprintf(left, sizeof left, "  %c%c%s--%s%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, o->argument ? " " : "",
             o->argument ? o->argument : "");
    options_print_row(left, o->help, to);
}

void options_print_help(const struct program *program, FILE *to)
{
    fprintf(to, "Usage: %s %s\n\n%s\n\nOptions:\n", program->name, program->usage,
            program->description);
    for (size_t i = 0; i < program->n_options; i++)
        if (program->options[i].help)
            print_option(&program->options[i], to);
    if (program->more_help)
        program->more_help(to);
    fprintf(to, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
        if ((of_all_programs | program->exit_codes) & EXIT_SET(exit_codes[i].code))
            fprintf(to, "  %2d  %s\n", exit_codes[i].code, exit_codes[i].meaning);
}

bool options_tell(const struct program *program, bool help, struct err *err)
{
    if (help)
        options_print_help(program, stdout);
    else
        printf("%s %s\n", program->name, WMBUS_VERSION);
    return (fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err);
}
