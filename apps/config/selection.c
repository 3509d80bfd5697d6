/* SPDX-License-Identifier: MIT */
#include "apps/config/selection.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/hash.h"
#include "apps/common/number.h"
#include "decode/address.h"
#include "decode/hex.h"

/* One word of a pattern, by its length. */
static bool add_word(struct meter_pattern *p, const char *word, size_t n)
{
    char text[9] = "";
    if (n >= sizeof text)
        return false;
    memcpy(text, word, n);
    switch (n) {
    case 8:
        return !p->has_id && (p->has_id = address_id_parse(text, p->id));
    case 3:
        return !p->has_manufacturer &&
               (p->has_manufacturer = address_manufacturer_parse(text, &p->manufacturer));
    case 2:
        return !p->has_device_type && (p->has_device_type = hex_bytes(text, &p->device_type, 1));
    default:
        return false;
    }
}

bool meter_patterns_add(struct meter_patterns *patterns, const char *text)
{
    struct meter_pattern pattern = { .has_id = false };
    bool any = false;
    for (text += strspn(text, " "); *text; any = true) {
        size_t n = strcspn(text, " ");
        if (!add_word(&pattern, text, n))
            return false;
        text += n;
        text += strspn(text, " ");
    }
    if (!any || patterns->n >= SELECTION_MAX_PATTERNS)
        return false;
    patterns->items[patterns->n++] = pattern;
    return true;
}

bool tell_policy_parse(const char *text, struct tell_policy *policy)
{
    double seconds;
    if (!strcmp(text, "all"))
        policy->when = TELL_ALL;
    else if (!strcmp(text, "changes"))
        policy->when = TELL_CHANGES;
    else if (number_parse(text, strlen(text), &seconds) && seconds >= 1 && seconds <= 1e6 &&
             seconds == (double)(unsigned)seconds)
        *policy = (struct tell_policy){ TELL_AT_MOST, (unsigned)seconds };
    else
        return false;
    return true;
}

static void free_meters(struct selection *s)
{
    meter_list_deinit(&s->meters);
    free(s->policies);
    s->meters = (struct meter_list){ .n = 0 };
    s->policies = NULL;
}

bool selection_set_meters(struct selection *s, const struct meter_config *meters,
                          const struct tell_policy *policies, size_t n)
{
    struct meter_list list;
    struct tell_policy *copy = calloc(n + 1, sizeof *copy);
    if (!meter_list_init(&list, meters, n) || !copy) {
        meter_list_deinit(&list);
        free(copy);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        memset(list.meters[i].keys, 0, sizeof list.meters[i].keys);
        list.meters[i].n_keys = 0;
        copy[i] = policies[i];
    }
    free_meters(s);
    s->meters = list;
    s->policies = copy;
    return true;
}

void selection_deinit(struct selection *s)
{
    free_meters(s);
}

static bool fits_one(const struct meter_patterns *patterns, const struct address *meter)
{
    for (size_t i = 0; i < patterns->n; i++) {
        const struct meter_pattern *p = &patterns->items[i];
        if ((!p->has_id || !memcmp(p->id, meter->id, sizeof p->id)) &&
            (!p->has_manufacturer ||
             p->manufacturer == (meter->manufacturer & MANUFACTURER_MASK)) &&
            (!p->has_device_type || p->device_type == meter->device_type))
            return true;
    }
    return false;
}

bool selection_wants(const struct selection *s, const struct address *meter)
{
    return (s->include.n == 0 || fits_one(&s->include, meter)) && !fits_one(&s->exclude, meter);
}

static struct tell_policy policy_of(const struct selection *s, const struct address *address)
{
    struct meter_search search = meter_search_init(&s->meters, address);
    const struct meter_config *meter;
    while (s->policies && (meter = meter_search_next(&search)))
        if (s->policies[meter - s->meters.meters].when != TELL_AS_DEFAULT)
            return s->policies[meter - s->meters.meters];
    return s->policy;
}

static bool is_clock(const char *name)
{
    static const char ending[] = "_datetime";
    size_t n = strlen(name);
    return n >= sizeof ending - 1 && !strcmp(name + n - (sizeof ending - 1), ending);
}

/* Of everything that is told but for clocks, which always change. */
static uint64_t hash_of(const struct telegram *t)
{
    uint64_t h = hash_text(HASH_START, decode_status_name(t->status));
    for (size_t i = 0; i < t->n_readings; i++) {
        const struct reading *r = &t->readings[i];
        char number[DECIMAL_TEXT_SIZE] = "";
        if (is_clock(r->name))
            continue;
        reading_print(r, number, sizeof number);
        h = hash_text(h, r->name);
        h = hash_text(h, r->kind == READING_TEXT ? r->text : number);
    }
    return h;
}

bool selection_tells(const struct selection *s, const struct telegram *telegram,
                     struct heard_meter *meter)
{
    const struct tell_policy policy = policy_of(s, &telegram->meter);
    const uint64_t hash = policy.when == TELL_CHANGES ? hash_of(telegram) : 0;
    const bool first = !meter->told;
    bool tell = true;
    if (policy.when == TELL_CHANGES)
        tell = first || hash != meter->told_hash;
    else if (policy.when == TELL_AT_MOST)
        tell = first || meter->last_us < meter->told_us || /* a clock that was put back */
               meter->last_us - meter->told_us >= policy.seconds * INT64_C(1000000);
    if (tell) {
        meter->told = true;
        meter->told_us = meter->last_us;
        meter->told_hash = hash;
    }
    return tell;
}
