/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_demod.h"

#include <math.h>
#include <string.h>

#include "dsp/math_const.h"

/* Half width of a burst at its own carrier: deviation 80 kHz and a chip rate, of 100 kcps. */
static const double pass_chip_rates = 1.6, stop_chip_rates = 3.0;

static const float shape_bt[FSK_N_SHAPES] = { [FSK_UNSHAPED] = 0.0f, [FSK_GAUSSIAN] = 0.5f };

/* Chip k of the training sequence; before it the preamble went on, behind it nobody knows. */
static int chip_around(const struct training *t, int k)
{
    if (k < 0)
        return training_chip(t, (unsigned)(k & 1));
    return training_chip(t, k < (int)t->n ? (unsigned)k : t->n - 1);
}

static void tabulate_training(struct fsk_demod *d, enum fsk_shape shape)
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
            const double done = cpfsk_step(u - edge, (double)shape_bt[shape]);
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

bool fsk_demod_init(struct fsk_demod *d, const struct fsk_demod_config *config,
                    const struct kernels *kernels)
{
    memset(d, 0, sizeof *d);
    d->config = *config;
    d->kernels = kernels;
    d->spectrum = spectrum_open();
    const double decimation = floor(config->sample_rate_sps / (7.8 * config->chip_rate_cps));
    d->decimation = decimation < 1 ? 1 : (size_t)decimation;
    d->rate_sps = config->sample_rate_sps / (double)d->decimation;
    fir_design_lowpass(&d->lowpass, config->sample_rate_sps,
                       pass_chip_rates * config->chip_rate_cps,
                       stop_chip_rates * config->chip_rate_cps, 45);
    double sum_squares = 0;
    for (size_t k = 0; k < d->lowpass.n_taps; k++)
        sum_squares += (double)(d->lowpass.taps[k] * d->lowpass.taps[k]);
    d->noise_bandwidth_hz = config->sample_rate_sps * sum_squares;
    for (int k = 0; k < FSK_TURN + FSK_TURN / 4; k++)
        d->cosine[k] = (float)cos(TWO_PI * k / FSK_TURN);
    for (int shape = 0; shape < FSK_N_SHAPES; shape++) {
        tabulate_training(d, (enum fsk_shape)shape);
        cpfsk_shape_init(&d->shapes[shape], (double)shape_bt[shape]);
    }
    return d->spectrum != NULL;
}

void fsk_demod_deinit(struct fsk_demod *d)
{
    spectrum_close(d->spectrum);
}

/* Filter and interpolation reach beyond the chips. */
static size_t margin(const struct fsk_demod *d)
{
    return d->lowpass.n_taps + 8 * d->decimation;
}

static double nominal_chip_samples(const struct fsk_demod *d)
{
    return d->config.sample_rate_sps / d->config.chip_rate_cps;
}

size_t fsk_demod_before(const struct fsk_demod *d)
{
    return (size_t)((d->config.training.n + 2) * 1.12 * nominal_chip_samples(d)) + margin(d);
}

size_t fsk_demod_after(const struct fsk_demod *d)
{
    return (size_t)(2 * nominal_chip_samples(d)) + margin(d);
}

/* Takes samples first ... last of the stream out of span, shifted by -offset_hz (and the channel)
 * and decimated. What lies outside of span is left out. */
static void extract(struct fsk_demod *d, const struct iq_span *span, double first, double last,
                    double offset_hz)
{
    const size_t n_taps = d->lowpass.n_taps;
    const double half = (double)(n_taps - 1) / 2;
    double start = floor(first - half);
    if (start < (double)span->first_sample)
        start = (double)span->first_sample;
    const size_t skip = (size_t)(start - (double)span->first_sample);
    d->n_samples = 0;
    d->extract_first = start + half;
    d->extract_hz = d->config.channel_hz + offset_hz;
    if (skip + n_taps > span->n || last < d->extract_first)
        return;
    size_t n = (size_t)((last - d->extract_first) / (double)d->decimation) + 1;
    const size_t n_there = (span->n - skip - n_taps) / d->decimation + 1;
    n = n < n_there ? n : n_there;
    n = n < FSK_MAX_SAMPLES ? n : FSK_MAX_SAMPLES;
    struct fir_bandpass fir;
    fir_shift(&fir, &d->lowpass, d->config.sample_rate_sps, d->extract_hz);
    d->kernels->decimate(d->i, d->q, span->iq + 2 * skip, fir.taps_re, fir.taps_im, n_taps,
                         d->decimation, n);
    const double turn = -TWO_PI * fmod(d->extract_hz / d->rate_sps, 1.0);
    const float cr = (float)cos(turn), ci = (float)sin(turn);
    float re = 1, im = 0;
    for (size_t k = 0; k < n; k++) {
        const float i = d->i[k], q = d->q[k], r = re;
        d->i[k] = i * re - q * im;
        d->q[k] = q * re + i * im;
        re = r * cr - im * ci;
        im = r * ci + im * cr;
        if (k % 64 == 63) { /* the exact phase again */
            const double phase = fmod(turn * (double)(k + 1), TWO_PI);
            re = (float)cos(phase);
            im = (float)sin(phase);
        }
    }
    d->n_samples = n;
}

static void unit_phasor(const struct fsk_demod *d, float turns, float *cosine, float *sine)
{
    const unsigned k = (unsigned)(int)lrintf(turns * FSK_TURN) % FSK_TURN;
    *cosine = d->cosine[k];
    *sine = d->cosine[k + 3 * FSK_TURN / 4 - (k >= FSK_TURN / 2 ? FSK_TURN : 0)];
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

/* The line that is left when the training sequence is taken off, for a guess of its end: returns
 * the match, 1 = no noise at all, and the line's frequency in cycles a chip. */
static float training_line(struct fsk_demod *d, struct fsk_burst *burst, float *cycles)
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
        unit_phasor(d, 0.5f * burst->h * half_turns, &c, &s);
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

/* White noise reaches 0.25, noise on the air 0.35, a burst of 4 dB 0.5. */
static const float hopeless = 0.36f;

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
        unit_phasor(d, phase / (float)TWO_PI + 0.5f * burst->h * half_turns, &c, &s);
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
    burst->h = (float)fmax(0.5, fmin(2.0, (double)burst->h + fmax(-0.2, fmin(0.2, g[4]))));
}

/* Phase and amplitude of the training sequence as a whole. */
static void find_phase(struct fsk_demod *d, struct fsk_burst *burst)
{
    struct training_walk w;
    training_walk_init(&w, d, burst);
    const float n = w.end > w.sample ? (float)(w.end - w.sample) : 0;
    float re = 0, im = 0;
    for (; w.sample < w.end; w.sample++, w.position += w.step) {
        float half_turns, c, s;
        training_at(&w, &half_turns);
        unit_phasor(d, 0.5f * burst->h * half_turns, &c, &s);
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
    const double h = 2 * d->config.deviation_hz / d->config.chip_rate_cps;
    const double chip_samples_guess = burst->chip_samples;
    const float before = burst->match;
    double omega = 0;
    find_phase(d, burst);
    for (int step = 0; step < STEPS; step++)
        fit_training_step(d, burst, &omega, h, chip_samples_guess);
    burst->offset_hz += omega / TWO_PI * d->config.sample_rate_sps / burst->chip_samples;
    float cycles;
    burst->match = training_line(d, burst, &cycles);
    if (burst->match < 0.8f * before)
        burst->match = 0;
    return burst->match;
}

static void extract_training(struct fsk_demod *d, const struct iq_span *span,
                             const struct fsk_burst *burst)
{
    const double length = d->config.training.n * burst->chip_samples;
    extract(d, span, burst->first_chip - length - nominal_chip_samples(d),
            burst->first_chip + nominal_chip_samples(d), burst->offset_hz);
}

static float nominal_h(const struct fsk_demod *d)
{
    return (float)(2 * d->config.deviation_hz / d->config.chip_rate_cps);
}

/* Correlation of chip boundary at + one chip with both tones, the carrier taken off: tone[0] lower,
 * tone[1] upper; phases from the start of the chip. Returns its energy. */
static float correlate_chip(const struct fsk_demod *d, double at, double chip_samples, float h,
                            float re[2], float im[2])
{
    const double step = (double)d->decimation, start = (at - d->extract_first) / step;
    const double length = chip_samples / step;
    const size_t from = start > 0 ? (size_t)ceil(start) : 0;
    size_t to = start + length > 0 ? (size_t)ceil(start + length) : 0;
    to = to < d->n_samples ? to : d->n_samples;
    float energy = 0;
    re[0] = re[1] = im[0] = im[1] = 0;
    for (size_t n = from; n < to; n++) {
        float c, s;
        unit_phasor(d, 0.5f * h * (float)(((double)n - start) / length), &c, &s);
        const float i = d->i[n], q = d->q[n];
        re[1] += i * c + q * s;
        im[1] += q * c - i * s;
        re[0] += i * c - q * s;
        im[0] += q * c + i * s;
        energy += i * i + q * q;
    }
    return energy;
}

/* Chips of a scan, correlated one by one. */
enum { SCAN_MAX_CHIPS = 2 * FSK_MAX_PLACES + TRAINING_MAX_CHIPS };

struct scan_chips {
    float re[SCAN_MAX_CHIPS][2], im[SCAN_MAX_CHIPS][2]; /* lower, upper tone */
    float energy[SCAN_MAX_CHIPS];
};

/* Correlates the chips of all places, the carrier's frequency taken off. */
static void correlate_scan(const struct fsk_demod *d, const struct fsk_scan *scan, double start,
                           size_t n_chips, float cycles, struct scan_chips *chips)
{
    for (size_t k = 0; k < n_chips; k++) {
        float re[2], im[2], c, s;
        chips->energy[k] = correlate_chip(d, start + (double)k * scan->chip_samples,
                                          scan->chip_samples, nominal_h(d), re, im);
        unit_phasor(d, fmodf(cycles * (float)k, 1.0f), &c, &s);
        for (int tone = 0; tone < 2; tone++) {
            chips->re[k][tone] = re[tone] * c + im[tone] * s;
            chips->im[k][tone] = im[tone] * c - re[tone] * s;
        }
    }
}

/* Match of the training sequence that starts with chip first. Its head is preamble and found as a
 * whole. Its tail tells one place from the next: chip by chip, without phase, because at an index
 * near 1 the phase behind two chips is the same whichever they were, and because a meter that
 * overshoots in the preamble has another deviation in the tail. */
static float match_place(const struct fsk_demod *d, const struct scan_chips *chips, size_t first,
                         float most_energy)
{
    enum { TAIL = 16 };
    const struct training *t = &d->config.training;
    const float h = nominal_h(d);
    float re = 0, im = 0, tail = 0;
    int balance = 0;
    for (unsigned k = 0; k < t->n; k++) {
        const float *zr = chips->re[first + k], *zi = chips->im[first + k];
        const int b = training_chip(t, k), tone = b > 0;
        if (k + TAIL >= t->n) {
            tail += hypotf(zr[tone], zi[tone]) - hypotf(zr[!tone], zi[!tone]);
            continue;
        }
        float c, s;
        unit_phasor(d, 0.5f * h * (float)balance, &c, &s);
        re += zr[tone] * c + zi[tone] * s;
        im += zi[tone] * c - zr[tone] * s;
        balance += b;
    }
    const float n = (float)t->n * (float)(d->rate_sps / d->config.chip_rate_cps);
    return (hypotf(re, im) + tail) / sqrtf(most_energy * n + 1e-9f);
}

/* Keeps the n_max best, best first. */
static size_t keep_best(struct fsk_burst *bursts, size_t n, size_t n_max, const struct fsk_burst *b)
{
    if (n == n_max && bursts[n - 1].match >= b->match)
        return n;
    size_t at = n < n_max ? n++ : n - 1;
    for (; at > 0 && bursts[at - 1].match < b->match; at--)
        bursts[at] = bursts[at - 1];
    bursts[at] = *b;
    return n;
}

size_t fsk_demod_scan(struct fsk_demod *d, const struct iq_span *span, const struct fsk_scan *scan,
                      struct fsk_burst *bursts, size_t n_best)
{
    const size_t n_training = d->config.training.n;
    const size_t n_places = scan->n < FSK_MAX_PLACES ? scan->n : FSK_MAX_PLACES;
    const size_t n_chips = 2 * (n_places - 1) + n_training;
    const double start = scan->first - (double)n_training * scan->chip_samples;
    struct scan_chips chips;
    /* The preamble alone tells the carrier: the first places lie in it. */
    struct fsk_burst burst = { .shape = FSK_UNSHAPED,
                               .h = nominal_h(d),
                               .first_chip = scan->first,
                               .chip_samples = scan->chip_samples,
                               .offset_hz = scan->offset_hz };
    float cycles = 0;
    extract_training(d, span, &burst);
    if (n_places == 0 || training_line(d, &burst, &cycles) < hopeless)
        return 0;
    extract(d, span, start - scan->chip_samples, start + (double)n_chips * scan->chip_samples,
            scan->offset_hz);
    correlate_scan(d, scan, start, n_chips, cycles, &chips);
    burst.offset_hz += (double)cycles * d->config.sample_rate_sps / scan->chip_samples;
    float energy = 0, most_energy = 0;
    for (size_t k = 0; k < n_chips; k++) {
        energy += chips.energy[k] - (k >= n_training ? chips.energy[k - n_training] : 0);
        most_energy = fmaxf(most_energy, energy);
    }
    size_t n = 0;
    for (size_t place = 0; place < n_places; place++) {
        burst.first_chip = scan->first + 2 * (double)place * scan->chip_samples;
        burst.match = match_place(d, &chips, 2 * place, most_energy);
        n = keep_best(bursts, n, n_best, &burst);
    }
    return n;
}

/* From here on the index is near enough. */
static const float good_match = 0.8f;

/* The fit finds the index from so far; meters use 0.66 to 1.6 in all. */
static void find_index(struct fsk_demod *d, struct fsk_burst *burst)
{
    static const float factors[] = { 1.0f, 0.75f, 1.3f, 1.6f };
    const float nominal = burst->h;
    burst->match = 0;
    for (size_t k = 0; k < sizeof factors / sizeof factors[0]; k++) {
        struct fsk_burst trial = *burst;
        float cycles;
        trial.h = factors[k] * nominal;
        trial.match = training_line(d, &trial, &cycles);
        if (trial.match > burst->match)
            *burst = trial;
        if (burst->match > good_match)
            break;
    }
}

float fsk_demod_acquire(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst)
{
    burst->shape = FSK_UNSHAPED;
    burst->h = nominal_h(d);
    extract_training(d, span, burst);
    find_index(d, burst);
    if (burst->match < hopeless)
        return burst->match;
    struct fsk_burst best = { .match = 0 };
    for (int shape = 0; shape < FSK_N_SHAPES; shape++) {
        struct fsk_burst trial = *burst;
        trial.shape = (enum fsk_shape)shape;
        if (fit_training(d, &trial) > best.match)
            best = trial;
    }
    *burst = best;
    return burst->match;
}

/* The CPFSK_SUB samples of the segment whose chip boundary lies at time at; false behind the end.
 */
static bool interpolate(const struct fsk_demod *d, double at, double chip_samples,
                        float i[CPFSK_SUB], float q[CPFSK_SUB])
{
    const double step = (double)d->decimation;
    double x = (at - 0.5 * chip_samples + 0.5 / CPFSK_SUB * chip_samples - d->extract_first) / step;
    const double dx = chip_samples / (CPFSK_SUB * step);
    if (x < 1 || x + CPFSK_SUB * dx + 2 >= (double)d->n_samples)
        return false;
    for (int n = 0; n < CPFSK_SUB; n++, x += dx) {
        const size_t k = (size_t)x;
        const float u = (float)(x - (double)k);
        /* Cubic through four samples (Lagrange). */
        const float w0 = -u * (u - 1) * (u - 2) / 6, w1 = (u + 1) * (u - 1) * (u - 2) / 2;
        const float w2 = -(u + 1) * u * (u - 2) / 2, w3 = (u + 1) * u * (u - 1) / 6;
        i[n] = w0 * d->i[k - 1] + w1 * d->i[k] + w2 * d->i[k + 1] + w3 * d->i[k + 2];
        q[n] = w0 * d->q[k - 1] + w1 * d->q[k] + w2 * d->q[k + 1] + w3 * d->q[k + 2];
    }
    return true;
}

/* Clock loop: every so many chips, by these shares of the error. */
enum { CLOCK_CHIPS = 8 };
static const double clock_gain = 0.25, clock_rate_gain = 0.03;

/* Forward pass; returns the number of chips that the samples hold. The mean power of the
 * interpolated samples goes to *power, the mean chip length to *chip_samples. */
static size_t follow(struct fsk_demod *d, const struct fsk_burst *burst,
                     const struct cpfsk_pulse *pulse, size_t n_chips, double *power,
                     double *chip_samples)
{
    const int last_chip = (int)(d->config.training.chips & 1);
    const double start = burst->first_chip;
    double at = start, length = burst->chip_samples;
    /* The burst was extracted at offset_hz exactly, with phase zero at extract_first; phase_rad was
     * measured at a slightly different carrier. */
    cpfsk_forward_init(&d->forward, d->kernels, pulse, burst->phase_rad, 0, last_chip,
                       CPFSK_SUB * burst->amplitude);
    size_t k = 0;
    double energy = 0;
    for (; k < n_chips; k++) {
        float i[CPFSK_SUB], q[CPFSK_SUB];
        if (!interpolate(d, at, length, i, q))
            break;
        for (int n = 0; n < CPFSK_SUB; n++)
            energy += (double)(i[n] * i[n] + q[n] * q[n]);
        d->kernels->cpfsk_correlate(&d->segments[k], pulse, i, q);
        cpfsk_forward_push(&d->forward, &d->segments[k]);
        at += length;
        if (k % CLOCK_CHIPS == CLOCK_CHIPS - 1) {
            const double error =
                (double)cpfsk_forward_clock_error(&d->forward, pulse->h, CLOCK_CHIPS);
            const double limited = fmax(-0.2, fmin(0.2, error));
            at += clock_gain * limited * length;
            length += clock_rate_gain * limited * length / CLOCK_CHIPS;
        }
    }
    *power = k ? energy / (double)(k * CPFSK_SUB) : 0;
    *chip_samples = k ? (at - start) / (double)k : burst->chip_samples;
    return k;
}

/* Phase of the training sequence at first_chip in the burst as it is extracted now. */
static void refind_phase(struct fsk_demod *d, struct fsk_burst *burst)
{
    const float amplitude = burst->amplitude;
    find_phase(d, burst);
    if (burst->amplitude < 0.5f * amplitude)
        burst->amplitude = amplitude;
}

static void extract_burst(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                          size_t n_chips)
{
    const double first = burst->first_chip - (d->config.training.n + 1) * burst->chip_samples;
    const double last = burst->first_chip + (double)(n_chips + 2) * 1.01 * burst->chip_samples;
    extract(d, span, first, last, burst->offset_hz);
    refind_phase(d, burst);
}

void fsk_demod_fit_pulse(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                         size_t n_chips)
{
    static const float steps[] = { 0, -0.05f, 0.05f, -0.1f, 0.1f };
    enum { N_STEPS = sizeof steps / sizeof steps[0] };
    const struct fsk_burst guess = *burst;
    float best = 0;
    extract_burst(d, span, burst, n_chips);
    for (int shape = 0; shape < FSK_N_SHAPES; shape++) {
        for (int k = 0; k < N_STEPS; k++) {
            struct fsk_burst trial = guess;
            struct cpfsk_pulse pulse;
            double power, chip_samples;
            trial.shape = (enum fsk_shape)shape;
            trial.h = guess.h + steps[k];
            find_phase(d, &trial);
            cpfsk_pulse_init(&pulse, &d->shapes[shape], trial.h);
            const size_t n = follow(d, &trial, &pulse, n_chips, &power, &chip_samples);
            const float metric = n ? d->forward.total / (float)n : 0;
            if (metric > best) {
                best = metric;
                burst->shape = trial.shape;
                burst->h = trial.h;
            }
        }
    }
}

static const float llr_per_step = 0.5f;

/* For chip_span: the neighbourhood of the chips decides. */
static float cost_of(void *demod, const uint32_t *chips, size_t n)
{
    enum { AROUND = 60 };
    struct fsk_demod *d = demod;
    size_t first = d->n_chips, last = 0;
    for (size_t k = 0; k < n; k++) {
        if (chips[k] >= d->n_chips)
            return INFINITY;
        first = chips[k] < first ? chips[k] : first;
        last = chips[k] > last ? chips[k] : last;
    }
    first = first > AROUND ? first - AROUND : 0;
    last = last + AROUND < d->n_chips ? last + AROUND : d->n_chips - 1;
    const int before = first ? d->path[first - 1] : (int)(d->config.training.chips & 1);
    const size_t length = last - first + 1;
    const float sum =
        cpfsk_path_sum(&d->work, d->segments + first, &d->pulse, d->path + first, length, before);
    for (size_t k = 0; k < n; k++)
        d->path[chips[k]] ^= 1;
    const float changed =
        cpfsk_path_sum(&d->work, d->segments + first, &d->pulse, d->path + first, length, before);
    for (size_t k = 0; k < n; k++)
        d->path[chips[k]] ^= 1;
    return d->llr_scale * (sum - changed);
}

static soft_chip_t to_soft(float v)
{
    return (soft_chip_t)lrintf(fmaxf(-127.0f, fminf(127.0f, v)));
}

void fsk_demod_chips(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                     size_t n_chips, int max_passes, double noise_density, struct chip_span *chips,
                     struct fsk_result *result)
{
    if (n_chips > CPFSK_MAX_CHIPS)
        n_chips = CPFSK_MAX_CHIPS;
    struct cpfsk_fit fit = { 0 };
    double power = 0, chip_samples = burst->chip_samples;
    const int last_chip = (int)(d->config.training.chips & 1);
    size_t n = 0;
    bool moved = true;
    /* What the training sequence gave is rough; the chips themselves tell carrier and index better:
     * for the next pass, or for whoever asks for more chips. */
    for (int pass = 0; pass < max_passes; pass++) {
        if (moved)
            extract_burst(d, span, burst, n_chips);
        cpfsk_pulse_init(&d->pulse, &d->shapes[burst->shape], burst->h);
        n = follow(d, burst, &d->pulse, n_chips, &power, &chip_samples);
        if (n == 0)
            break;
        cpfsk_forward_trace(&d->forward, d->path);
        cpfsk_fit_path(&d->work, d->segments, &d->pulse, d->path, n, last_chip, &fit);
        moved = fabsf(fit.omega) > 0.01f;
        if (n < 64 || (!moved && fabsf(fit.h_error) < 0.008f))
            break;
        burst->h = fmaxf(0.5f, fminf(2.0f, burst->h + fmaxf(-0.1f, fminf(0.1f, fit.h_error))));
        if (moved)
            burst->offset_hz +=
                (double)fit.omega / TWO_PI * d->config.sample_rate_sps / burst->chip_samples;
    }
    if (n > 0)
        cpfsk_soft(&d->work, d->kernels, d->segments, &d->pulse, d->path, n, last_chip, d->llr);
    const double amplitude = (double)fit.amplitude / CPFSK_SUB;
    const double rest = fmax(power - amplitude * amplitude, 0);
    const double chip_rate = d->config.sample_rate_sps / chip_samples;
    /* White noise of the given density, or what the chips do not explain if that is more
     * (interference): its power in the bandwidth of the segments' samples. */
    const double density = fmax(noise_density, rest / d->noise_bandwidth_hz);
    const double noise = fmax(density * CPFSK_SUB * chip_rate, 1e-12);
    const double llr_scale = 2 * amplitude / noise;
    d->llr_scale = (float)llr_scale;
    d->n_chips = n;
    for (size_t k = 0; k < n; k++)
        d->soft[k] = to_soft((float)llr_scale * d->llr[k] / llr_per_step);
    *chips = (struct chip_span){
        .chips = d->soft,
        .n = n,
        .llr_per_step = llr_per_step,
        .cost_of = cost_of,
        .demod = d,
    };
    *result = (struct fsk_result){
        .amplitude = (float)amplitude,
        .noise_power = (float)rest,
        .deviation_hz = (float)((double)burst->h * chip_rate / 2),
        .chip_rate_cps = (float)chip_rate,
        .offset_hz = (float)burst->offset_hz,
    };
}
