/* SPDX-License-Identifier: MIT */
#include "apps/outputs/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/telegrams/telegram_json.h"

static bool add_zmq(struct outputs *outputs, const char *address, struct err *err)
{
    static const struct output_run run = { .live = true };
    struct output_spec spec;
    assert_true(output_spec_init(&spec, "zmq"));
    bool ok =
        output_spec_set(&spec, "address", address, err) && outputs_add(outputs, &spec, &run, err);
    output_spec_wipe(&spec);
    return ok;
}

static void send_message(const struct outputs *outputs, enum message_kind kind, const char *id)
{
    struct err err;
    struct json_object *o = json_object_new_object();
    struct message message = { .kind = kind, .id = id, .json = o };
    assert_true(outputs_write(outputs, &message, &err));
    assert_string_equal(telegram_json_text(o), "{}"); /* seq is the socket's own */
    json_object_put(o);
}

static void assert_frames(void *subscriber, const char *topic, const char *json)
{
    char text[256];
    int more = 0, n = zmq_recv(subscriber, text, sizeof text - 1, 0);
    size_t size = sizeof more;
    assert_true(n >= 0);
    text[n] = 0;
    assert_string_equal(text, topic);
    zmq_getsockopt(subscriber, ZMQ_RCVMORE, &more, &size);
    assert_int_equal(more, 1);
    n = zmq_recv(subscriber, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = 0;
    assert_string_equal(text, json);
    zmq_getsockopt(subscriber, ZMQ_RCVMORE, &more, &size);
    assert_int_equal(more, 0);
}

static void test_messages(void **state)
{
    (void)state;
    char folder[] = "/tmp/wmbus_zmq_XXXXXX", address[64];
    assert_non_null(mkdtemp(folder));
    snprintf(address, sizeof address, "ipc://%s/socket", folder);
    int limit_ms = 20000;
    void *context = zmq_ctx_new(), *subscriber = zmq_socket(context, ZMQ_SUB);
    zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &limit_ms, sizeof limit_ms);
    zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "reading.", 8);
    zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "stats", 5);
    assert_int_equal(zmq_connect(subscriber, address), 0);

    struct outputs outputs = { .n = 0 };
    struct err err;
    assert_true(add_zmq(&outputs, address, &err));
    assert_int_equal(outputs_wait(&outputs, 1, limit_ms), 1);
    send_message(&outputs, MESSAGE_TELEGRAM, "00abcdef");
    send_message(&outputs, MESSAGE_READING, "00abcdef");
    send_message(&outputs, MESSAGE_EVENT, NULL);
    send_message(&outputs, MESSAGE_READING, "12345678");
    send_message(&outputs, MESSAGE_STATS, NULL);
    assert_true(outputs_close(&outputs, &err));
    assert_frames(subscriber, "reading.00abcdef", "{\"seq\":0}");
    assert_frames(subscriber, "reading.12345678", "{\"seq\":1}");
    assert_frames(subscriber, "stats", "{\"seq\":0}");
    zmq_close(subscriber);
    zmq_ctx_term(context);
    rmdir(folder);
}

static void test_connect(void **state)
{
    (void)state;
    char address[256], config_address[300];
    size_t size = sizeof address;
    int limit_ms = 20000;
    void *context = zmq_ctx_new(), *subscriber = zmq_socket(context, ZMQ_SUB);
    zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &limit_ms, sizeof limit_ms);
    zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "", 0);
    assert_int_equal(zmq_bind(subscriber, "tcp://127.0.0.1:*"), 0);
    zmq_getsockopt(subscriber, ZMQ_LAST_ENDPOINT, address, &size);

    struct outputs outputs = { .n = 0 };
    struct err err = { .text = "" };
    /* Taken already. */
    snprintf(config_address, sizeof config_address, "%s", address);
    assert_false(add_zmq(&outputs, config_address, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_non_null(strstr(err.text, "Address already in use; another program has it"));
    /* Of documentation (RFC 5737), so nobody's. */
    assert_false(add_zmq(&outputs, "tcp://192.0.2.1:5555", &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_non_null(strstr(err.text, "no address of this computer: zmq:connect:ADDRESS"));

    snprintf(config_address, sizeof config_address, "connect:%s", address);
    assert_true(add_zmq(&outputs, config_address, &err));
    assert_int_equal(outputs_wait(&outputs, 1, limit_ms), 1);
    /* A bound socket subscribes when its owner next looks at it. */
    zmq_pollitem_t item = { .socket = subscriber, .events = ZMQ_POLLIN };
    while (zmq_poll(&item, 1, 50) == 0)
        send_message(&outputs, MESSAGE_EVENT, NULL);
    send_message(&outputs, MESSAGE_STATS, NULL);
    assert_true(outputs_close(&outputs, &err));
    char topic[8] = "event";
    for (size_t n = strlen("event"); !strncmp(topic, "event", n);) {
        assert_int_equal(zmq_recv(subscriber, topic, n, 0), n);
        assert_true(zmq_recv(subscriber, address, sizeof address, 0) > 0);
    }
    assert_string_equal(topic, "stats");
    zmq_close(subscriber);
    zmq_ctx_term(context);
}

/* Large enough that not many wait in buffers of the system. */
static void send_large(const struct outputs *outputs)
{
    static char text[2000];
    struct err err;
    struct json_object *o = json_object_new_object();
    const struct message message = { .kind = MESSAGE_EVENT, .json = o };
    memset(text, 'x', sizeof text - 1);
    json_object_object_add(o, "text", json_object_new_string(text));
    assert_true(outputs_write(outputs, &message, &err));
    json_object_put(o);
}

/* Takes n events and asserts the number of the last. */
static void take_events(void *subscriber, uint64_t n, uint64_t last)
{
    const int limit_ms = 20000;
    char topic[8], text[4000] = "", end[40];
    zmq_setsockopt(subscriber, ZMQ_RCVTIMEO, &limit_ms, sizeof limit_ms);
    for (uint64_t k = 0; k < n; k++) {
        assert_true(zmq_recv(subscriber, topic, sizeof topic, 0) >= 0);
        int size = zmq_recv(subscriber, text, sizeof text - 1, 0);
        assert_true(size >= 0);
        text[size] = '\0';
    }
    snprintf(end, sizeof end, "\"seq\":%d}", (int)last);
    assert_non_null(strstr(text, end));
}

static void *subscribe(void *context, const char *address)
{
    const int queue = 1;
    void *subscriber = zmq_socket(context, ZMQ_SUB);
    zmq_setsockopt(subscriber, ZMQ_RCVHWM, &queue, sizeof queue);
    zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "event", 5);
    assert_int_equal(zmq_connect(subscriber, address), 0);
    return subscriber;
}

static struct output_report report_of(const struct outputs *outputs)
{
    struct output_report report = { .lost = 0 };
    outputs->items[0].type->report(outputs->items[0].state, &report);
    return report;
}

/* What it misses is counted, message by message, and the others get all. */
static void test_a_subscriber_hangs(void **state)
{
    (void)state;
    enum { N = 13000, MORE = 100, QUEUE = 10000 };
    char folder[] = "/tmp/wmbus_zmq_XXXXXX", address[64];
    assert_non_null(mkdtemp(folder));
    snprintf(address, sizeof address, "ipc://%s/socket", folder);
    void *context = zmq_ctx_new();
    void *hung = subscribe(context, address), *other = subscribe(context, address);
    struct outputs outputs = { .n = 0 };
    struct err err;
    assert_true(add_zmq(&outputs, address, &err));
    assert_int_equal(outputs_wait(&outputs, 2, 20000), 2);
    for (uint64_t k = 0; k < N; k++) {
        send_large(&outputs);
        take_events(other, 1, k);
    }
    const struct output_report report = report_of(&outputs);
    assert_true(report.lost > 0 && report.lost <= N - QUEUE / 2);
    assert_true(report.queue_fill > 0.5);
    assert_non_null(strstr(report.trouble.text, "a subscriber does not read"));

    take_events(hung, N - report.lost, N - report.lost - 1);
    for (uint64_t k = 0; k < MORE; k++) /* and it is as if it had never hung */
        send_large(&outputs);
    take_events(hung, MORE, N + MORE - 1);
    take_events(other, MORE, N + MORE - 1);
    assert_int_equal(report_of(&outputs).lost, report.lost);
    assert_string_equal(report_of(&outputs).trouble.text, "");
    assert_true(outputs_close(&outputs, &err));
    zmq_close(hung);
    zmq_close(other);
    zmq_ctx_term(context);
    rmdir(folder);
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct outputs outputs = { .n = 0 };
    struct err err;
    assert_true(add_zmq(&outputs, "tcp://127.0.0.1:*", &err));
    assert_int_equal(outputs_wait(&outputs, 1, 50), 0);
    send_message(&outputs, MESSAGE_EVENT, NULL);
    assert_true(outputs_close(&outputs, &err));
}

static void test_misspelt(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "",
        "here",
        "tcp://",
        "tcp://127.0.0.1:65536",
        "tcp://[::1]:99999",
        "udp//x",
        "connect:",
        "tcp://127.0.0.1",
        "connect:tcp://127.0.0.1:123456789012345678901",
    };
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        print_message("%s\n", addresses[i]);
        struct outputs outputs = { .n = 0 };
        struct err err;
        assert_false(add_zmq(&outputs, addresses[i], &err));
        assert_int_equal(err.exit_code, EXIT_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),           cmocka_unit_test(test_connect),
        cmocka_unit_test(test_a_subscriber_hangs), cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_misspelt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
