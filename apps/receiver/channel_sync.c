/* SPDX-License-Identifier: MIT
 * From a preamble to the place where its sync word ends. */
#include <math.h>
#include <string.h>

#include "apps/receiver/channel_receiver_parts.h"

/* A training sequence that explains less of the signal than this is none: noise reaches 0.3, a
 * burst of 4 dB 0.55; and the data of a burst 0.6 of what its own training sequence would reach. */
static const float min_match = 1.11f, min_of_expected = 0.62f;
/* From here on a burst that fails is worth the search for a better pulse. */
static const float good_of_expected = 0.80f;

/* A carrier that reaches this is the right one: beside it, with the chips changed over, hardly half
 * of them match, measured 0.46. */
static const float sure_match = 0.65f;

/* With the carrier known, the right place is among so many; by tones it may be further down. */
enum { MAX_PLACES_BY_CARRIER = 3 };

/* Samples for a scan. */
static struct iq_span scan_span(const struct channel_receiver *c, const struct fsk_scan *scan)
{
    return channel_span(c, scan->first - (double)fsk_demod_before(&c->demod),
                        scan->first + 2 * (double)scan->n * scan->chip_samples +
                            (double)fsk_demod_after(&c->demod));
}

/* Scans for each carrier that is possible, until one is surely right; returns the best places of
 * the best. */
static size_t scan_preamble(struct channel_receiver *c, const struct preamble *p,
                            struct fsk_burst *best)
{
    size_t n_best = 0;
    channel_turn(c, STAGE_SCAN);
    for (size_t k = 0; k < p->n_scans && (n_best == 0 || best[0].match < sure_match); k++) {
        struct fsk_burst places[MAX_PLACES];
        const struct iq_span span = scan_span(c, &p->scans[k]);
        const size_t most = p->scans[k].by_tones ? MAX_PLACES : MAX_PLACES_BY_CARRIER;
        const size_t n = fsk_demod_scan(&c->demod, &span, &p->scans[k], places, most);
        if (n > 0 && (n_best == 0 || places[0].match > best[0].match)) {
            memcpy(best, places, sizeof places);
            n_best = n;
        }
    }
    return n_best;
}

static bool already_waiting(const struct channel_receiver *c, const struct fsk_burst *burst)
{
    for (size_t k = 0; k < c->n_waiting; k++) {
        const struct fsk_burst *other = &c->waiting[k].burst;
        if (fabs(other->first_chip - burst->first_chip) < 1.5 * burst->chip_samples &&
            channel_of(c, other->offset_hz) == channel_of(c, burst->offset_hz))
            return true;
    }
    return false;
}

/* Share of the signal in the power of a training sequence, the rest being noise. */
static double signal_share(const struct channel_receiver *c, const struct preamble *p,
                           const struct fsk_burst *place)
{
    const double noise = p->noise_density * c->demod.noise_bandwidth_hz;
    return fmax(1 - noise / fmax((double)place->power, 1e-12), 0);
}

/* Is the best place of a scan by tones none? Data look like a preamble now and then; the lead of
 * the right tone is then far below what it must be at that Ec/N0. */
static bool is_hopeless(const struct channel_receiver *c, const struct preamble *p,
                        const struct fsk_burst *place)
{
    static const double of_expected = 0.6, rayleigh = 0.8; /* noise is in the other tone, too */
    const double signal = signal_share(c, p, place);
    const double ecn0 = fmax(
        signal * (double)place->power / fmax(p->noise_density * c->row->chip_rate_cps, 1e-12), 1.0);
    const double expected = sqrt(signal) * (1 - rayleigh / sqrt(ecn0));
    return p->scans[0].by_tones && (double)place->match < of_expected * expected;
}

/* How well a place fits, as a share of what a training sequence in the noise of the preamble would
 * reach; 0 if it is none. */
static float fit_place(struct channel_receiver *c, const struct preamble *p,
                       struct fsk_burst *place)
{
    channel_turn(c, STAGE_FIT);
    const struct iq_span span =
        channel_span(c, place->first_chip - (double)fsk_demod_before(&c->demod),
                     place->first_chip + (double)fsk_demod_after(&c->demod));
    const float match = fsk_demod_acquire(&c->demod, &span, place);
    const double expected = sqrt(signal_share(c, p, place));
    return match > min_match * c->demod.hopeless_match
               ? (float)((double)match / fmax(expected, 0.1))
               : 0.0f;
}

struct fitted_place {
    struct fsk_burst burst;
    float fit;
};

/* The best fit first: that of the whole training sequence tells places apart better than the scan
 * does. */
static void add_place(struct fitted_place *places, size_t *n, const struct fitted_place *place)
{
    size_t at = (*n)++;
    for (; at > 0 && places[at - 1].fit < place->fit; at--)
        places[at] = places[at - 1];
    places[at] = *place;
}

bool channel_find_sync(struct channel_receiver *c, const struct preamble *p, struct waiting *w,
                       bool *known)
{
    static const float good_enough = 0.85f;
    struct fsk_burst seen[MAX_PLACES];
    struct fitted_place places[MAX_PLACES];
    const size_t n_seen = scan_preamble(c, p, seen);
    if (n_seen == 0 || is_hopeless(c, p, &seen[0]))
        return false;
    const float least = good_enough * seen[0].match;
    size_t n = 0;
    for (size_t k = 0; k < n_seen && seen[k].match > least; k++) {
        struct fitted_place place = { .burst = seen[k] };
        place.fit = fit_place(c, p, &place.burst);
        if (place.fit < min_of_expected)
            continue;
        if (already_waiting(c, &place.burst)) {
            *known = true; /* with the other places of its own preamble, which are these */
            return false;
        }
        add_place(places, &n, &place);
    }
    if (n == 0)
        return false;
    w->burst = places[0].burst;
    w->fitted = places[0].fit < good_of_expected;
    for (size_t k = 1; k < n; k++)
        w->others[w->n_others++] = places[k].burst;
    return true;
}
