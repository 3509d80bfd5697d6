/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_demod_parts.h"

#include "dsp/math_const.h"

/* Chip k of the training sequence; before it the preamble went on, behind it nobody knows. */
static int chip_around(const struct training *t, int k)
{
    if (k < 0)
        return training_chip(t, (unsigned)(k & 1));
    return training_chip(t, k < (int)t->n ? (unsigned)k : t->n - 1);
}

void fsk_training_tabulate(struct fsk_demod *d, enum fsk_shape shape, double bt)
{
    const struct training *t = &d->config.training;
    const int n = (int)t->n * FSK_FINE;
    double phase = 0;
    float *slopes = d->slope[shape], *phases = d->phase[shape];
    for (int m = 0; m <= n; m++) {
        const int chip = m < n ? m / FSK_FINE : (int)t->n - 1;
        const double u = (double)m / FSK_FINE - chip; /* from the start of the chip */
        double slope = chip_around(t, chip);
        for (int edge = 0; edge <= 1; edge++) { /* the steps on both sides */
            const int before = chip_around(t, chip + edge - 1), after = chip_around(t, chip + edge);
            const double done = cpfsk_step(u - edge, bt);
            slope += (after - before) / 2.0 * (done - (edge ? -1 : 1));
        }
        slopes[m] = (float)slope;
    }
    slopes[n + 1] = slopes[n];
    for (int m = n; m >= 0; m--) {
        phases[m] = (float)phase;
        if (m > 0)
            phase -= ((double)slopes[m - 1] + (double)slopes[m]) / 2 / FSK_FINE;
    }
    phases[n + 1] = phases[n];
    if (shape == FSK_UNSHAPED) { /* the slope jumps: no mean across a chip's edge */
        phase = 0;
        for (int m = n; m > 0; m--)
            phases[m - 1] = (float)(phase -= training_chip(t, (unsigned)((m - 1) / FSK_FINE)) /
                                             (double)FSK_FINE);
    }
}

/* The training sequence laid over the extracted samples. */
struct training_walk {
    const float *phase, *slope;
    size_t sample, end; /* extracted samples */
    float position;     /* of this sample, in chips from the end of the sequence: negative */
    float step;         /* chips a sample */
    float n_chips;
};

static void training_walk_init(struct training_walk *w, const struct fsk_demod *d,
                               const struct fsk_burst *burst)
{
    const double step = (double)d->decimation / burst->chip_samples;
    const double end = (burst->first_chip - d->extract_first) / (double)d->decimation;
    const double start = end - d->config.training.n / step;
    w->phase = d->phase[burst->shape];
    w->slope = d->slope[burst->shape];
    w->sample = start > 0 ? (size_t)ceil(start) : 0;
    w->end = end > 0 ? (size_t)ceil(end) : 0;
    if (w->end > d->n_samples)
        w->end = d->n_samples;
    w->step = (float)step;
    w->position = (float)(((double)w->sample - end) * step);
    w->n_chips = (float)d->config.training.n;
}

/* Slope at this sample, and the phase there, in half turns of the modulation index (a chip). */
static inline float training_at(const struct training_walk *w, float *half_turns)
{
    float x = (w->position + w->n_chips) * FSK_FINE;
    x = x < 0 ? 0 : x > w->n_chips * FSK_FINE ? w->n_chips * FSK_FINE : x;
    const size_t k = (size_t)x;
    *half_turns = w->phase[k] + (x - (float)k) * (w->phase[k + 1] - w->phase[k]);
    return w->slope[k];
}

float fsk_training_line(struct fsk_demod *d, struct fsk_burst *burst, float *cycles)
{
    const struct training *t = &d->config.training;
    float re[2 * TRAINING_MAX_CHIPS] = { 0 }, im[2 * TRAINING_MAX_CHIPS] = { 0 };
    struct training_walk w;
    training_walk_init(&w, d, burst);
    const size_t n = w.end > w.sample ? w.end - w.sample : 0;
    float energy = 0;
    for (; w.sample < w.end; w.sample++, w.position += w.step) {
        float half_turns, c, s;
        training_at(&w, &half_turns);
        fsk_unit_phasor(d, 0.5f * burst->h * half_turns, &c, &s);
        const float i = d->i[w.sample], q = d->q[w.sample];
        const int half_chip = (int)(2 * (w.position + (float)t->n));
        const unsigned slot = half_chip < 0 ? 0 : (unsigned)half_chip;
        if (slot < 2 * t->n) {
            re[slot] += i * c + q * s;
            im[slot] += q * c - i * s;
        }
        energy += i * i + q * q;
    }
    const float line = spectrum_line(d->spectrum, re, im, 2 * t->n, cycles);
    *cycles *= 2;
    burst->power = n ? energy / (float)n : 0.0f;
    return n ? line / sqrtf(energy * (float)n + 1e-9f) : 0.0f;
}

enum { FIT_PARAMS = 5 };

/* Solves a x = b by Gauss elimination; a is symmetric and positive, so no pivoting. */
static void solve(double a[FIT_PARAMS][FIT_PARAMS], double b[FIT_PARAMS])
{
    for (int k = 0; k < FIT_PARAMS; k++) {
        for (int r = k + 1; r < FIT_PARAMS; r++) {
            const double m = a[r][k] / a[k][k];
            for (int c = k; c < FIT_PARAMS; c++)
                a[r][c] -= m * a[k][c];
            b[r] -= m * b[k];
        }
    }
    for (int k = FIT_PARAMS; k-- > 0;) {
        for (int c = k + 1; c < FIT_PARAMS; c++)
            b[k] -= a[k][c] * b[c];
        b[k] /= a[k][k];
    }
}

/* One Gauss-Newton step of phase, carrier (omega, radians a chip), time, clock and index against
 * the training sequence. */
static void fit_training_step(struct fsk_demod *d, struct fsk_burst *burst, double *omega,
                              double h_nominal, double chip_samples_guess)
{
    const struct training *t = &d->config.training;
    struct training_walk w;
    training_walk_init(&w, d, burst);
    const float n = w.end > w.sample ? (float)(w.end - w.sample) : 0;
    float sums[FIT_PARAMS][FIT_PARAMS] = { { 0 } }, gradient[FIT_PARAMS] = { 0 }, re_sum = 0;
    if (n < 2 * (float)t->n)
        return;
    for (; w.sample < w.end; w.sample++, w.position += w.step) {
        float half_turns, c, s;
        const float b = training_at(&w, &half_turns);
        const float phase = burst->phase_rad + (float)*omega * w.position;
        fsk_unit_phasor(d, phase / (float)TWO_PI + 0.5f * burst->h * half_turns, &c, &s);
        const float i = d->i[w.sample], q = d->q[w.sample];
        const float re = i * c + q * s, im = q * c - i * s;
        const float slope = (float)PI * burst->h * b;
        const float grad[FIT_PARAMS] = { 1, w.position, -slope, -slope * w.position,
                                         (float)PI * half_turns };
        for (int r = 0; r < FIT_PARAMS; r++) {
            for (int k = 0; k <= r; k++)
                sums[r][k] += grad[r] * grad[k];
            gradient[r] += grad[r] * im;
        }
        re_sum += re;
    }
    const double amplitude = fmax((double)(re_sum / n), 0.1 * (double)burst->amplitude);
    double a[FIT_PARAMS][FIT_PARAMS], g[FIT_PARAMS];
    for (int r = 0; r < FIT_PARAMS; r++) {
        for (int k = 0; k < FIT_PARAMS; k++)
            a[r][k] = (double)(k <= r ? sums[r][k] : sums[k][r]);
        g[r] = (double)gradient[r] / amplitude;
    }
    /* What is known beforehand, as if it had been measured: index within 0.25, clock within 0.4 %
     * of the gate's figure, against about one unit of noise per sample. */
    const double weight_h = 1 / (0.25 * 0.25), weight_clock = 1 / (0.004 * 0.004);
    a[3][3] += weight_clock;
    g[3] -= weight_clock * (burst->chip_samples / chip_samples_guess - 1);
    a[4][4] += weight_h;
    g[4] -= weight_h * ((double)burst->h - h_nominal);
    solve(a, g);
    burst->amplitude = (float)amplitude;
    burst->phase_rad += (float)g[0];
    *omega += g[1];
    burst->first_chip += fmax(-0.3, fmin(0.3, g[2])) * burst->chip_samples;
    burst->chip_samples *= 1 + fmax(-0.01, fmin(0.01, g[3]));
    burst->h = (float)fmax((double)d->h_min,
                           fmin((double)d->h_max, (double)burst->h + fmax(-0.2, fmin(0.2, g[4]))));
}

void fsk_training_phase(struct fsk_demod *d, struct fsk_burst *burst)
{
    struct training_walk w;
    training_walk_init(&w, d, burst);
    const float n = w.end > w.sample ? (float)(w.end - w.sample) : 0;
    float re = 0, im = 0;
    for (; w.sample < w.end; w.sample++, w.position += w.step) {
        float half_turns, c, s;
        training_at(&w, &half_turns);
        fsk_unit_phasor(d, 0.5f * burst->h * half_turns, &c, &s);
        re += d->i[w.sample] * c + d->q[w.sample] * s;
        im += d->q[w.sample] * c - d->i[w.sample] * s;
    }
    burst->phase_rad = atan2f(im, re);
    burst->amplitude = n > 0 ? hypotf(re, im) / n : 0;
}

/* Fits the training sequence as it is extracted now; returns the match, 0 if the fit ran away. */
static float fit_training(struct fsk_demod *d, struct fsk_burst *burst)
{
    enum { STEPS = 3 };
    const double h = (double)burst->h;
    const double chip_samples_guess = burst->chip_samples;
    const float before = burst->match;
    double omega = 0;
    fsk_training_phase(d, burst);
    for (int step = 0; step < STEPS; step++)
        fit_training_step(d, burst, &omega, h, chip_samples_guess);
    burst->offset_hz += omega / TWO_PI * d->config.sample_rate_sps / burst->chip_samples;
    float cycles;
    burst->match = fsk_training_line(d, burst, &cycles);
    if (burst->match < 0.8f * before)
        burst->match = 0;
    return burst->match;
}

/* From here on the index is near enough. */
static const float good_match = 0.8f;

/* The fit finds the index from so far: T and C use 0.66 to 1.6 in all, and the search does not say
 * which; where it does, it is right within a tenth, or, of a Gaussian shape, which Manchester code
 * never has, a quarter or more too small. Returns the carrier that is left, in cycles a chip. */
static float find_index(struct fsk_demod *d, struct fsk_burst *burst)
{
    static const float unknown[] = { 1.0f, 0.75f, 1.3f, 1.6f };
    static const float known[] = { 1.0f, 0.94f, 1.06f, 1.13f, 1.2f, 1.28f, 1.38f };
    enum { N_UNKNOWN = 4, N_KNOWN = 7, N_UNSHAPED = 3 };
    const float *factors = burst->h > 0 ? known : unknown;
    const size_t n = burst->h <= 0 ? N_UNKNOWN : d->config.manchester ? N_UNSHAPED : N_KNOWN;
    const float guess = burst->h > 0 ? burst->h : fsk_nominal_h(d);
    float best_cycles = 0;
    burst->match = 0;
    for (size_t k = 0; k < n; k++) {
        struct fsk_burst trial = *burst;
        float cycles;
        trial.h = factors[k] * guess;
        trial.match = fsk_training_line(d, &trial, &cycles);
        if (trial.match > burst->match) {
            *burst = trial;
            best_cycles = cycles;
        }
        if (burst->match > good_match)
            break;
    }
    return best_cycles;
}

float fsk_demod_acquire(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst)
{
    static const float fit_reach_cycles = 0.005f; /* of the carrier, a chip */
    const float seen_h = burst->h;
    burst->shape = FSK_UNSHAPED;
    fsk_extract_training(d, span, burst);
    if (burst->h > 0)
        fsk_refine_by_tones(d, burst);
    const float cycles = find_index(d, burst);
    if (burst->match < d->hopeless_match)
        return burst->match;
    if (fabsf(cycles) > fit_reach_cycles) {
        burst->offset_hz += (double)cycles * d->config.sample_rate_sps / burst->chip_samples;
        fsk_extract_training(d, span, burst);
    }
    struct fsk_burst best = { .match = 0 };
    for (int shape = 0; shape < FSK_N_SHAPES; shape++) {
        struct fsk_burst trial = *burst;
        trial.shape = (enum fsk_shape)shape;
        if (shape != FSK_UNSHAPED && seen_h > 0 && !d->config.manchester) {
            trial.h = seen_h; /* of a shaped sequence it is far from what suits an unshaped one */
            find_index(d, &trial);
        }
        if (fit_training(d, &trial) > best.match)
            best = trial;
    }
    *burst = best;
    return burst->match;
}
