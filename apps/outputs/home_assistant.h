/* SPDX-License-Identifier: MIT
 * Home Assistant's MQTT discovery: what it is told of a reading, made from the reading's name, so
 * that every meter appears there by itself, with a driver or without. */
#ifndef APPS_OUTPUTS_HOME_ASSISTANT_H
#define APPS_OUTPUTS_HOME_ASSISTANT_H

#include <json-c/json.h>

#include "decode/telegram.h"

struct home_assistant_sensor {
    const struct telegram *telegram;
    const struct reading *reading;
    const char *state_topic, *availability_topic;
    unsigned expire_after_s; /* without news it is "unavailable"; 0: never */
};

/* The configuration of a sensor; the caller puts it back. */
struct json_object *home_assistant_config(const struct home_assistant_sensor *sensor);

#endif
