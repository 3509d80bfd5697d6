/* SPDX-License-Identifier: MIT
 * Sources that send by themselves: dongles, and servers that have one. What they share is here: a
 * thread that never waits for the receiver, a bounded queue, the comparison with the clock, the
 * choice of a gain, and going on after the device stood still or was unplugged. A kind of device is
 * one file with a row of functions. */
#ifndef APPS_SOURCES_LIVE_H
#define APPS_SOURCES_LIVE_H

#include "apps/sources/source.h"

enum {
    LIVE_BLOCK_BYTES = 16384,    /* handed on at once: 5 ms of an RTL-SDR         */
    LIVE_STALL_MS = 5000,        /* without samples: stalled                      */
    LIVE_START_STALL_MS = 20000, /* before the first: some take ten seconds to start */
    LIVE_MAX_GAINS = 64,
};

/* What a device is asked for, and remembers of itself when it is opened again. */
struct live_settings {
    char address[128]; /* what follows the name of the kind and a colon                           */
    double center_hz, sample_rate_sps;
    double gain_db; /* NAN: found out by trying                                                */
    double ppm;     /* error of its oscillator                                                 */
    bool bias_tee;
    /* told by the device when it is open */
    char serial[64]; /* which it is found by when it is opened again; "" if it has none */
    char name[96];   /* for people */
    enum iq_format format;
    double true_rate_sps;
    size_t n_gains;                  /* which may be tried; 0: no choice                      */
    double gains_db[LIVE_MAX_GAINS]; /* of each; NAN: not known                               */
};

struct live; /* where samples go */

/* All of it is called from one thread of the source's own, but for what says otherwise. */
struct live_device {
    /* Opens and sets it up. Returns NULL with *err. */
    void *(*open)(struct live_settings *settings, struct err *err);
    /* Sets one of the n_gains, in rising order; also while it runs, from another thread. */
    bool (*set_gain)(void *device, size_t index);
    /* Corrects the error of its oscillator anew; as set_gain. NULL: only when it is opened. */
    bool (*set_ppm)(void *device, double ppm);
    /* Hands all that comes to live_deliver, until that returns false, or *err says what went wrong:
     * returns false then. */
    bool (*run)(void *device, struct live *live, struct err *err);
    /* From another thread: run is to return soon, now or when it is called. NULL: it looks at what
     * live_deliver or live_is_over return often enough. */
    void (*cancel)(void *device);
    void (*close)(void *device);
};

/* n_bytes, any number, came now; a sample may be cut. False: enough. Never waits. */
bool live_deliver(struct live *live, const void *bytes, size_t n_bytes);
bool live_is_over(const struct live *live);

/* The functions of a source's row. Open and read wait no longer than until a stop is asked for, and
 * close less than a second, whatever the device's library does. */
bool live_open(struct source *source, const struct source_config *config,
               const struct live_device *device, const char *address, struct err *err);
bool live_read(struct source *source, struct iq_block *block, struct err *err);
void live_close(struct source *source);
bool live_set_ppm(struct source *source, double ppm);
bool live_always(const char *text);
/* What is the same in the rows of all devices. */
#define LIVE_SOURCE                                                                                \
    .may_be_live = live_always, .read = live_read, .close = live_close, .set_ppm = live_set_ppm,   \
    .is_device = true
/* What stands behind KIND: in a source's text, "" behind KIND alone; NULL: another kind. */
const char *live_address(const char *text, const char *kind);

#endif
