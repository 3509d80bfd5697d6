/* SPDX-License-Identifier: MIT */
#include "apps/decoders.h"

#include <stdlib.h>
#include <string.h>

#include "apps/wipe.h"

static struct meter_config rule_for_all(const struct meter_key *key)
{
    return (struct meter_config){ .any_id = true, .keys = { *key }, .n_keys = 1 };
}

bool decoders_init(struct decoders *decoders, const struct meter_config *meters, size_t n,
                   const struct meter_key *common)
{
    *decoders = (struct decoders){ .n_meters = 0 };
    decoders->meters = calloc(n + 2, sizeof *meters); /* the common key, a telegram's own key */
    if (!decoders->meters)
        return false;
    for (size_t i = 0; i < n; i++)
        decoders->meters[decoders->n_meters++] = meters[i];
    if (common)
        decoders->meters[decoders->n_meters++] = rule_for_all(common);
    return true;
}

static bool same_key(const struct meter_key *a, const struct meter_key *b)
{
    return a->n == b->n && !memcmp(a->bytes, b->bytes, a->n);
}

struct decoder *decoders_for(struct decoders *decoders, const struct meter_key *key)
{
    static const struct meter_key none = { .n = 0 };
    if (!key)
        key = &none;
    for (size_t i = 0; i < DECODERS_MAX; i++)
        if (decoders->items[i].decoder && same_key(&decoders->items[i].key, key))
            return decoders->items[i].decoder;
    size_t oldest = decoders->next++ % DECODERS_MAX;
    decoder_close(decoders->items[oldest].decoder);
    struct meter_config *own = &decoders->meters[decoders->n_meters];
    *own = rule_for_all(key);
    decoders->items[oldest].key = *key;
    return decoders->items[oldest].decoder =
               decoder_open(decoders->meters, decoders->n_meters + (key->n > 0));
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
