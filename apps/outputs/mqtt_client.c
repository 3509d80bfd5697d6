/* SPDX-License-Identifier: MIT */
#include "apps/outputs/mqtt_client.h"

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/text_queue.h"
#include "apps/common/thread.h"
#include "apps/common/wipe.h"

enum {
    QUEUE_MESSAGES = 20000,
    IN_FLIGHT = 20, /* sent, but not acknowledged: what libmosquitto itself keeps as its bound */
    KEEP_ALIVE_S = 30,
    POLL_MS = 500,
    SLICE_MS = 50,
    BACK_OFF_MAX_S = 60,
};
static const double goodbye_s = 0.3;
static const double handshake_s = 10; /* then the connection counts as failed */

struct mqtt_client {
    struct mqtt_config config; /* without texts */
    char *texts[MQTT_N_TEXTS];
    struct mosquitto *mosquitto;
    struct text_queue *queue;
    pthread_t thread;
    atomic_bool give_up, ended;
    /* the thread's own: what was given to libmosquitto, and not acknowledged yet */
    int in_flight[IN_FLIGHT]; /* by message identifier, of the queue */
    size_t n_in_flight;
    int own_mid; /* of the last message about availability, which is not of the queue */
    bool own_in_flight;
    /* of both */
    pthread_mutex_t mutex;
    bool connected;
    unsigned generation;
    char trouble[160];
};

/* libmosquitto counts its users in a plain number. */
static pthread_mutex_t library_mutex = PTHREAD_MUTEX_INITIALIZER;

static void open_library(void)
{
    pthread_mutex_lock(&library_mutex);
    mosquitto_lib_init();
    pthread_mutex_unlock(&library_mutex);
}

static void close_library(void)
{
    pthread_mutex_lock(&library_mutex);
    mosquitto_lib_cleanup();
    pthread_mutex_unlock(&library_mutex);
}

static void set_state(struct mqtt_client *c, bool connected, const char *trouble)
{
    pthread_mutex_lock(&c->mutex);
    c->generation += connected && !c->connected;
    c->connected = connected;
    snprintf(c->trouble, sizeof c->trouble, "%s", trouble);
    pthread_mutex_unlock(&c->mutex);
    text_queue_set_taken(c->queue, connected);
}

static bool is_connected(struct mqtt_client *c)
{
    pthread_mutex_lock(&c->mutex);
    bool connected = c->connected;
    pthread_mutex_unlock(&c->mutex);
    return connected;
}

/* False: libmosquitto refused it. Where only the connection fails, which may be noticed just now,
 * it keeps the message, and sends it with the next connection. */
static bool publish(struct mqtt_client *c, int *mid, const char *topic, const char *text, size_t n,
                    bool retain)
{
    int why = mosquitto_publish(c->mosquitto, mid, topic, (int)n, text, 1, retain);
    return why == MOSQ_ERR_SUCCESS || why == MOSQ_ERR_NO_CONN || why == MOSQ_ERR_CONN_LOST ||
           why == MOSQ_ERR_ERRNO;
}

static void tell_availability(struct mqtt_client *c, const char *text)
{
    c->own_in_flight =
        publish(c, &c->own_mid, c->texts[MQTT_AVAILABILITY_TOPIC], text, strlen(text), true);
}

static void on_connect(struct mosquitto *mosquitto, void *user, int code)
{
    struct mqtt_client *c = user;
    (void)mosquitto;
    set_state(c, code == 0, code == 0 ? "" : mosquitto_connack_string(code));
    if (code == 0)
        tell_availability(c, "online");
}

static void on_disconnect(struct mosquitto *mosquitto, void *user, int code)
{
    struct mqtt_client *c = user;
    (void)mosquitto;
    if (code != 0 && is_connected(c))
        set_state(c, false, "the connection was lost");
}

static void on_publish(struct mosquitto *mosquitto, void *user, int mid)
{
    struct mqtt_client *c = user;
    (void)mosquitto;
    if (mid == c->own_mid)
        c->own_in_flight = false;
    for (size_t i = 0; i < c->n_in_flight; i++)
        if (c->in_flight[i] == mid) {
            c->in_flight[i] = c->in_flight[--c->n_in_flight];
            text_queue_done(c->queue, true);
        }
}

static void publish_next(struct mqtt_client *c)
{
    struct text_item *item;
    while (c->n_in_flight < IN_FLIGHT && (item = text_queue_pop(c->queue))) {
        if (publish(c, &c->in_flight[c->n_in_flight], item->topic, item->text, item->n,
                    item->retain))
            c->n_in_flight++;
        else
            text_queue_done(c->queue, false);
        free(item);
    }
}

static bool fail_to_connect(struct mqtt_client *c, int fd)
{
    int why = 0;
    socklen_t size = sizeof why;
    bool told = getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) == 0 && why != 0;
    set_state(c, false, told ? strerror(why) : "the broker closed the connection");
    return false;
}

/* Waits a little for the socket or the queue, and does what there is to do. False: not connected
 * any more. */
static bool serve(struct mqtt_client *c)
{
    const bool up = is_connected(c);
    const bool takes = up && !text_queue_is_over(c->queue) && c->n_in_flight < IN_FLIGHT;
    struct pollfd items[2] = {
        { .fd = mosquitto_socket(c->mosquitto), .events = POLLIN },
        { .fd = takes ? text_queue_fd(c->queue) : -1, .events = POLLIN },
    };
    if (mosquitto_want_write(c->mosquitto))
        items[0].events |= POLLOUT;
    poll(items, 2, takes ? POLL_MS : SLICE_MS); /* the end of the queue wakes it */
    if (!up && (items[0].revents & (POLLERR | POLLHUP)))
        return fail_to_connect(c, items[0].fd);
    if (takes)
        publish_next(c);
    int why = mosquitto_loop(c->mosquitto, 0, 1);
    if (why == MOSQ_ERR_SUCCESS)
        return true;
    if (is_connected(c) || !c->trouble[0])
        set_state(c, false, mosquitto_strerror(why));
    return false;
}

static void pause_s(struct mqtt_client *c, double s)
{
    for (double end_s = monotonic_s() + s; monotonic_s() < end_s && !atomic_load(&c->give_up);)
        poll(NULL, 0, SLICE_MS);
}

/* Something may be published yet, or something was and is not acknowledged. */
static bool has_work(struct mqtt_client *c)
{
    return !atomic_load(&c->give_up) && (c->n_in_flight > 0 || !text_queue_is_over(c->queue));
}

/* Returns when the connection is lost, or there is nothing more to do. */
static void stay_connected(struct mqtt_client *c)
{
    double until_s = monotonic_s() + handshake_s;
    while (has_work(c) && serve(c))
        if (!is_connected(c) && monotonic_s() > until_s) {
            set_state(c, false, "the broker does not answer");
            return;
        }
}

static void say_goodbye(struct mqtt_client *c)
{
    tell_availability(c, "offline");
    for (double end_s = monotonic_s() + goodbye_s; c->own_in_flight && monotonic_s() < end_s;)
        if (!serve(c))
            return;
    mosquitto_disconnect(c->mosquitto);
}

static void *run(void *user)
{
    struct mqtt_client *c = user;
    double back_off_s = 1;
    while (has_work(c)) {
        unsigned before = mqtt_client_generation(c);
        int why = mosquitto_connect_async(c->mosquitto, c->texts[MQTT_HOST], c->config.port,
                                          KEEP_ALIVE_S);
        if (why == MOSQ_ERR_SUCCESS)
            stay_connected(c);
        else
            set_state(c, false, mosquitto_strerror(why));
        if (is_connected(c))
            break;
        if (mqtt_client_generation(c) != before)
            back_off_s = 1;
        pause_s(c, back_off_s);
        back_off_s = back_off_s * 2 < BACK_OFF_MAX_S ? back_off_s * 2 : BACK_OFF_MAX_S;
    }
    /* A broker that hangs publishes the will once it finds us gone. */
    if (is_connected(c) && c->n_in_flight == 0)
        say_goodbye(c);
    atomic_store(&c->ended, true);
    return NULL;
}

static bool configure(struct mqtt_client *c, struct err *err)
{
    char *const *texts = c->texts;
    const char *system_authorities = texts[MQTT_CA] ? NULL : "/etc/ssl/certs";
    int why =
        mosquitto_will_set(c->mosquitto, texts[MQTT_AVAILABILITY_TOPIC], 7, "offline", 1, true);
    if (why == MOSQ_ERR_SUCCESS && texts[MQTT_USER])
        why = mosquitto_username_pw_set(c->mosquitto, texts[MQTT_USER], texts[MQTT_PASSWORD]);
    if (why == MOSQ_ERR_SUCCESS && c->config.tls &&
        (why = mosquitto_tls_set(c->mosquitto, texts[MQTT_CA], system_authorities, texts[MQTT_CERT],
                                 texts[MQTT_KEY], NULL)) == MOSQ_ERR_INVAL)
        return err_set(
            err, EXIT_OUTPUT,
            "MQTT: cannot read one of the files ca, cert and key, or cert and key do not "
            "come together");
    if (why != MOSQ_ERR_SUCCESS)
        return err_set(err, EXIT_OUTPUT, "MQTT: cannot prepare the connection to %.200s: %s",
                       texts[MQTT_HOST], mosquitto_strerror(why));
    mosquitto_connect_callback_set(c->mosquitto, on_connect);
    mosquitto_disconnect_callback_set(c->mosquitto, on_disconnect);
    mosquitto_publish_callback_set(c->mosquitto, on_publish);
    mosquitto_max_inflight_messages_set(c->mosquitto, IN_FLIGHT + 1);
    return true;
}

static void free_client(struct mqtt_client *c)
{
    mosquitto_destroy(c->mosquitto);
    text_queue_free(c->queue);
    for (size_t i = 0; i < MQTT_N_TEXTS; i++) {
        wipe(c->texts[i], c->texts[i] ? strlen(c->texts[i]) : 0);
        free(c->texts[i]);
    }
    pthread_mutex_destroy(&c->mutex);
    free(c);
    close_library();
}

static bool copy_config(struct mqtt_client *c, const struct mqtt_config *config)
{
    bool ok = true;
    c->config = *config;
    memset(c->config.texts, 0, sizeof c->config.texts);
    for (size_t i = 0; i < MQTT_N_TEXTS; i++)
        if (config->texts[i])
            ok &= (c->texts[i] = strdup(config->texts[i])) != NULL;
    return ok;
}

struct mqtt_client *mqtt_client_open(const struct mqtt_config *config, struct err *err)
{
    struct mqtt_client *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    open_library();
    pthread_mutex_init(&c->mutex, NULL);
    bool ok = copy_config(c, config);
    c->mosquitto = mosquitto_new(config->texts[MQTT_CLIENT_ID], true, c);
    c->queue = text_queue_open(QUEUE_MESSAGES, config->stop);
    ok = ok && c->mosquitto && c->queue;
    if (!ok)
        err_set(err, EXIT_INTERNAL, "MQTT: out of memory");
    if (ok && configure(c, err)) {
        text_queue_set_taken(c->queue, false);
        if (thread_start(&c->thread, run, c))
            return c;
        err_set(err, EXIT_INTERNAL, "MQTT: no thread: %s", strerror(errno));
    }
    free_client(c);
    return NULL;
}

bool mqtt_client_wait(struct mqtt_client *c, double limit_s, struct err *err)
{
    double end_s = monotonic_s() + limit_s;
    while (!is_connected(c) && monotonic_s() < end_s && !(c->config.stop && *c->config.stop))
        poll(NULL, 0, SLICE_MS);
    pthread_mutex_lock(&c->mutex);
    bool connected = c->connected;
    if (!connected)
        err_set(err, EXIT_OUTPUT, "MQTT: cannot connect to %.200s:%d: %s", c->texts[MQTT_HOST],
                c->config.port, c->trouble[0] ? c->trouble : "the broker does not answer");
    pthread_mutex_unlock(&c->mutex);
    return connected;
}

void mqtt_client_publish(struct mqtt_client *c, const char *topic, const char *text, bool retain,
                         bool wait)
{
    text_queue_push(c->queue, topic, text, retain, wait);
}

unsigned mqtt_client_generation(struct mqtt_client *c)
{
    pthread_mutex_lock(&c->mutex);
    unsigned generation = c->generation;
    pthread_mutex_unlock(&c->mutex);
    return generation;
}

uint64_t mqtt_client_lost(struct mqtt_client *c, struct err *trouble, double *queue_fill)
{
    *queue_fill = text_queue_fill(c->queue);
    trouble->text[0] = 0;
    pthread_mutex_lock(&c->mutex);
    if (c->trouble[0])
        err_set(trouble, EXIT_OUTPUT, "MQTT: no connection to %.200s:%d: %s", c->texts[MQTT_HOST],
                c->config.port, c->trouble);
    pthread_mutex_unlock(&c->mutex);
    return text_queue_lost(c->queue);
}

/* Not for a broker that never was there, nor, after a signal, for one that is away. */
static bool is_worth_waiting(struct mqtt_client *c)
{
    bool stopped = c->config.stop && *c->config.stop;
    return is_connected(c) || (!stopped && mqtt_client_generation(c) > 0);
}

uint64_t mqtt_client_close(struct mqtt_client *c, double limit_s)
{
    text_queue_close(c->queue, is_worth_waiting(c) ? limit_s : 0);
    double end_s = monotonic_s() + goodbye_s + 0.1;
    atomic_store(&c->give_up, true);
    while (!atomic_load(&c->ended) && monotonic_s() < end_s)
        poll(NULL, 0, SLICE_MS / 5);
    uint64_t lost = text_queue_lost(c->queue);
    if (!atomic_load(&c->ended)) { /* it hangs in the resolver of names: the program ends anyway */
        pthread_detach(c->thread);
        return lost;
    }
    pthread_join(c->thread, NULL);
    free_client(c);
    return lost;
}
