/* SPDX-License-Identifier: MIT
 * A telegram as the JSON object that all outputs print; telegram.schema.json describes it and
 * telegram.example.json is the normative example. */
#ifndef APPS_TELEGRAMS_TELEGRAM_JSON_H
#define APPS_TELEGRAMS_TELEGRAM_JSON_H

#include <json-c/json.h>

#include "decode/decoder.h"

/* How one of several sources heard a telegram. */
struct copy {
    const char *source;
    const struct reception *rx;
};

/* What the frame itself does not know of its origin. */
struct telegram_origin {
    bool format_known; /* false for a telegram given as text without CRCs                     */
    bool has_time;     /* received by radio                                                  */
    double time_s;     /* from the start of the file to the first sync chip                  */
    bool has_timestamp;
    int64_t t_us;     /* the same moment, since 1970 UTC                                    */
    const char *file; /* NULL: there is only one                                            */
    bool records;     /* with readings, the records as they were sent as well               */
    const struct copy *copies; /* of several sources; n_copies 0: there is only one source */
    size_t n_copies;
    struct decoder *decoder; /* of telegrams inside this one; NULL: they stay hex              */
};

/* How the telegram was received, its headers, and with readings also those. The caller puts the
 * object back. NULL without memory. */
struct json_object *telegram_json(const struct telegram *telegram,
                                  const struct telegram_origin *origin, bool readings);

/* On one line, without the line's end; valid until the object changes. */
const char *telegram_json_text(struct json_object *object);

/* How something was received: what was measured, nothing if nothing was. What is not finite becomes
 * null. */
void json_add_reception(struct json_object *o, const struct reception *rx);
/* A number with so many digits behind the point; null if it is not finite. The key is a literal. */
void json_add_rounded(struct json_object *o, const char *key, double value, int digits);
/* bytes[n] as a string of hex. */
struct json_object *json_hex(const uint8_t *bytes, size_t n);
/* The value of a reading: number, string or NULL. */
struct json_object *json_value(const struct reading *reading);

/* A string of bytes that may be no UTF-8, such as a file name: every byte that is not gets '?'. */
struct json_object *json_from_bytes(const char *bytes);

#endif
