/* SPDX-License-Identifier: MIT */
#include "decode/driver_choice.h"

#include <string.h>

#include "decode/address.h"
#include "decode/record.h"

static const struct driver *by_name(const struct driver_choice *choice, const char *name)
{
    const struct driver *driver = choice->own ? driver_find(choice->own, name) : NULL;
    return driver ? driver : driver_find(choice->builtin, name);
}

static const struct driver *by_address(const struct driver_choice *choice, const struct telegram *t)
{
    int ci = t->has_ci ? t->ci : -1;
    const struct driver *driver = choice->own ? driver_detect(choice->own, &t->meter, ci) : NULL;
    return driver ? driver : driver_detect(choice->builtin, &t->meter, ci);
}

/* NULL: the configuration names none. */
static const char *configured(const struct meter_list *meters, const struct address *meter)
{
    struct meter_search search = meter_search_init(meters, meter);
    for (const struct meter_config *m; (m = meter_search_next(&search));)
        if (m->driver[0])
            return m->driver;
    return NULL;
}

void driver_choose(const struct driver_choice *choice, const struct meter_list *meters,
                   struct telegram *telegram)
{
    const struct address *meter = &telegram->meter;
    const char *name = configured(meters, meter);
    telegram->driver = name ? by_name(choice, name) : NULL;
    if (!telegram->driver && !(name && !strcmp(name, DRIVER_NONE)))
        telegram->driver = by_address(choice, telegram);
    telegram->kind =
        telegram->driver && !telegram->driver->is_generic ? telegram->driver->name : "unknown";
    telegram->media = telegram->driver && telegram->driver->media ? telegram->driver->media
                                                                  : address_media(meter);
}

static size_t gather_keys(const struct meter_list *meters, const struct address *meter,
                          const struct meter_key *keys[TRANSFORM_MAX_KEYS])
{
    size_t n = 0;
    struct meter_search search = meter_search_init(meters, meter);
    while (n < TRANSFORM_MAX_KEYS && (keys[n] = meter_search_next_key(&search)))
        n++;
    return n;
}

enum decode_status driver_read(struct telegram *telegram, struct crypto *crypto,
                               const struct meter_list *meters, bool has_records, bool is_sealed)
{
    const struct meter_key *keys[TRANSFORM_MAX_KEYS];
    if (!telegram->driver)
        return is_sealed ? DECODE_UNSUPPORTED : has_records ? record_read_all(telegram) : DECODE_OK;
    struct driver_input input = { crypto, keys, 0, has_records, is_sealed };
    if (telegram->driver->n_blocks)
        input.n_keys = gather_keys(meters, &telegram->meter, keys);
    enum decode_status status = driver_run(telegram->driver, &input, telegram);
    return status == DECODE_UNSUPPORTED && !is_sealed ? DECODE_OK : status;
}
