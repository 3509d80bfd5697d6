/* SPDX-License-Identifier: MIT
 * Which telegrams are told: of which meters, and how often. */
#ifndef APPS_CONFIG_SELECTION_H
#define APPS_CONFIG_SELECTION_H

#include "apps/common/err.h"
#include "apps/telegrams/heard.h"
#include "decode/meter_list.h"

/* A number, a manufacturer, a type, or several of them: all must be the meter's. */
struct meter_pattern {
    bool has_id, has_manufacturer, has_device_type;
    uint8_t id[4];
    uint16_t manufacturer;
    uint8_t device_type;
};

enum { SELECTION_MAX_PATTERNS = 256 };

struct meter_patterns {
    struct meter_pattern items[SELECTION_MAX_PATTERNS];
    size_t n;
};

/* What a pattern and a policy may be, for messages. */
#define METER_PATTERN_EXPECTED                                                                     \
    "a number of 8 hex digits, a manufacturer of three letters, a type of two hex digits, or "     \
    "several of them such as \"KAM 16\""
#define TELL_POLICY_EXPECTED "all, changes, or a number of seconds from 1 to 1000000"

/* Appends. False if it is none, or there are too many. */
bool meter_patterns_add(struct meter_patterns *patterns, const char *text);

enum tell_when {
    TELL_AS_DEFAULT,
    TELL_ALL,
    TELL_CHANGES, /* of the readings, but for clocks; or of whether it could be read         */
    TELL_AT_MOST, /* once in so many seconds                                                 */
};

struct tell_policy {
    enum tell_when when;
    unsigned seconds; /* of TELL_AT_MOST */
};

/* False if it is none. */
bool tell_policy_parse(const char *text, struct tell_policy *policy);

struct selection {
    struct meter_patterns include, exclude; /* include empty: all             */
    struct tell_policy policy;              /* of who has none of its own     */
    struct meter_list meters;               /* configured, without keys       */
    struct tell_policy *policies;           /* [meters.n] */
};

/* What is not set is empty. Copies meters[n], but for their keys, and their policies[n], in place
 * of those before. False without memory, then nothing has changed. */
bool selection_set_meters(struct selection *selection, const struct meter_config *meters,
                          const struct tell_policy *policies, size_t n);
void selection_deinit(struct selection *selection);

/* Is anything told of this meter? */
bool selection_wants(const struct selection *selection, const struct address *meter);
/* Is this telegram told? It was heard as meter's last, which keeps what was told last. */
bool selection_tells(const struct selection *selection, const struct telegram *telegram,
                     struct heard_meter *meter);

#endif
