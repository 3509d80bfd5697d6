/* SPDX-License-Identifier: MIT
 * What preamble_search is made of: the channel's samples, hop by hop, and one of three gates. A
 * kind of gate is a file of its own and a row of the table in preamble_search.c. */
#ifndef APPS_RECEIVER_PREAMBLE_SEARCH_PARTS_H
#define APPS_RECEIVER_PREAMBLE_SEARCH_PARTS_H

#include "apps/receiver/preamble_search.h"
#include "dsp/burst_gate.h"
#include "dsp/channel.h"
#include "dsp/sync_gate.h"
#include "dsp/tone_gate.h"

struct preamble_gate {
    /* Is it the right one for this channel? The first that says so is taken. */
    bool (*suits)(const struct radio_channel *row);
    /* Sets group and history as well. False without memory. */
    bool (*init)(struct preamble_search *search, const struct kernels *kernels);
    void (*deinit)(struct preamble_search *search);
    /* The stream starts, or goes on after a gap, with this hop; or the search wakes up. */
    void (*reset)(struct preamble_search *search, uint64_t first_hop, bool wakes);
    /* One group; i[], q[] are readable from -history on. */
    void (*push)(struct preamble_search *search, const float *i, const float *q);
    /* Fills all of the next preamble; false if there is none. */
    bool (*next)(struct preamble_search *search, bool last, struct preamble *preamble);
    size_t first_groups; /* that tell the noise, when the search wakes up */
    bool costly;         /* so that it has to sleep as long as it can: by a fine look at activity */
};

extern const struct preamble_gate preamble_by_line, preamble_by_tones, preamble_by_sync;

struct preamble_search {
    struct preamble_search_config config;
    struct channel channel;
    const struct preamble_gate *gate;
    union {
        struct burst_gate line;
        struct tone_gate tones;
        struct sync_gate sync;
    } by;
    size_t group, history; /* samples of the channel taken at once, and those before them */
    size_t hop;            /* input samples taken at once */
    uint64_t next_sample;  /* of the stream: start of the next hop */
    float *hop_i, *hop_q;  /* one hop, with the gate's history in front */
    int16_t *hop_iq;
    size_t band; /* of the activity */
    bool asleep;
    uint64_t heard_until; /* the last burst, as far as is known                         */
    uint64_t slept_at;    /* end of what was on the air, when it fell asleep            */
    size_t lead, tail;    /* input samples that are looked at before activity, and behind */
};

/* Power of a sample of the channel that is next to none: a 500th of a step of 8 bits. */
static const double preamble_silence = 1e6;

/* Sample of the stream that channel sample n is the centre of. */
double preamble_stream_sample(const struct preamble_search *search, double n);
/* Frequencies that are searched, from the channel's centre, as far as the recording has them. */
double preamble_low_hz(const struct preamble_search_config *config);
double preamble_high_hz(const struct preamble_search_config *config);

/* Adds the places where the training sequence may end, between two samples of the channel: an even
 * number of chips behind the end of a chip 1. The rest is that of *scan. */
void preamble_add_scan(const struct preamble_search *search, struct preamble *preamble, double from,
                       double to, double end_of_one, double chip_rate_cps,
                       const struct fsk_scan *scan);

#endif
