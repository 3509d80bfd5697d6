/* SPDX-License-Identifier: MIT
 * The search of one radio channel for preambles: filtered and decimated, seen through a gate; each
 * preamble becomes a list of places where the sync word may end. */
#ifndef APPS_RECEIVER_PREAMBLE_SEARCH_H
#define APPS_RECEIVER_PREAMBLE_SEARCH_H

#include "apps/receiver/sample_ring.h"
#include "apps/receiver/stage.h"
#include "decode/radio_mode.h"
#include "dsp/activity.h"
#include "dsp/fsk_demod.h"
#include "dsp/kernels/kernels.h"

enum { PREAMBLE_MAX_SCANS = 8 };

/* All times in samples of the stream. */
struct preamble {
    struct fsk_scan scans[PREAMBLE_MAX_SCANS]; /* places for each carrier, the likeliest first    */
    size_t n_scans;
    double line_first, line_end; /* the line of the preamble stands at least from, to             */
    double last_place;
    double noise_density; /* noise power a hertz, behind a filter of gain FIR_UNITY             */
};

struct preamble_search_config {
    double sample_rate_sps;
    double center_hz; /* of the channel, from the centre of the recording */
    const struct radio_channel *row;
    const struct stage_watch *watch;
    struct activity
        *activity; /* gets a band, while that is not active the search sleeps; or NULL */
};

struct preamble_search;

/* Does the search of this channel cost so much that it pays to look for activity finely? */
bool preamble_search_is_costly(const struct radio_channel *row);

/* NULL without memory. Plans an FFT: not thread-safe. */
struct preamble_search *preamble_search_open(const struct preamble_search_config *config,
                                             const struct kernels *kernels);
void preamble_search_close(struct preamble_search *search);

/* The stream starts, or goes on after a gap, with this sample. */
void preamble_search_reset(struct preamble_search *search, uint64_t first_sample);

/* A burst is on the air in this channel until this sample: no reason to sleep before. Bursts of
 * fifths of a second that follow each other look to the activity like what is usual. */
void preamble_search_stay_awake(struct preamble_search *search, uint64_t until);

/* Works on the next hop of the ring; false if it is not there yet, or nobody is on the air. */
bool preamble_search_run(struct preamble_search *search, const struct sample_ring *ring);

/* Has nobody been on the air for a while? As far as anybody looks. */
bool preamble_search_sleeps(const struct preamble_search *search);

/* The next preamble found. last: the stream ended, decide on all. False if there is none. */
bool preamble_search_next(struct preamble_search *search, bool last, struct preamble *preamble);

#endif
