/* SPDX-License-Identifier: MIT */
#ifndef APPS_TELEGRAMS_HEARD_JSON_H
#define APPS_TELEGRAMS_HEARD_JSON_H

#include <json-c/json.h>

#include "apps/telegrams/heard.h"

/* The meters heard until now_us, those heard best first; the caller puts the list back. Times are
 * seconds before now: a replay without a date has no others. */
struct json_object *heard_json(const struct heard *heard, int64_t now_us);
/* One of them. */
struct json_object *heard_meter_json(const struct heard_meter *meter, int64_t now_us);

#endif
