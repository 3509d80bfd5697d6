/* SPDX-License-Identifier: MIT
 * An MQTT broker, and through it Home Assistant. Below the topic, by default "wmbus":
 *   <meter>             the whole object of a telegram; a meter is els_12345678_33_03
 *   <meter>/<reading>   each value
 *   stats, event        as on the other outputs
 *   availability        "online" or "offline" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/hash.h"
#include "apps/common/number.h"
#include "apps/common/yes_or_no.h"
#include "apps/outputs/home_assistant.h"
#include "apps/outputs/meter_topic.h"
#include "apps/outputs/mqtt_client.h"
#include "apps/outputs/output.h"
#include "base/array_len.h"

enum { PORT = 1883, PORT_TLS = 8883, TOPIC_SIZE = 320, MAX_ANNOUNCED = 1 << 15 };

/* A replay waits for its broker. */
static const double connect_limit_s = 5, flush_limit_s = 10;

static bool is_port(const char *text)
{
    double port;
    return number_parse(text, strlen(text), &port) && port >= 1 && port <= 65535 &&
           port == (double)(int)port;
}

static bool is_yes_or_no(const char *text)
{
    bool yes;
    return yes_or_no_parse(text, &yes);
}

static bool is_topic(const char *text)
{
    enum { MOST = 100 };
    size_t n = strlen(text);
    return n <= MOST && !strpbrk(text, "+#") && text[0] != '/' && text[n - 1] != '/';
}

/* A setting that is not known would stay a part of it. */
static bool is_host(const char *text)
{
    return *text && !strpbrk(text, ",= ");
}

enum {
    HOST,
    PORT_ROW,
    USER,
    PASSWORD,
    TLS,
    CA,
    CERT,
    KEY,
    CLIENT_ID,
    TOPIC,
    DISCOVERY,
    RETAIN,
    N_SETTINGS
};

static const struct output_setting settings[N_SETTINGS] = {
    [HOST] = { "host", "the name or address of a broker, then only settings of --help", is_host,
               false },
    [PORT_ROW] = { "port", "a number from 1 to 65535", is_port, false },
    [USER] = { "user", "a name", NULL, false },
    [PASSWORD] = { "password", "a password", NULL, true },
    [TLS] = { "tls", "yes or no", is_yes_or_no, false },
    [CA] = { "ca", "the path of a file with certificates of authorities", NULL, false },
    [CERT] = { "cert", "the path of a file with the client's certificate", NULL, false },
    [KEY] = { "key", "the path of a file with the client's key", NULL, false },
    [CLIENT_ID] = { "client_id", "a text", NULL, false },
    [TOPIC] = { "topic", "at most 100 characters without + and #, and no / at either end", is_topic,
                false },
    [DISCOVERY] = { "discovery", "Home Assistant's topic, by default homeassistant, or no",
                    is_topic, false },
    [RETAIN] = { "retain", "yes or no: shall the broker keep the last readings", is_yes_or_no,
                 false },
};

/* What Home Assistant was told already: hashes of topics, and with which expiry. */
struct announced {
    uint64_t topic; /* 0: free */
    unsigned expire_after_s;
};

struct mqtt_state {
    struct mqtt_client *client;
    char topic[TOPIC_SIZE], discovery[TOPIC_SIZE], availability[TOPIC_SIZE]; /* "" = none */
    bool retain;
    unsigned generation;
    struct announced announced[MAX_ANNOUNCED]; /* a hash table, open addressing */
    size_t n_announced;
};

static bool is_yes(const char *value)
{
    bool yes;
    return yes_or_no_parse(value, &yes) && yes;
}

/* Home Assistant's topic, "" for none. */
static const char *discovery_topic(const char *value)
{
    static const char usual[] = "homeassistant";
    bool yes;
    if (!value)
        return usual;
    return yes_or_no_parse(value, &yes) ? (yes ? usual : "") : value;
}

static struct mqtt_client *connect_client(const struct output_spec *spec, const char *availability,
                                          const struct output_run *run, struct err *err)
{
    char *const *v = spec->values;
    double port;
    struct mqtt_config config = {
        .texts = { v[HOST], v[USER], v[PASSWORD], v[CLIENT_ID], v[CA], v[CERT], v[KEY],
                   availability },
        .tls = is_yes(v[TLS]) || v[CA] || v[CERT],
        .stop = run->stop,
    };
    config.port = config.tls ? PORT_TLS : PORT;
    if (v[PORT_ROW] && number_parse(v[PORT_ROW], strlen(v[PORT_ROW]), &port))
        config.port = (int)port;
    struct mqtt_client *client = mqtt_client_open(&config, err);
    if (!client || run->live || mqtt_client_wait(client, connect_limit_s, err))
        return client;
    mqtt_client_close(client, 0);
    return NULL;
}

static void *open_mqtt(const struct output_spec *spec, const struct output_run *run,
                       struct err *err)
{
    char *const *v = spec->values;
    struct mqtt_state *m = calloc(1, sizeof *m);
    if (!m) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    snprintf(m->topic, sizeof m->topic, "%.100s", v[TOPIC] ? v[TOPIC] : "wmbus");
    snprintf(m->availability, sizeof m->availability, "%.100s/availability", m->topic);
    snprintf(m->discovery, sizeof m->discovery, "%.100s", discovery_topic(v[DISCOVERY]));
    m->retain = is_yes(v[RETAIN]);
    m->client = connect_client(spec, m->availability, run, err);
    if (m->client)
        return m;
    free(m);
    return NULL;
}

/* The place of a topic in the table, or a free one; NULL: it is full, for memory has a bound. */
static struct announced *find_announced(struct mqtt_state *m, uint64_t topic)
{
    size_t i = (size_t)topic % MAX_ANNOUNCED;
    while (m->announced[i].topic && m->announced[i].topic != topic)
        i = (i + 1) % MAX_ANNOUNCED;
    return m->announced[i].topic || m->n_announced < MAX_ANNOUNCED / 2 ? &m->announced[i] : NULL;
}

/* Four intervals, in whole minutes, so that it does not change with every telegram. */
static unsigned expire_after_s(const struct message *message)
{
    static const double longest_s = 100 * 86400.0;
    double s = message->meter ? message->meter->interval_s * 4 : 0;
    return s <= 0 ? 0 : ((unsigned)(s < longest_s ? s : longest_s) / 300 + 1) * 300;
}

/* Is it news for Home Assistant? It is, when the expiry grew or fell by much. */
static bool is_news(struct mqtt_state *m, const char *topic, unsigned expire_s)
{
    uint64_t key = hash_text(HASH_START, topic) | 1; /* 0 is a free place */
    struct announced *a = find_announced(m, key);
    if (!a)
        return false;
    bool known = a->topic == key;
    if (known && expire_s <= a->expire_after_s * 3 / 2 && expire_s >= a->expire_after_s / 2)
        return false;
    m->n_announced += !known;
    *a = (struct announced){ key, expire_s };
    return true;
}

static void announce(struct mqtt_state *m, const struct message *message,
                     const struct reading *reading, const char *meter, const char *state_topic)
{
    char topic[TOPIC_SIZE];
    const struct home_assistant_sensor sensor = { message->telegram, reading, state_topic,
                                                  m->availability, expire_after_s(message) };
    snprintf(topic, sizeof topic, "%.100s/sensor/wmbus_%s/%.127s/config", m->discovery, meter,
             reading->name);
    if (!is_news(m, topic, sensor.expire_after_s))
        return;
    struct json_object *config = home_assistant_config(&sensor);
    mqtt_client_publish(m->client, topic, telegram_json_text(config), true, message->may_wait);
    json_object_put(config);
}

static void publish_value(struct mqtt_state *m, const struct message *message,
                          const struct reading *reading, const char *topic)
{
    char number[DECIMAL_TEXT_SIZE] = "";
    reading_print(reading, number, sizeof number);
    /* Home Assistant's word for a value that is not known. */
    const char *text = reading->kind == READING_NULL   ? "None"
                       : reading->kind == READING_TEXT ? reading->text
                                                       : number;
    mqtt_client_publish(m->client, topic, text, m->retain, message->may_wait);
}

static void forget_if_reconnected(struct mqtt_state *m)
{
    unsigned generation = mqtt_client_generation(m->client);
    if (generation == m->generation)
        return;
    m->generation = generation;
    m->n_announced = 0;
    memset(m->announced, 0, sizeof m->announced);
}

static void publish_telegram(struct mqtt_state *m, const struct message *message)
{
    const struct telegram *t = message->telegram;
    char meter[METER_TOPIC_SIZE], topic[TOPIC_SIZE];
    meter_topic_text(&t->meter, meter);
    snprintf(topic, sizeof topic, "%.100s/%s", m->topic, meter);
    mqtt_client_publish(m->client, topic, telegram_json_text(message->json), m->retain,
                        message->may_wait);
    /* What the meter is told it has not measured: only the object tells it, with the direction. */
    for (size_t i = 0; t->direction == DIRECTION_FROM_METER && i < t->n_readings; i++) {
        const struct reading *reading = &t->readings[i];
        snprintf(topic, sizeof topic, "%.100s/%s/%.127s", m->topic, meter, reading->name);
        if (m->discovery[0])
            announce(m, message, reading, meter, topic);
        publish_value(m, message, reading, topic);
    }
}

static bool write_mqtt(void *state, const struct message *message, struct err *err)
{
    struct mqtt_state *m = state;
    (void)err;
    forget_if_reconnected(m);
    if (message->kind == MESSAGE_READING && message->meter) {
        publish_telegram(m, message);
    } else if (message->kind == MESSAGE_STATS || message->kind == MESSAGE_EVENT) {
        char topic[TOPIC_SIZE];
        snprintf(topic, sizeof topic, "%.100s/%s", m->topic,
                 message->kind == MESSAGE_STATS ? "stats" : "event");
        mqtt_client_publish(m->client, topic, telegram_json_text(message->json), false,
                            message->may_wait);
    }
    return true;
}

static void report_mqtt(void *state, struct output_report *report)
{
    struct mqtt_state *m = state;
    report->lost = mqtt_client_lost(m->client, &report->trouble, &report->queue_fill);
}

static bool close_mqtt(void *state, struct err *err)
{
    struct mqtt_state *m = state;
    struct err trouble;
    double queue_fill;
    mqtt_client_lost(m->client, &trouble, &queue_fill);
    uint64_t lost = mqtt_client_close(m->client, flush_limit_s);
    free(m);
    return lost == 0 || err_set(err, EXIT_OUTPUT, "MQTT: %llu message%s lost: %.300s",
                                (unsigned long long)lost, lost == 1 ? " was" : "s were",
                                trouble.text[0] ? trouble.text : "the broker was too slow");
}

const struct output_type output_mqtt = {
    .name = "mqtt",
    .argument = ":HOST",
    .help = "an MQTT broker, and Home Assistant's discovery; user and\n"
            "password only in the configuration; also ,port=N ,tls=yes\n"
            ",topic=wmbus ,discovery=homeassistant (or no) ,retain=no",
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .open = open_mqtt,
    .write = write_mqtt,
    .report = report_mqtt,
    .close = close_mqtt,
};
