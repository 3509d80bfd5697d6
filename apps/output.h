/* SPDX-License-Identifier: MIT
 * Where messages go. A kind of output is one file and one row of the table in output.c. */
#ifndef APPS_OUTPUT_H
#define APPS_OUTPUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/err.h"

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
};

struct output_config {
    const char *address;
    bool live; /* never wait for a reader; else nothing may be lost                           */
};

struct output_type {
    const char *name;
    /* Returns the output's state, NULL with *err. */
    void *(*open)(const struct output_config *config, struct err *err);
    /* Waits until n readers are there, limit_ms at most; returns how many are. NULL: needs none. */
    unsigned (*wait)(void *state, unsigned n, int limit_ms);
    bool (*write)(void *state, const struct message *message, struct err *err);
    /* Sends what waits, as long as that takes a short time, and frees the state. */
    bool (*close)(void *state, struct err *err);
};

enum { OUTPUTS_MAX = 4 };

struct outputs {
    struct {
        const struct output_type *type;
        void *state;
    } items[OUTPUTS_MAX];
    size_t n;
};

/* False with *err; exit code EXIT_OK in it says that the reader went away and all is well. */
bool outputs_add(struct outputs *outputs, const char *type, const struct output_config *config,
                 struct err *err);
/* To be called once, before the first write; n may be 0.
 * Returns the smallest number of readers that an output has, n if none has readers to wait for. */
unsigned outputs_wait(const struct outputs *outputs, unsigned n, int limit_ms);
bool outputs_write(const struct outputs *outputs, const struct message *message, struct err *err);
/* Closes all; the first failure is told. */
bool outputs_close(struct outputs *outputs, struct err *err);

extern const struct output_type output_json; /* lines on standard output */
extern const struct output_type output_zmq;  /* a ZeroMQ PUB socket */

#endif
