/* SPDX-License-Identifier: MIT
 * A connection to an MQTT broker, with a thread of its own: it connects whenever it can, with
 * back-off, and publishes from a bounded queue with QoS 1. Nobody waits for it but who asks to. */
#ifndef APPS_OUTPUTS_MQTT_CLIENT_H
#define APPS_OUTPUTS_MQTT_CLIENT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "apps/common/err.h"

enum mqtt_text {
    MQTT_HOST,
    MQTT_USER,
    MQTT_PASSWORD,
    MQTT_CLIENT_ID,
    MQTT_CA, /* files; without it the system's authorities */
    MQTT_CERT,
    MQTT_KEY,
    MQTT_AVAILABILITY_TOPIC, /* holds "online" or, also as last will, "offline" */
    MQTT_N_TEXTS
};

struct mqtt_config {
    const char *texts[MQTT_N_TEXTS]; /* NULL: not given; host and topic are     */
    int port;
    bool tls;
    const volatile sig_atomic_t *stop; /* or NULL */
};

struct mqtt_client;

/* Texts are copied. NULL with *err: a certificate cannot be read; a broker that does not answer is
 * no reason. */
struct mqtt_client *mqtt_client_open(const struct mqtt_config *config, struct err *err);
/* Waits for the connection, limit_s at most; false with *err why there is none. */
bool mqtt_client_wait(struct mqtt_client *client, double limit_s, struct err *err);
/* Queues a message. wait: for room, as long as there is a connection; else the oldest goes. */
void mqtt_client_publish(struct mqtt_client *client, const char *topic, const char *text,
                         bool retain, bool wait);
/* Changes with each connection that is made: the broker may have forgotten everything. */
unsigned mqtt_client_generation(struct mqtt_client *client);
/* Messages lost, and what is wrong now; text "" = nothing; share of its queue that is full. */
uint64_t mqtt_client_lost(struct mqtt_client *client, struct err *trouble, double *queue_fill);
/* Waits limit_s at most until the broker has all; says "offline". Returns the messages lost. */
uint64_t mqtt_client_close(struct mqtt_client *client, double limit_s);

#endif
