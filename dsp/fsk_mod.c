/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_mod.h"

#include <math.h>

#include "dsp/math_const.h"

/* A Gaussian step is complete to 1e-9 after six sigma; the bursts' ends are cut at four (3e-5). */
static const double edge_reach_sigmas = 6.0;
static const double ramp_sigmas = 4.0;

/* Standard deviation of the frequency pulse's Gaussian, in samples: the filter's 3 dB bandwidth is
 * bt times the chip rate, and a Gaussian of standard deviation s has 3 dB at sqrt(ln 2) / (2 pi s).
 */
static double sigma_samples(const struct fsk_mod_config *c)
{
    if (c->bt <= 0)
        return 0;
    return sqrt(log(2)) / (TWO_PI * c->bt * c->chip_rate_cps) * c->sample_rate_sps;
}

static double ramp_samples(const struct fsk_mod_config *c)
{
    return ceil(ramp_sigmas * sigma_samples(c));
}

/* Time of chip edge k after that of edge 0. The rate is linear in k: 1 + drift * k / n_chips. */
static double edge_samples(const struct fsk_mod_config *c, size_t n_chips, double k)
{
    double chip = c->sample_rate_sps / c->chip_rate_cps;
    double bend = n_chips ? c->chip_rate_drift / (double)n_chips : 0;
    if (fabs(bend) < 1e-15)
        return k * chip;
    return chip * log1p(bend * k) / bend;
}

double fsk_mod_chip_start(const struct fsk_mod_config *config, size_t n_chips, double k)
{
    return ramp_samples(config) + config->delay_samples + edge_samples(config, n_chips, k);
}

size_t fsk_mod_samples(const struct fsk_mod_config *config, size_t n_chips)
{
    double end = fsk_mod_chip_start(config, n_chips, (double)n_chips);
    return (size_t)(ceil(end) + ramp_samples(config));
}

/* Chips -1 and n_chips stand for the carrier around the burst. */
static double level(const uint8_t *chips, size_t n_chips, ptrdiff_t k)
{
    if (k < 0 || k >= (ptrdiff_t)n_chips)
        return 0;
    return chips[k] ? 1 : -1;
}

/* What smoothing adds to the integral of a unit step, t after the step: sigma * (phi(x) - |x| *
 * Phi(-|x|)), x = t / sigma. It is the integral of Phi less that of the step. */
static double smoothing(double t, double sigma)
{
    double x = fabs(t) / sigma;
    double density = exp(-0.5 * x * x) / sqrt(TWO_PI);
    return sigma * (density - x * 0.5 * erfc(x / sqrt(2.0)));
}

/* Walks along the samples: the last chip edge at or before t, and the integral of the unshaped
 * levels up to that edge. */
struct walk {
    const struct fsk_mod_config *config;
    const uint8_t *chips;
    size_t n_chips;
    double origin, sigma; /* of edge 0; of the shaping; in samples */
    ptrdiff_t chip;       /* -1 before the first edge              */
    double edge, next_edge, integral;
};

static double edge_of(const struct walk *w, ptrdiff_t k)
{
    return w->origin + edge_samples(w->config, w->n_chips, (double)k);
}

static void walk_to(struct walk *w, double t)
{
    while (w->chip < (ptrdiff_t)w->n_chips && t >= w->next_edge) {
        w->integral += level(w->chips, w->n_chips, w->chip) * (w->next_edge - w->edge);
        w->chip++;
        w->edge = w->next_edge;
        w->next_edge = edge_of(w, w->chip + 1);
    }
}

static double smoothing_of_edge(const struct walk *w, double t, ptrdiff_t k)
{
    double jump = level(w->chips, w->n_chips, k) - level(w->chips, w->n_chips, k - 1);
    return jump == 0 ? 0 : jump * smoothing(t - edge_of(w, k), w->sigma);
}

static double smoothing_of_edges(const struct walk *w, double t)
{
    double reach = edge_reach_sigmas * w->sigma;
    double sum = 0;
    for (ptrdiff_t k = w->chip; k >= 0 && t - edge_of(w, k) < reach; k--)
        sum += smoothing_of_edge(w, t, k);
    for (ptrdiff_t k = w->chip + 1; k <= (ptrdiff_t)w->n_chips && edge_of(w, k) - t < reach; k++)
        sum += smoothing_of_edge(w, t, k);
    return sum;
}

/* Integral of the frequency in units of the deviation, in samples, up to t. */
static double integral_at(struct walk *w, double t)
{
    walk_to(w, t);
    double unshaped = w->integral + level(w->chips, w->n_chips, w->chip) * (t - w->edge);
    return w->sigma > 0 ? unshaped + smoothing_of_edges(w, t) : unshaped;
}

void fsk_mod(const struct fsk_mod_config *config, const uint8_t *chips, size_t n_chips, float *i,
             float *q)
{
    struct walk w = { .config = config, .chips = chips, .n_chips = n_chips, .chip = -1 };
    w.sigma = sigma_samples(config);
    w.origin = w.next_edge = fsk_mod_chip_start(config, n_chips, 0);
    double carrier = config->carrier_hz / config->sample_rate_sps;
    double deviation = config->deviation_hz / config->sample_rate_sps;
    double start = integral_at(&w, 0);
    size_t n = fsk_mod_samples(config, n_chips);
    for (size_t k = 0; k < n; k++) {
        double turns = carrier * (double)k + deviation * (integral_at(&w, (double)k) - start);
        double phase = config->phase_rad + TWO_PI * (turns - floor(turns));
        i[k] = (float)cos(phase);
        q[k] = (float)sin(phase);
    }
}
