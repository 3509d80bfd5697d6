/* SPDX-License-Identifier: MIT
 * Decoders by key. A telegram may come with a key of its own, but a decoder's keys are fixed when
 * it is opened: each key that comes gets a decoder, and the last few are kept, with what they
 * learnt. */
#ifndef APPS_DRIVERS_DECODERS_H
#define APPS_DRIVERS_DECODERS_H

#include "apps/common/err.h"
#include "apps/drivers/format_file.h"
#include "decode/decoder.h"

enum { DECODERS_MAX = 32 };

struct decoders {
    /* the configuration, and one more place for the key; with the caller's keys wiped at close */
    struct meter_config *meters;
    size_t n_meters;
    const struct driver_table *drivers;
    struct format_list *formats; /* given to each decoder, gathered when it goes; NULL: none */
    bool with_obis;
    struct {
        struct meter_key key; /* n = 0: none beside the configuration */
        char driver[METER_DRIVER_SIZE];
        struct decoder *decoder;
    } items[DECODERS_MAX];
    size_t next;
};

/* meters[n] are copied; common: a key for every meter, or NULL; drivers: before the built-in ones,
 * or NULL. False without memory. */
bool decoders_init(struct decoders *decoders, const struct meter_config *meters, size_t n,
                   const struct meter_key *common, const struct driver_table *drivers);
/* The decoder that knows the configuration and this key, or NULL for none, and takes every meter
 * for this kind, or "" for what its address says. NULL without memory. */
struct decoder *decoders_for(struct decoders *decoders, const struct meter_key *key,
                             const char *driver);
/* What all decoders learnt, into formats. */
void decoders_gather(struct decoders *decoders);
void decoders_deinit(struct decoders *decoders);

/* False with *err if a meter asks for a driver that is neither in own (or NULL) nor built in;
 * where: the file or the option that says so. */
bool decoders_check_drivers(const struct meter_config *meters, size_t n,
                            const struct driver_table *own, const char *where, struct err *err);

#endif
