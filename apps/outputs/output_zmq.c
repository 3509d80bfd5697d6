/* SPDX-License-Identifier: MIT
 * A ZeroMQ PUB socket (XPUB, which hears of subscriptions): two frames, topic and JSON. Topics:
 * telegram.<id>, reading.<id>, stats, event; "seq" counts the messages of each kind, so that a
 * subscriber sees gaps. */
#include "apps/outputs/output.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/outputs/zmq_address.h"
#include "apps/telegrams/telegram_json.h"
#include "base/array_len.h"

enum {
    LINGER_MS = 2000, /* for subscribers to take what is left, at the end */
    STOPPED_LINGER_MS = 500,
    LIVE_QUEUE = 10000,  /* messages kept for a slow subscriber: hours of a busy street */
    SUBSCRIBE_MS = 2000, /* a subscription follows the handshake, but not at once,      */
    QUIET_MS = 100,      /* and perhaps others of the same subscriber                   */
};

static const char *const monitor_address = "inproc://subscribers";
static const char *const topics[N_MESSAGE_KINDS] = { "telegram", "reading", "stats", "event" };

struct zmq_state {
    void *context, *publisher;
    void *monitor; /* hears of subscribers until output_zmq.wait */
    int64_t seq[N_MESSAGE_KINDS];
    atomic_uint n_waiting; /* messages that at least one subscriber is still to be sent */
    bool live;
    const volatile sig_atomic_t *stop;
    bool left_out; /* a subscriber is, or was lately: its queue was full */
    uint64_t lost;
};

static const char *advice(int error)
{
    if (error == EADDRINUSE)
        return "; another program has it: choose another port, or end that program";
    if (error == EADDRNOTAVAIL || error == ENODEV)
        return "; that is no address of this computer: zmq:connect:ADDRESS goes to another one's";
    return "";
}

static void *fail_open(struct zmq_state *z, const char *what, const char *address, struct err *err)
{
    int error = zmq_errno();
    bool misspelt = error == EINVAL || error == EPROTONOSUPPORT || error == ENODEV;
    err_set(err, misspelt ? EXIT_USAGE : EXIT_OUTPUT, "ZeroMQ: cannot %s %.200s: %s%s", what,
            address, zmq_strerror(error), advice(error));
    if (z && z->monitor)
        zmq_close(z->monitor);
    if (z && z->publisher)
        zmq_close(z->publisher);
    if (z && z->context)
        zmq_ctx_term(z->context);
    free(z);
    return NULL;
}

static void set_option(struct zmq_state *z, int option, int value)
{
    zmq_setsockopt(z->publisher, option, &value, sizeof value);
}

/* Full means that the queue of a subscriber is who wants this message. When it is sent all the
 * same, the others get it, and libzmq leaves that one out, without a word, until half of its queue
 * is empty: until then more messages than that wait, for who is slowest holds them longest. So it
 * is known, by how many wait, how long each message is one that not all subscribers get. */
static void refuse_when_full(struct zmq_state *z, bool refuse)
{
    set_option(z, ZMQ_XPUB_NODROP, refuse);
}

/* Is a subscriber, now? */
static bool is_left_out(struct zmq_state *z)
{
    return z->left_out = z->left_out && atomic_load(&z->n_waiting) > LIVE_QUEUE / 2;
}

/* Before the socket is bound, so that no subscriber is missed. */
static bool start_monitor(struct zmq_state *z)
{
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED;
    z->monitor = zmq_socket(z->context, ZMQ_PAIR);
    return z->monitor && zmq_socket_monitor(z->publisher, monitor_address, events) == 0 &&
           zmq_connect(z->monitor, monitor_address) == 0;
}

/* What the address begins with where the socket shall connect. */
static size_t connect_prefix(const char *address)
{
    static const char prefix[] = "connect:";
    return !strncmp(address, prefix, sizeof prefix - 1) ? sizeof prefix - 1 : 0;
}

static bool is_address(const char *address)
{
    struct err ignored;
    return zmq_address_check(address + connect_prefix(address), &ignored);
}

static const struct output_setting settings[] = {
    { "address",
      "an address such as tcp://127.0.0.1:5555, with a port from 0 to 65535, or connect: before it",
      is_address, false },
};

static void *open_zmq(const struct output_spec *spec, const struct output_run *run, struct err *err)
{
    size_t prefix = connect_prefix(spec->values[0]);
    bool connects = prefix > 0;
    const char *address = spec->values[0] + prefix;

    struct zmq_state *z = calloc(1, sizeof *z);
    if (!z || !(z->context = zmq_ctx_new()) || !(z->publisher = zmq_socket(z->context, ZMQ_XPUB)))
        return fail_open(z, "make a socket for", address, err);
    z->live = run->live;
    z->stop = run->stop;
    set_option(z, ZMQ_SNDHWM, run->live ? LIVE_QUEUE : 0);
    set_option(z, ZMQ_XPUB_VERBOSE, true);
    refuse_when_full(z, true);
    if (!start_monitor(z))
        return fail_open(z, "watch", address, err);
    if (connects && zmq_connect(z->publisher, address) != 0)
        return fail_open(z, "connect to", address, err);
    if (!connects && zmq_bind(z->publisher, address) != 0)
        return fail_open(z, "bind to", address, err);
    return z;
}

/* Reads one event of the monitor: two frames, 16 bits of event first. Returns the change in the
 * number of subscribers. */
static int read_event(void *monitor)
{
    unsigned char head[6], address[256];
    uint16_t event = 0;
    if (zmq_recv(monitor, head, sizeof head, 0) == (int)sizeof head)
        memcpy(&event, head, sizeof event);
    zmq_recv(monitor, address, sizeof address, 0);
    return event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? 1 : event == ZMQ_EVENT_DISCONNECTED ? -1 : 0;
}

static unsigned count_until(void *monitor, unsigned n, int limit_ms)
{
    int there = 0;
    double end_s = monotonic_s() + limit_ms * 1e-3, left_s;
    while (there < (int)n && (left_s = end_s - monotonic_s()) > 0) {
        zmq_pollitem_t item = { .socket = monitor, .events = ZMQ_POLLIN };
        int ready = zmq_poll(&item, 1, (long)ceil(left_s * 1e3));
        if (ready < 0) /* a signal */
            break;
        if (ready > 0)
            there += read_event(monitor);
    }
    return there > 0 ? (unsigned)there : 0;
}

/* Takes what subscribers sent; returns how many subscriptions that were. */
static unsigned take_subscriptions(struct zmq_state *z)
{
    unsigned n = 0;
    for (char first = 0; zmq_recv(z->publisher, &first, 1, ZMQ_DONTWAIT) >= 0; first = 0)
        n += first == 1;
    return n;
}

/* Of n subscribers: what is published before is not for them. */
static void await_subscriptions(struct zmq_state *z, unsigned n)
{
    zmq_pollitem_t item = { .socket = z->publisher, .events = ZMQ_POLLIN };
    const double end_s = monotonic_s() + SUBSCRIBE_MS * 1e-3;
    for (unsigned got = 0; monotonic_s() < end_s; got += take_subscriptions(z))
        if (zmq_poll(&item, 1, got < n ? SUBSCRIBE_MS : QUIET_MS) <= 0)
            return;
}

static unsigned wait_zmq(void *state, unsigned n, int limit_ms)
{
    struct zmq_state *z = state;
    unsigned there = count_until(z->monitor, n, limit_ms);
    zmq_socket_monitor(z->publisher, NULL, 0); /* else its queue would fill */
    zmq_close(z->monitor);
    z->monitor = NULL;
    if (there > 0)
        await_subscriptions(z, there);
    set_option(z, ZMQ_XPUB_VERBOSE, false);
    return there;
}

/* By libzmq, from a thread of its own, once all subscribers were sent it. */
static void forget(void *text, void *counter)
{
    atomic_fetch_sub((atomic_uint *)counter, 1);
    free(text);
}

/* A copy of text that counts while it is kept; false without memory. */
static bool make_message(zmq_msg_t *message, const char *text, atomic_uint *counter)
{
    char *copy = strdup(text);
    if (!copy || zmq_msg_init_data(message, copy, strlen(copy), forget, counter) != 0) {
        free(copy);
        return false;
    }
    atomic_fetch_add(counter, 1);
    return true;
}

static bool send(struct zmq_state *z, const char *topic, zmq_msg_t *message)
{
    return zmq_send(z->publisher, topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
           zmq_msg_send(message, z->publisher, 0) >= 0;
}

static bool send_although_full(struct zmq_state *z, const char *topic, zmq_msg_t *message)
{
    refuse_when_full(z, false);
    const bool sent = send(z, topic, message);
    refuse_when_full(z, true);
    return sent;
}

/* Counts it if not all get it. */
static bool publish(struct zmq_state *z, const char *topic, const char *text)
{
    zmq_msg_t message;
    take_subscriptions(z); /* else they would gather */
    is_left_out(z);
    if (!make_message(&message, text, &z->n_waiting)) {
        errno = ENOMEM;
        return false;
    }
    bool sent = send(z, topic, &message);
    if (!sent && zmq_errno() == EAGAIN) {
        z->left_out = true;
        sent = send_although_full(z, topic, &message);
    }
    z->lost += z->left_out;
    const int error = errno;
    zmq_msg_close(&message); /* of one that was sent nothing is left */
    errno = error;
    return sent;
}

static bool write_zmq(void *state, const struct message *message, struct err *err)
{
    struct zmq_state *z = state;
    char topic[64];
    snprintf(topic, sizeof topic, "%s%s%.40s", topics[message->kind], message->id ? "." : "",
             message->id ? message->id : "");
    json_object_object_add(message->json, "seq", json_object_new_int64(z->seq[message->kind]++));
    const bool sent = publish(z, topic, telegram_json_text(message->json));
    json_object_object_del(message->json, "seq"); /* the other outputs count for themselves */
    return sent ||
           err_set(err, EXIT_OUTPUT, "ZeroMQ: cannot publish: %s", zmq_strerror(zmq_errno()));
}

static bool close_zmq(void *state, struct err *err)
{
    struct zmq_state *z = state;
    (void)err;
    if (z->monitor)
        zmq_close(z->monitor);
    set_option(z, ZMQ_LINGER, z->stop && *z->stop ? STOPPED_LINGER_MS : LINGER_MS);
    zmq_close(z->publisher);
    while (zmq_ctx_term(z->context) != 0 && zmq_errno() == EINTR)
        continue;
    free(z);
    return true;
}

static void report_zmq(void *state, struct output_report *report)
{
    struct zmq_state *z = state;
    const double waiting = atomic_load(&z->n_waiting);
    report->lost = z->lost;
    report->queue_fill = z->live ? fmin(1, waiting / LIVE_QUEUE) : 0;
    if (is_left_out(z))
        err_set(&report->trouble, EXIT_OUTPUT,
                "a subscriber does not read, and misses what does not fit into its queue of %d",
                LIVE_QUEUE);
}

const struct output_type output_zmq = {
    .name = "zmq",
    .argument = ":ADDRESS",
    .help = "a ZeroMQ socket bound to it, e.g. tcp://127.0.0.1:5555;\n"
            "connect:ADDRESS connects",
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .open = open_zmq,
    .wait = wait_zmq,
    .write = write_zmq,
    .report = report_zmq,
    .close = close_zmq,
};
