/* SPDX-License-Identifier: MIT
 * The configured meters: names and keys, found by the address of a telegram. */
#ifndef DECODE_METER_LIST_H
#define DECODE_METER_LIST_H

#include "decode/telegram.h"

enum {
    METER_MAX_KEYS = 8,
    METER_NAME_SIZE = 64,
    METER_DRIVER_SIZE = 32,
};

/* One key: 16 bytes (AES-128) or 8 (DES). */
struct meter_key {
    uint8_t bytes[16];
    size_t n;
};

/* Asked for by this name: no driver, systematic names. */
#define DRIVER_NONE "none"

/* One configured meter, or a rule for many. */
struct meter_config {
    char name[METER_NAME_SIZE];     /* "" = no name                                          */
    char driver[METER_DRIVER_SIZE]; /* kind of meter; "" = by the address         */
    bool any_id;                    /* "*": the fields below choose                          */
    uint8_t id[4];                  /* as on air (little-endian); ignored with any_id        */
    bool has_manufacturer, has_version, has_device_type;
    uint16_t manufacturer; /* compared without bit 15                               */
    uint8_t version, device_type;
    struct meter_key keys[METER_MAX_KEYS];
    size_t n_keys;
};

struct meter_slot {
    uint32_t id;
    const struct meter_config *meter;
};

struct meter_list {
    struct meter_config *meters; /* as configured */
    struct meter_slot *slots;    /* those with a number in front, in its order; then the rules */
    size_t n, n_with_id;
};

/* Copies meters[n], of at most METER_MAX_KEYS keys each. Returns false without memory;
 * meter_list_deinit in any case. */
bool meter_list_init(struct meter_list *list, const struct meter_config *meters, size_t n);
/* Wipes the keys. */
void meter_list_deinit(struct meter_list *list);

/* Walks the configured meters that an address fits, those with its number first, then rules, each
 * in the order of the configuration. */
struct meter_search {
    const struct meter_list *list;
    const struct address *address;
    const struct meter_config *meter; /* the last one found */
    size_t next, next_key;
};
struct meter_search meter_search_init(const struct meter_list *list, const struct address *address);
/* NULL: no more. */
const struct meter_config *meter_search_next(struct meter_search *search);
/* Or key by key; search->meter is whose it is. NULL: no more. */
const struct meter_key *meter_search_next_key(struct meter_search *search);

/* Calls the telegram's meter as it is configured; a meter without a name changes nothing. */
void meter_give_name(const struct meter_config *meter, struct telegram *telegram);

#endif
