/* SPDX-License-Identifier: MIT
 * The meters that were heard: how often each sends, as far as that can be learnt, how well it is
 * heard, and what could not be read. */
#ifndef APPS_TELEGRAMS_HEARD_H
#define APPS_TELEGRAMS_HEARD_H

#include "apps/telegrams/quantity.h"
#include "decode/meter_list.h"
#include "decode/telegram.h"

enum {
    HEARD_MAX = 4096, /* then the one longest not heard makes room */
    HEARD_GAPS = 16,
    HEARD_KIND_SIZE = 40,
};

struct heard_meter {
    struct address address;
    char name[METER_NAME_SIZE], kind[HEARD_KIND_SIZE], media[HEARD_KIND_SIZE];
    const char *mode;
    float snr_db, rssi_dbfs, offset_hz;
    int64_t first_us, last_us;
    uint64_t seen;
    double interval_s; /* 0: not known yet                                               */
    bool encrypted, decrypted;
    uint64_t by_status[DECODE_N_STATUS];
    struct quantity_text reading; /* the main one; "" = none                                 */
    /* its own */
    float gaps_s[HEARD_GAPS];
    size_t n_gaps;
    /* kept here by who tells: what was told last, and of what is wrong */
    bool told, told_silent, told_failing;
    unsigned failed_in_a_row; /* with a key that must be wrong */
    int64_t told_us;
    uint64_t told_hash;
};

struct heard {
    struct heard_meter *meters; /* [HEARD_MAX] */
    size_t n;
};

/* False without memory. */
bool heard_init(struct heard *heard);
void heard_deinit(struct heard *heard);

/* The meters, those heard best first; heard_list_free then. Empty without memory. */
struct heard_list {
    const struct heard_meter **items;
    size_t n;
};
void heard_sort(const struct heard *heard, struct heard_list *list);
void heard_list_free(struct heard_list *list);

/* A telegram with good CRCs, received at t_us; it becomes the meter's last. Returns the meter,
 * valid until the next call. */
struct heard_meter *heard_add(struct heard *heard, const struct telegram *telegram, int64_t t_us);
/* What became of a meter, told once: "silent" when six of its intervals went by, though it was well
 * heard before, "heard_again" after that; "key_failed" when three telegrams in a row failed the
 * checks that a right key passes, "key_right" after that. NULL: nothing new. */
const char *heard_news(struct heard_meter *meter, int64_t now_us);
/* How many telegrams it must have sent from the first to now_us; 0: its interval is not known. */
uint64_t heard_expected(const struct heard_meter *meter, int64_t now_us);

#endif
