/* SPDX-License-Identifier: MIT
 * Where messages go. A kind of output is one file and one row of the table in output.c; what it may
 * be told is rows of a table too, from which the command line and the configuration read. */
#ifndef APPS_OUTPUTS_OUTPUT_H
#define APPS_OUTPUTS_OUTPUT_H

#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "apps/common/err.h"
#include "apps/telegrams/heard.h"
#include "apps/telegrams/telegram_json.h"
#include "decode/telegram.h"

enum message_kind {
    MESSAGE_TELEGRAM, /* what was received, without readings                              */
    MESSAGE_READING,  /* the whole object                                                 */
    MESSAGE_STATS,
    MESSAGE_EVENT,
    N_MESSAGE_KINDS
};

struct message {
    enum message_kind kind;
    const char *id; /* of the meter, in lower case; NULL for stats and events                 */
    struct json_object *json;
    const struct telegram *telegram; /* NULL for stats, events and input errors               */
    const struct telegram_origin *origin; /* with telegram                                    */
    const struct heard_meter *meter; /* with a telegram whose CRCs are good                   */
    bool live;     /* perhaps received just now                                               */
    bool may_wait; /* no sample waits meanwhile: nothing shall be lost                        */
};

struct output_setting {
    const char *name;
    const char *expected; /* for messages, e.g. "a port from 1 to 65535"                  */
    bool (*check)(const char *value); /* NULL: any text that is not empty                 */
    bool secret;                      /* only in the configuration file                   */
};

enum { OUTPUT_SETTINGS_MAX = 16 };

struct output_type;

/* One output that is asked for, and what it was told. */
struct output_spec {
    const struct output_type *type;
    char *values[OUTPUT_SETTINGS_MAX]; /* by the rows of type->settings; NULL: not told   */
};

struct output_run {
    bool live; /* never wait for a reader; else nothing may be lost                       */
    const volatile sig_atomic_t *stop; /* NULL: never                                     */
};

struct output_report {
    uint64_t lost;
    struct err trouble; /* text "" = none */
    double queue_fill;  /* 0 ... 1: of the messages that may wait, how many do; 0 if none may */
};

struct output_type {
    const char *name;
    const char *argument; /* for the help: "[:FILE]"                                      */
    const char *help;
    const struct output_setting *settings; /* the first is ARG of KIND:ARG               */
    size_t n_settings;
    bool to_stdout; /* writes there when it is told nothing                              */
    /* Returns the output's state, NULL with *err. */
    void *(*open)(const struct output_spec *spec, const struct output_run *run, struct err *err);
    /* Waits until n readers are there, limit_ms at most; returns how many are. NULL: needs none. */
    unsigned (*wait)(void *state, unsigned n, int limit_ms);
    bool (*write)(void *state, const struct message *message, struct err *err);
    /* About once a second of the stream, which has come to now_us. NULL: does nothing by itself. */
    void (*tick)(void *state, int64_t now_us);
    /* Many times a second: somebody may have pressed a key. NULL: nobody can. */
    void (*attend)(void *state);
    /* What was lost until now, and what is wrong now. */
    void (*report)(void *state, struct output_report *report);
    /* The files were moved away: open them anew. NULL: has none. */
    void (*reopen)(void *state);
    /* Sends what waits, as long as that takes a short time, and frees the state. */
    bool (*close)(void *state, struct err *err);
};

/* KIND or KIND:ARG, perhaps with ,NAME=VALUE behind it. False with *err (EXIT_USAGE);
 * output_spec_wipe in any case. */
bool output_spec_parse(struct output_spec *spec, const char *text, struct err *err);
/* ARG of KIND:ARG, perhaps with ,NAME=VALUE behind it; in_file: nobody else sees it, so that
 * secrets may be among them. */
bool output_spec_set_all(struct output_spec *spec, const char *arguments, bool in_file,
                         struct err *err);
/* An output of this kind that is told nothing yet; false: there is none. */
bool output_spec_init(struct output_spec *spec, const char *kind);
/* False with the reason in *err, such as "mqtt: port: expected a port from 1 to 65535". */
bool output_spec_set(struct output_spec *spec, const char *name, const char *value,
                     struct err *err);
/* False with *err: a setting is missing that it cannot do without, the first. */
bool output_spec_check(const struct output_spec *spec, struct err *err);
/* Overwrites and frees the values. */
void output_spec_wipe(struct output_spec *spec);
/* The names of all kinds, with commas between. */
void output_kinds(char *text, size_t size);
/* A paragraph of --help, from the rows. */
void output_print_help(FILE *to);

enum { OUTPUTS_MAX = 16 };

struct outputs {
    struct {
        const struct output_type *type;
        void *state;
        struct output_report told;
    } items[OUTPUTS_MAX];
    size_t n;
};

/* False with *err; exit code EXIT_OK in it says that the reader went away and all is well. */
bool outputs_add(struct outputs *outputs, const struct output_spec *spec,
                 const struct output_run *run, struct err *err);
/* To be called once, before the first write; n may be 0.
 * Returns the smallest number of readers that an output has, n if none has readers to wait for. */
unsigned outputs_wait(const struct outputs *outputs, unsigned n, int limit_ms);
bool outputs_write(const struct outputs *outputs, const struct message *message, struct err *err);
void outputs_tick(const struct outputs *outputs, int64_t now_us);
void outputs_attend(const struct outputs *outputs);
/* Of each output what was lost, and what is wrong with it. */
struct json_object *outputs_json(const struct outputs *outputs);
/* The next output whose trouble is another than when it was told last; NULL: none. */
const char *outputs_news(struct outputs *outputs, struct output_report *report);
void outputs_reopen(const struct outputs *outputs);
/* Closes all; the first failure is told. */
bool outputs_close(struct outputs *outputs, struct err *err);

extern const struct output_type output_json;     /* objects, a line each     */
extern const struct output_type output_rtlwmbus; /* the lines of rtl_wmbus   */
extern const struct output_type output_table;    /* lines for people         */
extern const struct output_type output_meters;   /* the table of all meters  */
extern const struct output_type output_stats;    /* counters, events     */
extern const struct output_type output_mqtt;     /* an MQTT broker           */
extern const struct output_type output_zmq;      /* a ZeroMQ PUB socket      */

#endif
