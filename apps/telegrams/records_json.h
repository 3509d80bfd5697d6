/* SPDX-License-Identifier: MIT
 * The records of a telegram as they were sent, for --records. */
#ifndef APPS_TELEGRAMS_RECORDS_JSON_H
#define APPS_TELEGRAMS_RECORDS_JSON_H

#include <json-c/json.h>

#include "decode/telegram.h"

/* A list of objects: header, data (hex), quantity, unit, name (systematic) and value. The caller
 * puts it back. NULL without memory. */
struct json_object *records_json(const struct telegram *telegram);

#endif
