/* SPDX-License-Identifier: MIT
 * wmbus-watch: a subscriber of wmbus-rx's ZeroMQ socket that prints readings for people. Also an
 * example of how to write one. */
#include <json-c/json.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "apps/common/columns.h"
#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "apps/common/standard_streams.h"
#include "apps/common/utf8.h"
#include "apps/outputs/zmq_address.h"
#include "base/array_len.h"

enum { WIDTH = 100, INDENT = 11 };
enum { VALUE_WIDTH = 32 }; /* longer ones, such as manufacturers' data, are cut */
enum { TEXT_SIZE = 4 * WIDTH + sizeof "..." };

struct settings {
    double idle_s;
    unsigned readings;
    bool help, version;
    struct text_list addresses;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    {  0,  "idle",     "S", OPTION_NUMBER, FIELD(idle_s),   "end when nothing came for so long after a message" },
    { 'n', "readings", "N", OPTION_COUNT,  FIELD(readings), "print so many readings of a telegram; default: 8" },
    { 'h', "help",     NULL, OPTION_FLAG,  FIELD(help),     "this text" },
    {  0,  "version",  NULL, OPTION_FLAG,  FIELD(version),  "the version" },
};
// clang-format on

static const struct program program = {
    .name = "wmbus-watch",
    .usage = "[OPTION]... [ADDRESS]",
    .description = "Prints the readings that wmbus-rx --zmq publishes at ADDRESS, by default\n"
                   "tcp://127.0.0.1:5555.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(addresses),
};

static const char *text_of(struct json_object *object, const char *key, const char *otherwise)
{
    struct json_object *value;
    return json_object_object_get_ex(object, key, &value) && value ? json_object_get_string(value)
                                                                   : otherwise;
}

/* Of a text of whoever publishes there what a line shows; returns how many characters. */
static int put_text(char shown[TEXT_SIZE], const char *text, int most)
{
    int n;
    const size_t bytes = utf8_first(text, most, &n);
    snprintf(shown, TEXT_SIZE, "%.*s%s", (int)bytes, text, text[bytes] ? "..." : "");
    utf8_make_harmless(shown);
    return columns_width(shown);
}

static void print_head(struct json_object *telegram)
{
    static const struct {
        const char *before, *key, *otherwise;
    } fields[] = {
        { "", "name", "(unknown)" }, { ": ", "media", "" },     { ", ", "manufacturer", "" },
        { " ", "id", "" },           { ", mode ", "mode", "" }, { ", ", "snr_db", "?" },
    };
    char shown[TEXT_SIZE];
    printf("%8.3f s  ", strtod(text_of(telegram, "time_s", "0"), NULL));
    for (size_t k = 0; k < ARRAY_LEN(fields); k++) {
        put_text(shown, text_of(telegram, fields[k].key, fields[k].otherwise), WIDTH);
        printf("%s%s", fields[k].before, shown);
    }
    printf(" dB\n");
}

/* Appends to the line, or begins a new one. A value that says nothing is a stroke. */
static void print_item(const char *key, const char *value, int *column)
{
    char name[TEXT_SIZE], text[TEXT_SIZE];
    const int n =
        put_text(name, key, WIDTH) + 1 + put_text(text, *value ? value : "-", VALUE_WIDTH);
    if (*column > INDENT && *column + 2 + n > WIDTH) {
        printf(",\n%*s", INDENT, "");
        *column = INDENT;
    } else if (*column > INDENT) {
        *column += printf(", ");
    }
    printf("%s %s", name, text);
    *column += n;
}

/* Why there is nothing to read. */
static void print_reason(struct json_object *telegram)
{
    char reason[TEXT_SIZE];
    put_text(reason, text_of(telegram, "reason", ""), WIDTH);
    printf("encrypted: %s", reason);
}

/* The readings stand behind "payload"; "seq" is the socket's. */
static void print_readings(struct json_object *telegram, unsigned most)
{
    bool behind_payload = false;
    unsigned n = 0;
    int column = printf("%*s", INDENT, "");
    json_object_object_foreach(telegram, key, value)
    {
        if (behind_payload && strcmp(key, "seq") != 0 && n++ < most)
            print_item(key, value ? json_object_get_string(value) : "", &column);
        behind_payload |= strcmp(key, "payload") == 0;
    }
    if (!behind_payload)
        print_reason(telegram);
    else if (n == 0)
        printf("no readings");
    if (n > most)
        printf("%s%u more", most > 0 ? ", and " : "", n - most);
    printf("\n");
}

static void print_message(const char *json, unsigned most)
{
    struct json_object *telegram = json_tokener_parse(json);
    if (json_object_is_type(telegram, json_type_object)) {
        print_head(telegram);
        print_readings(telegram, most);
    }
    json_object_put(telegram);
}

/* The next part of a message as text, the caller's to free; NULL if none came in time. */
static char *receive(void *subscriber)
{
    zmq_msg_t part;
    char *text = NULL;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, subscriber, 0) >= 0)
        text = strndup(zmq_msg_data(&part), zmq_msg_size(&part));
    zmq_msg_close(&part);
    return text;
}

static bool another_part(void *subscriber)
{
    int more = 0;
    size_t size = sizeof more;
    return zmq_getsockopt(subscriber, ZMQ_RCVMORE, &more, &size) == 0 && more;
}

/* Each message is two parts: the topic, reading.<id>, and the JSON object. */
static bool receive_message(void *subscriber, unsigned readings)
{
    char *part = receive(subscriber);
    if (!part)
        return false;
    while (another_part(subscriber)) {
        free(part);
        part = receive(subscriber);
    }
    if (part)
        print_message(part, readings);
    free(part);
    return true;
}

/* What is kept of a publisher that sends more than this program prints: so many messages, and no
 * part of more bytes, for no reading comes near; one that sends such a part is connected to anew.
 * (The parts of one message libzmq counts nowhere.) */
enum { MOST_WAITING = 100 };
static const int64_t most_bytes = 256 << 10;

static bool watch(void *subscriber, const char *address, const struct settings *s, struct err *err)
{
    int idle_ms = (int)(s->idle_s * 1000), most_waiting = MOST_WAITING;
    if (zmq_setsockopt(subscriber, ZMQ_RCVHWM, &most_waiting, sizeof most_waiting) != 0 ||
        zmq_setsockopt(subscriber, ZMQ_MAXMSGSIZE, &most_bytes, sizeof most_bytes) != 0 ||
        zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "reading.", 8) != 0 ||
        zmq_connect(subscriber, address) != 0)
        return err_set(err, EXIT_USAGE, "cannot connect to %.200s: %s", address,
                       zmq_strerror(zmq_errno()));
    char what[300];
    snprintf(what, sizeof what, "readings from %.200s, where wmbus-rx --zmq publishes them",
             address);
    standard_streams_tell_wait(program.name, what);
    bool first = true;
    while (receive_message(subscriber, s->readings)) {
        if (fflush(stdout) != 0)
            return err_of_stdout(err);
        if (first && idle_ms > 0)
            zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &idle_ms, sizeof idle_ms);
        first = false;
    }
    return true;
}

static bool run(const struct settings *s, struct err *err)
{
    const char *address = s->addresses.n ? s->addresses.items[0] : "tcp://127.0.0.1:5555";
    if (s->addresses.n > 1 || s->idle_s < 0 || s->idle_s > 1e6)
        return err_set(err, EXIT_USAGE, "expected one address, and --idle from 0 on");
    if (!zmq_address_check(address, err))
        return false;
    void *context = zmq_ctx_new(), *subscriber = context ? zmq_socket(context, ZMQ_SUB) : NULL;
    bool ok = subscriber ? watch(subscriber, address, s, err)
                         : err_set(err, EXIT_INTERNAL, "ZeroMQ: %s", zmq_strerror(zmq_errno()));
    if (subscriber)
        zmq_close(subscriber);
    if (context)
        zmq_ctx_term(context);
    return ok;
}

int main(int argc, char **argv)
{
    struct settings s = { .readings = 8 };
    struct err err = { .exit_code = EXIT_OK };
    signal(SIGPIPE, SIG_IGN); /* writing says EPIPE instead */
    bool ok = standard_streams_take_places(&err) && options_parse(&program, argc, argv, &s, &err);
    if (ok && (s.help || s.version))
        ok = options_tell(&program, s.help, &err);
    else if (ok)
        ok = run(&s, &err);
    if (!ok && err.exit_code != EXIT_OK)
        fprintf(stderr, "wmbus-watch: %s\n", err.text);
    options_free(&program, &s);
    return err.exit_code;
}
