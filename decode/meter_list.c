/* SPDX-License-Identifier: MIT */
#include "decode/meter_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "decode/address.h"
#include "decode/crypto.h"

static uint32_t id_number(const uint8_t id[4])
{
    return id[0] | (uint32_t)id[1] << 8 | (uint32_t)id[2] << 16 | (uint32_t)id[3] << 24;
}

/* Rules last; meters with the same number, and rules, as they were configured. */
static int compare_slots(const void *a, const void *b)
{
    const struct meter_slot *x = a, *y = b;
    if (x->meter->any_id != y->meter->any_id)
        return x->meter->any_id ? 1 : -1;
    if (!x->meter->any_id && x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->meter < y->meter ? -1 : x->meter > y->meter;
}

static void sort_meters(struct meter_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        list->slots[i] = (struct meter_slot){ id_number(list->meters[i].id), &list->meters[i] };
        list->n_with_id += !list->meters[i].any_id;
    }
    qsort(list->slots, list->n, sizeof *list->slots, compare_slots);
}

bool meter_list_init(struct meter_list *list, const struct meter_config *meters, size_t n)
{
    *list = (struct meter_list){ 0 };
    list->meters = calloc(n + 1, sizeof *list->meters); /* one more: calloc(0) may be NULL */
    list->slots = calloc(n + 1, sizeof *list->slots);
    if (!list->meters || !list->slots)
        return false;
    for (; list->n < n; list->n++) {
        assert(meters[list->n].n_keys <= METER_MAX_KEYS);
        list->meters[list->n] = meters[list->n];
    }
    sort_meters(list);
    return true;
}

void meter_list_deinit(struct meter_list *list)
{
    if (list->meters)
        crypto_wipe(list->meters, list->n * sizeof *list->meters);
    free(list->meters);
    free(list->slots);
}

struct meter_search meter_search_init(const struct meter_list *list, const struct address *address)
{
    uint32_t id = id_number(address->id);
    size_t low = 0, high = list->n_with_id;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->slots[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct meter_search){ list, address, NULL, low, 0 };
}

static bool fits(const struct meter_config *meter, const struct address *a)
{
    return (!meter->has_manufacturer ||
            ((meter->manufacturer ^ a->manufacturer) & MANUFACTURER_MASK) == 0) &&
           (!meter->has_version || meter->version == a->version) &&
           (!meter->has_device_type || meter->device_type == a->device_type);
}

const struct meter_config *meter_search_next(struct meter_search *search)
{
    const struct meter_list *list = search->list;
    while (search->next < list->n) {
        const struct meter_config *meter = list->slots[search->next++].meter;
        if (!meter->any_id && memcmp(meter->id, search->address->id, sizeof meter->id) != 0)
            search->next = list->n_with_id;
        else if (fits(meter, search->address))
            return search->meter = meter;
    }
    return search->meter = NULL;
}

const struct meter_key *meter_search_next_key(struct meter_search *search)
{
    while (!search->meter || search->next_key == search->meter->n_keys) {
        search->next_key = 0;
        if (!meter_search_next(search))
            return NULL;
    }
    return &search->meter->keys[search->next_key++];
}

void meter_give_name(const struct meter_config *meter, struct telegram *telegram)
{
    if (!meter->name[0])
        return;
    telegram->name = meter->name;
    telegram->name_is_shared = meter->any_id;
}
