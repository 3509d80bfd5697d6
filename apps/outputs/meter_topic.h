/* SPDX-License-Identifier: MIT
 * Which meter, in MQTT topics and in Home Assistant's identifiers: maker, number, version and type,
 * so that no two meters share one, whoever was heard first. */
#ifndef APPS_OUTPUTS_METER_TOPIC_H
#define APPS_OUTPUTS_METER_TOPIC_H

#include "decode/telegram.h"

enum { METER_TOPIC_SIZE = 20 };

/* "els_12345678_33_03"; a maker that its three letters do not tell, as for an address that is
 * unique only within range, is its M-field in hex, "9593_12345678_33_03". */
void meter_topic_text(const struct address *meter, char text[METER_TOPIC_SIZE]);

#endif
