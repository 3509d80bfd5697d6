/* SPDX-License-Identifier: MIT */
#include "apps/drivers/decoders.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/wipe.h"

/* driver: shorter than METER_DRIVER_SIZE, or it is cut and names none. */
static struct meter_config rule_for_all(const struct meter_key *key, const char *driver)
{
    struct meter_config rule = { .any_id = true, .keys = { *key }, .n_keys = key->n > 0 };
    strncat(rule.driver, driver, sizeof rule.driver - 1);
    return rule;
}

bool decoders_init(struct decoders *decoders, const struct meter_config *meters, size_t n,
                   const struct meter_key *common, const struct driver_table *drivers)
{
    *decoders = (struct decoders){ .drivers = drivers };
    decoders->meters = calloc(n + 2, sizeof *meters); /* the common key, a telegram's own key */
    if (!decoders->meters)
        return false;
    for (size_t i = 0; i < n; i++)
        decoders->meters[decoders->n_meters++] = meters[i];
    if (common)
        decoders->meters[decoders->n_meters++] = rule_for_all(common, "");
    return true;
}

static bool same_key(const struct meter_key *a, const struct meter_key *b)
{
    return a->n == b->n && !memcmp(a->bytes, b->bytes, a->n);
}

static void gather(struct decoders *decoders, const struct decoder *decoder)
{
    if (decoders->formats && decoder)
        format_list_gather(decoders->formats, decoder);
}

void decoders_gather(struct decoders *decoders)
{
    for (size_t i = 0; i < DECODERS_MAX; i++)
        gather(decoders, decoders->items[i].decoder);
}

static void prepare(const struct decoders *decoders, struct decoder *decoder)
{
    decoder_use_drivers(decoder, decoders->drivers);
    decoder_set_obis(decoder, decoders->with_obis);
    if (decoders->formats)
        format_list_give(decoders->formats, decoder);
}

struct decoder *decoders_for(struct decoders *decoders, const struct meter_key *key,
                             const char *driver)
{
    static const struct meter_key none = { .n = 0 };
    if (!key)
        key = &none;
    for (size_t i = 0; i < DECODERS_MAX; i++)
        if (decoders->items[i].decoder && same_key(&decoders->items[i].key, key) &&
            !strcmp(decoders->items[i].driver, driver))
            return decoders->items[i].decoder;
    size_t oldest = decoders->next++ % DECODERS_MAX;
    gather(decoders, decoders->items[oldest].decoder);
    decoder_close(decoders->items[oldest].decoder);
    struct meter_config *own = &decoders->meters[decoders->n_meters];
    *own = rule_for_all(key, driver);
    decoders->items[oldest].key = *key;
    memcpy(decoders->items[oldest].driver, own->driver, sizeof own->driver);
    struct decoder *decoder =
        decoder_open(decoders->meters, decoders->n_meters + (key->n > 0 || *driver));
    if (decoder)
        prepare(decoders, decoder);
    return decoders->items[oldest].decoder = decoder;
}

void decoders_deinit(struct decoders *decoders)
{
    for (size_t i = 0; i < DECODERS_MAX; i++)
        decoder_close(decoders->items[i].decoder);
    if (decoders->meters)
        wipe(decoders->meters, (decoders->n_meters + 1) * sizeof *decoders->meters);
    free(decoders->meters);
    wipe(decoders->items, sizeof decoders->items);
}

bool decoders_check_drivers(const struct meter_config *meters, size_t n,
                            const struct driver_table *own, const char *where, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = meters[i].driver, *of = meters[i].name;
        if (*name && strcmp(name, DRIVER_NONE) != 0 && !(own && driver_find(own, name)) &&
            !driver_find(&drivers_builtin, name))
            return err_set(err, EXIT_CONFIG, "%.200s: there is no driver %s%s%s", where, name,
                           *of ? ", as is asked for the meter " : "", of);
    }
    return true;
}
