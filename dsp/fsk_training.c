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
struct laid_over {
    size_t first, n;      /* samples                                               */
    float position, step; /* of the first, in chips from the end of the sequence: negative */
};

/* Fills the slope into the row of FSK_FIT_TIME and the phase into that of FSK_FIT_INDEX, of which a
 * fit makes gradients. */
static struct laid_over lay_over(struct fsk_demod *d, const struct fsk_burst *burst)
{
    const unsigned n_chips = d->config.training.n;
    const double step = (double)d->decimation / burst->chip_samples;
    const double end = (burst->first_chip - d->extract_first) / (double)d->decimation;
    const double start = end - n_chips / step;
    const size_t first = start > 0 ? (size_t)ceil(start) : 0;
    size_t last = end > 0 ? (size_t)ceil(end) : 0;
    last = last < d->n_samples ? last : d->n_samples;
    last = last < first + FSK_MAX_TRAINING ? last : first + FSK_MAX_TRAINING;
    const struct laid_over over = {
        .first = first,
        .n = last > first ? last - first : 0,
        .position = (float)(((double)first - end) * step),
        .step = (float)step,
    };
    const struct training_walk walk = {
        .phase = d->phase[burst->shape],
        .slope = d->slope[burst->shape],
        .first = FSK_FINE * (over.position + (float)n_chips),
        .step = FSK_FINE * over.step,
    };
    d->kernels->training_rows(d->rows.gradient[FSK_FIT_INDEX], d->rows.gradient[FSK_FIT_TIME],
                              &walk, over.n);
    return over;
}

/* Takes the sequence off the samples it is laid over, and a carrier of that phase at its end and
 * omega radians a chip. */
static void take_off(struct fsk_demod *d, const struct fsk_burst *burst,
                     const struct laid_over *over, double phase_rad, double omega)
{
    struct fsk_training_rows *rows = &d->rows;
    const struct training_turn turn = {
        .h_half = 0.5f * burst->h,
        .first = (float)((phase_rad + omega * (double)over->position) / TWO_PI),
        .step = (float)(omega / TWO_PI) * over->step,
    };
    d->kernels->training_turn_off(rows->re, rows->im, d->i + over->first, d->q + over->first,
                                  rows->gradient[FSK_FIT_INDEX], &turn, over->n);
}

/* Sums of half chips of the sequence. */
static void sum_half_chips(const struct fsk_demod *d, const struct laid_over *over,
                           float re[2 * TRAINING_MAX_CHIPS], float im[2 * TRAINING_MAX_CHIPS])
{
    const unsigned n_chips = d->config.training.n;
    const float half_chip = 0.5f / over->step; /* samples */
    const float start = -half_chip * 2 * (over->position + (float)n_chips);
    const float *row_re = d->rows.re, *row_im = d->rows.im;
    int k = 0;
    for (unsigned half = 0; half < 2 * n_chips; half++) {
        const float end = start + (float)(half + 1) * half_chip;
        const int behind = end > 0 ? (int)end + 1 : 0;
        const int to = behind < (int)over->n ? behind : (int)over->n;
        float sum_re = 0, sum_im = 0;
        for (; k < to; k++) {
            sum_re += row_re[k];
            sum_im += row_im[k];
        }
        re[half] = sum_re;
        im[half] = sum_im;
    }
}

float fsk_training_line(struct fsk_demod *d, struct fsk_burst *burst, float *cycles)
{
    float re[2 * TRAINING_MAX_CHIPS], im[2 * TRAINING_MAX_CHIPS];
    const struct laid_over over = lay_over(d, burst);
    const float *i = d->i + over.first, *q = d->q + over.first;
    const float energy = d->kernels->dot(i, i, over.n) + d->kernels->dot(q, q, over.n);
    const float n = (float)over.n;
    take_off(d, burst, &over, 0, 0);
    sum_half_chips(d, &over, re, im);
    const float line = spectrum_line(d->spectrum, re, im, 2 * d->config.training.n, cycles);
    *cycles *= 2;
    burst->power = over.n ? energy / n : 0.0f;
    return over.n ? line / sqrtf(energy * n + 1e-9f) : 0.0f;
}

/* Solves a x = b by Gauss elimination; a is symmetric and positive, so no pivoting. */
static void solve(double a[FSK_FIT_PARAMS][FSK_FIT_PARAMS], double b[FSK_FIT_PARAMS])
{
    for (int k = 0; k < FSK_FIT_PARAMS; k++) {
        for (int r = k + 1; r < FSK_FIT_PARAMS; r++) {
            const double m = a[r][k] / a[k][k];
            for (int c = k; c < FSK_FIT_PARAMS; c++)
                a[r][c] -= m * a[k][c];
            b[r] -= m * b[k];
        }
    }
    for (int k = FSK_FIT_PARAMS; k-- > 0;) {
        for (int c = k + 1; c < FSK_FIT_PARAMS; c++)
            b[k] -= a[k][c] * b[c];
        b[k] /= a[k][k];
    }
}

/* Fills the other rows of the gradient. */
static void fill_gradient(struct fsk_demod *d, const struct laid_over *over, float h)
{
    float *phase = d->rows.gradient[FSK_FIT_PHASE], *carrier = d->rows.gradient[FSK_FIT_CARRIER];
    float *time = d->rows.gradient[FSK_FIT_TIME], *clock = d->rows.gradient[FSK_FIT_CLOCK];
    float *index = d->rows.gradient[FSK_FIT_INDEX];
    for (int k = 0; k < (int)over->n; k++) {
        phase[k] = 1;
        carrier[k] = over->position + over->step * (float)k;
        time[k] *= -(float)PI * h;
        clock[k] = time[k] * carrier[k];
        index[k] *= (float)PI;
    }
}

/* One Gauss-Newton step of phase, carrier (omega, radians a chip), time, clock and index against
 * the training sequence. */
static void fit_training_step(struct fsk_demod *d, struct fsk_burst *burst, double *omega,
                              double h_nominal, double chip_samples_guess)
{
    const struct laid_over over = lay_over(d, burst);
    const struct fsk_training_rows *rows = &d->rows;
    double a[FSK_FIT_PARAMS][FSK_FIT_PARAMS], g[FSK_FIT_PARAMS];
    if (over.n < 2 * (size_t)d->config.training.n)
        return;
    take_off(d, burst, &over, (double)burst->phase_rad, *omega);
    fill_gradient(d, &over, burst->h);
    const double sum = (double)d->kernels->dot(rows->gradient[FSK_FIT_PHASE], rows->re, over.n);
    const double amplitude = fmax(sum / (double)over.n, 0.1 * (double)burst->amplitude);
    for (int r = 0; r < FSK_FIT_PARAMS; r++) {
        for (int k = 0; k <= r; k++)
            a[r][k] = a[k][r] =
                (double)d->kernels->dot(rows->gradient[r], rows->gradient[k], over.n);
        g[r] = (double)d->kernels->dot(rows->gradient[r], rows->im, over.n) / amplitude;
    }
    /* What is known beforehand, as if it had been measured: index within 0.25, clock within 0.4 %
     * of the gate's figure, against about one unit of noise per sample. */
    const double weight_h = 1 / (0.25 * 0.25), weight_clock = 1 / (0.004 * 0.004);
    a[FSK_FIT_CLOCK][FSK_FIT_CLOCK] += weight_clock;
    g[FSK_FIT_CLOCK] -= weight_clock * (burst->chip_samples / chip_samples_guess - 1);
    a[FSK_FIT_INDEX][FSK_FIT_INDEX] += weight_h;
    g[FSK_FIT_INDEX] -= weight_h * ((double)burst->h - h_nominal);
    solve(a, g);
    burst->amplitude = (float)amplitude;
    burst->phase_rad += (float)g[FSK_FIT_PHASE];
    *omega += g[FSK_FIT_CARRIER];
    burst->first_chip += fmax(-0.3, fmin(0.3, g[FSK_FIT_TIME])) * burst->chip_samples;
    burst->chip_samples *= 1 + fmax(-0.01, fmin(0.01, g[FSK_FIT_CLOCK]));
    burst->h = (float)fmax(
        (double)d->h_min,
        fmin((double)d->h_max, (double)burst->h + fmax(-0.2, fmin(0.2, g[FSK_FIT_INDEX]))));
}

void fsk_training_phase(struct fsk_demod *d, struct fsk_burst *burst)
{
    const struct laid_over over = lay_over(d, burst);
    float re = 0, im = 0;
    take_off(d, burst, &over, 0, 0);
    for (size_t k = 0; k < over.n; k++) {
        re += d->rows.re[k];
        im += d->rows.im[k];
    }
    burst->phase_rad = atan2f(im, re);
    burst->amplitude = over.n ? sqrtf(re * re + im * im) / (float)over.n : 0;
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
 * which; where it does, it is right within a sixth, or, of a Gaussian shape, which Manchester code
 * never has, a quarter or more too small. A strong burst suits a shaped sequence of the wrong index
 * well, too, so all are tried. Returns the carrier that is left, in cycles a chip. */
static float find_index(struct fsk_demod *d, struct fsk_burst *burst)
{
    static const float unknown[] = { 1.0f, 0.75f, 1.3f, 1.6f };
    static const float known[] = { 1.0f, 0.94f, 1.06f, 1.13f, 1.2f, 1.28f, 1.38f };
    enum { N_UNKNOWN = 4, N_KNOWN = 7, N_MANCHESTER = 5 };
    const float *factors = burst->h > 0 ? known : unknown;
    const size_t n = burst->h <= 0 ? N_UNKNOWN : d->config.manchester ? N_MANCHESTER : N_KNOWN;
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
        if (burst->match > good_match && burst->shape == FSK_UNSHAPED)
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
        if (shape != FSK_UNSHAPED && !d->config.manchester) {
            trial.h = seen_h; /* of a shaped sequence it is far from what suits an unshaped one */
            find_index(d, &trial);
        }
        if (fit_training(d, &trial) > best.match)
            best = trial;
    }
    *burst = best;
    return burst->match;
}
