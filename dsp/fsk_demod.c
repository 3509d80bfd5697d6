/* SPDX-License-Identifier: MIT */
#include "base/array_len.h"
#include "dsp/fsk_demod_parts.h"

#include <assert.h>
#include <string.h>

#include "dsp/math_const.h"

/* Half width of a burst at its own carrier: the largest deviation and so many chip rates. */
static const double pass_chip_rates = 0.8, stop_chip_rates = 2.2;
/* Samples behind the decimation: so many a chip, and a cycle of the highest frequency that passes;
 * a cubic through four of them is then good enough. */
static const double least_a_chip = 7.8, least_a_cycle = 4.875;
/* The slowest clock that is received: more samples a chip than nominal. */
static const double slow_clock = 1.03;
/* Of the longest filter there is, a share of the sample rate. */
static const double least_transition = 0.0102;
/* The fit of the index may go beyond what the deviations allow by so much. */
static const double h_below = 0.74, h_above = 1.25;
/* White noise reaches 0.25, noise on the air 0.35, a burst of 4 dB 0.5; of 100 kcps, whose noise is
 * this many chip rates wide. */
static const double hopeless_match = 0.36, hopeless_chip_rates = 4.7;

static const float shape_bt[FSK_N_SHAPES] = { [FSK_UNSHAPED] = 0.0f, [FSK_GAUSSIAN] = 0.5f };

bool fsk_demod_init(struct fsk_demod *d, const struct fsk_demod_config *config,
                    const struct kernels *kernels)
{
    memset(d, 0, offsetof(struct fsk_demod, i)); /* 2 MB follow, which no burst may ever need */
    d->n_chips = 0;
    d->config = *config;
    d->kernels = kernels;
    d->spectrum = spectrum_batch_open(SPECTRUM_LINE_SIZE, 1);
    const double pass_hz = config->deviation_max_hz + pass_chip_rates * config->chip_rate_cps;
    const double stop_hz = fmax(config->deviation_max_hz + stop_chip_rates * config->chip_rate_cps,
                                pass_hz + least_transition * config->sample_rate_sps);
    const double decimation =
        floor(config->sample_rate_sps /
              fmax(least_a_chip * config->chip_rate_cps, least_a_cycle * pass_hz));
    d->decimation = decimation < 1 ? 1 : (size_t)decimation;
    d->rate_sps = config->sample_rate_sps / (double)d->decimation;
    assert((CPFSK_MAX_CHIPS + TRAINING_MAX_CHIPS) * slow_clock * d->rate_sps <
           FSK_MAX_SAMPLES * config->chip_rate_cps);
    fir_design_lowpass(&d->lowpass, config->sample_rate_sps, pass_hz, stop_hz, 45);
    d->noise_bandwidth_hz = fir_noise_bandwidth_hz(&d->lowpass, config->sample_rate_sps);
    d->hopeless_match =
        (float)(hopeless_match *
                sqrt(fmin(1, hopeless_chip_rates * config->chip_rate_cps / d->noise_bandwidth_hz)));
    d->h_min = (float)(h_below * 2 * config->deviation_min_hz / config->chip_rate_cps);
    d->h_max = (float)(h_above * 2 * config->deviation_max_hz / config->chip_rate_cps);
    for (int k = 0; k < FSK_TURN + FSK_TURN / 4; k++)
        d->cosine[k] = (float)cos(TWO_PI * k / FSK_TURN);
    for (int shape = 0; shape < FSK_N_SHAPES; shape++) {
        fsk_training_tabulate(d, (enum fsk_shape)shape, (double)shape_bt[shape]);
        cpfsk_shape_init(&d->shapes[shape], (double)shape_bt[shape]);
    }
    return d->spectrum != NULL;
}

void fsk_demod_deinit(struct fsk_demod *d)
{
    spectrum_batch_close(d->spectrum);
}

/* Filter and interpolation reach beyond the chips. */
static size_t margin(const struct fsk_demod *d)
{
    return d->lowpass.n_taps + 8 * d->decimation;
}

size_t fsk_demod_before(const struct fsk_demod *d)
{
    return (size_t)((d->config.training.n + 2) * 1.12 * fsk_nominal_chip_samples(d)) + margin(d);
}

size_t fsk_demod_after(const struct fsk_demod *d)
{
    return (size_t)(2 * fsk_nominal_chip_samples(d)) + margin(d);
}

/* Clock loop: every so many chips, by these shares of the error. */
enum { CLOCK_CHIPS = 8 };
static const double clock_gain = 0.25, clock_rate_gain = 0.03;

/* Samples of the segments of chips that follow each other. */
struct segment_samples {
    float i[CLOCK_CHIPS * CPFSK_SUB], q[CLOCK_CHIPS * CPFSK_SUB];
};

/* Fills those of n_chips segments, of which the first has its chip boundary at time at, or of as
 * many as there are samples for; returns their number. */
static size_t interpolate(const struct fsk_demod *d, double at, double chip_samples, size_t n_chips,
                          struct segment_samples *samples, double *energy)
{
    const double step = (double)d->decimation, first = at - 0.5 * chip_samples;
    const double dx = chip_samples / (CPFSK_SUB * step);
    const double x = (first - d->extract_first) / step + 0.5 * dx;
    const double room = ((double)d->n_samples - 2 - x) / (CPFSK_SUB * dx);
    const size_t n = room > (double)n_chips ? n_chips : room > 0 ? (size_t)room : 0;
    if (x < 1 || n == 0)
        return 0;
    const size_t near = (size_t)x - 1; /* a float does not tell so many samples apart */
    *energy +=
        (double)d->kernels->cpfsk_interpolate(samples->i, samples->q, d->i + near, d->q + near,
                                              (float)(x - (double)near), (float)dx, n * CPFSK_SUB);
    return n;
}

/* The last chip of the training sequence. */
static int chip_before(const struct fsk_demod *d)
{
    return (int)(d->config.training.chips & 1);
}

/* The detector for the data: of pairs of chips, or of chips one by one; settled: its carrier is
 * known. */
static void detector_init(struct fsk_demod *d, const struct fsk_burst *burst,
                          const struct cpfsk_pulse *pulse, bool settled)
{
    const float amplitude = CPFSK_SUB * burst->amplitude;
    if (d->config.manchester)
        cpfsk_pairs_init(&d->pairs, pulse, burst->phase_rad, amplitude);
    else
        cpfsk_forward_init(&d->forward, d->kernels, pulse, burst->phase_rad, chip_before(d),
                           amplitude, settled);
}

/* Pair k - 2, k - 1 of the path. */
static void push_pair(struct fsk_demod *d, size_t k)
{
    const int last_chip = k > 2 ? d->path[k - 3] : chip_before(d);
    const int one = cpfsk_pairs_push(&d->pairs, d->segments + k - 2, last_chip);
    d->path[k - 2] = (uint8_t)!one;
    d->path[k - 1] = (uint8_t)one;
}

static void detector_push(struct fsk_demod *d, size_t k)
{
    if (!d->config.manchester)
        cpfsk_forward_push(&d->forward, &d->segments[k]);
    else if (k >= 2 && k % 2 == 0)
        push_pair(d, k);
}

static double detector_clock_error(struct fsk_demod *d, float h, size_t n_chips)
{
    return (double)(d->config.manchester ? cpfsk_pairs_clock_error(&d->pairs, n_chips)
                                         : cpfsk_forward_clock_error(&d->forward, h, n_chips));
}

/* The path of all n chips. */
static void detector_trace(struct fsk_demod *d, size_t n)
{
    if (!d->config.manchester) {
        cpfsk_forward_trace(&d->forward, d->path);
        return;
    }
    /* Of the last pair not all is there: anything will do. */
    for (size_t k = n < 3 ? 0 : (n - 3) / 2 * 2 + 2; k < n; k++)
        d->path[k] = k & 1;
}

/* Forward pass; returns the number of chips that the samples hold. settled as detector_init has it.
 * The mean power of the interpolated samples goes to *power, the mean chip length to *chip_samples.
 */
static size_t follow(struct fsk_demod *d, const struct fsk_burst *burst,
                     const struct cpfsk_pulse *pulse, size_t n_chips, bool settled, double *power,
                     double *chip_samples)
{
    const double start = burst->first_chip;
    double at = start, length = burst->chip_samples;
    size_t k = 0;
    double energy = 0;
    detector_init(d, burst, pulse, settled);
    for (size_t n = CLOCK_CHIPS; k < n_chips && n == CLOCK_CHIPS;) {
        struct segment_samples samples;
        const size_t left = n_chips - k < CLOCK_CHIPS ? n_chips - k : CLOCK_CHIPS;
        n = interpolate(d, at, length, left, &samples, &energy);
        for (size_t m = 0; m < n; m++, k++, at += length) {
            d->kernels->cpfsk_correlate(&d->segments[k], pulse, samples.i + m * CPFSK_SUB,
                                        samples.q + m * CPFSK_SUB);
            detector_push(d, k);
            d->chip_at[k] = (float)(at - start);
        }
        if (n == CLOCK_CHIPS) {
            const double error = detector_clock_error(d, pulse->h, CLOCK_CHIPS);
            const double limited = fmax(-0.2, fmin(0.2, error));
            at += clock_gain * limited * length;
            length += clock_rate_gain * limited * length / CLOCK_CHIPS;
        }
    }
    *power = k ? energy / (double)(k * CPFSK_SUB) : 0;
    *chip_samples = k ? (at - start) / (double)k : burst->chip_samples;
    return k;
}

/* Phase of the training sequence at first_chip in the burst as it is extracted now, with phase zero
 * at extract_first: the one before was measured at a slightly different carrier. */
static void refind_phase(struct fsk_demod *d, struct fsk_burst *burst)
{
    const float amplitude = burst->amplitude;
    fsk_training_phase(d, burst);
    if (burst->amplitude < 0.5f * amplitude)
        burst->amplitude = amplitude;
}

static void extract_burst(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                          size_t n_chips)
{
    const double first = burst->first_chip - (d->config.training.n + 1) * burst->chip_samples;
    const double last = burst->first_chip + (double)(n_chips + 2) * 1.01 * burst->chip_samples;
    fsk_extract(d, span, first, last, burst->offset_hz);
    refind_phase(d, burst);
}

/* A pulse, and the mean correlation along the best path of it. */
struct pulse_fit {
    enum fsk_shape shape;
    float h, metric;
};

static void try_pulse(struct fsk_demod *d, const struct fsk_burst *guess, size_t n_chips,
                      enum fsk_shape shape, float h, struct pulse_fit *best)
{
    struct fsk_burst trial = *guess;
    struct cpfsk_pulse pulse;
    double power, chip_samples;
    trial.shape = shape;
    trial.h = fmaxf(d->h_min, fminf(d->h_max, h));
    fsk_training_phase(d, &trial);
    cpfsk_pulse_init(&pulse, &d->shapes[shape], trial.h);
    const size_t n = follow(d, &trial, &pulse, n_chips, false, &power, &chip_samples);
    const float metric = n ? d->forward.total / (float)n : 0;
    if (metric > best->metric)
        *best = (struct pulse_fit){ shape, trial.h, metric };
}

/* Finely: an index off by 0.02 makes the path of a burst of 12 dB slip where many chips are equal,
 * and what such a path then says of the index is wrong. */
void fsk_demod_fit_pulse(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                         size_t n_chips)
{
    static const float coarse[] = { 0, -0.05f, 0.05f, -0.1f, 0.1f };
    static const float fine[] = { -0.025f, -0.0125f, 0.0125f, 0.025f };
    const struct fsk_burst guess = *burst;
    struct pulse_fit best = { burst->shape, burst->h, 0 };
    if (d->config.manchester) /* a pair comes out the same whatever its shape */
        return;
    n_chips = n_chips < CPFSK_MAX_CHIPS ? n_chips : CPFSK_MAX_CHIPS;
    extract_burst(d, span, burst, n_chips);
    for (int shape = 0; shape < FSK_N_SHAPES; shape++)
        for (size_t k = 0; k < ARRAY_LEN(coarse); k++)
            try_pulse(d, &guess, n_chips, (enum fsk_shape)shape, guess.h + coarse[k], &best);
    const float middle = best.h;
    for (size_t k = 0; k < ARRAY_LEN(fine); k++)
        try_pulse(d, &guess, n_chips, best.shape, middle + fine[k], &best);
    burst->shape = best.shape;
    burst->h = best.h;
}

static const float llr_per_step = 0.5f;

/* What the correlation of the neighbourhood of the chips loses with them inverted. */
static float path_loss(struct fsk_demod *d, const uint32_t *chips, size_t n)
{
    enum { AROUND = 60 }; /* 100 tell the truth no more often */
    size_t first = d->n_chips, last = 0;
    for (size_t k = 0; k < n; k++) {
        first = chips[k] < first ? chips[k] : first;
        last = chips[k] > last ? chips[k] : last;
    }
    first = first > AROUND ? first - AROUND : 0;
    last = last + AROUND < d->n_chips ? last + AROUND : d->n_chips - 1;
    const int before = first ? d->path[first - 1] : chip_before(d);
    const size_t length = last - first + 1;
    float sums[2];
    for (int inverted = 0; inverted < 2; inverted++) {
        sums[inverted] = cpfsk_path_sum(&d->work, d->segments + first, &d->pulse, d->path + first,
                                        length, before, d->omega);
        for (size_t k = 0; k < n; k++)
            d->path[chips[k]] ^= 1;
    }
    return sums[0] - sums[1];
}

/* The same as the log-likelihood ratios have it. Two chips next to each other, or nearly so, of
 * which one is more and one less have the ratio of one rival path. */
static float ratio_loss(const struct fsk_demod *d, const uint32_t *chips, size_t n)
{
    enum { MAX_DISTANCE = 3 };
    float loss = 0;
    bool alone = false; /* the last chip, as yet */
    for (size_t k = 0; k < n; k++) {
        const float ratio = fabsf(d->llr[chips[k]]);
        const bool is_pair = alone && chips[k] - chips[k - 1] <= MAX_DISTANCE &&
                             d->path[chips[k]] != d->path[chips[k - 1]];
        loss += is_pair ? fmaxf(ratio - fabsf(d->llr[chips[k - 1]]), 0) : ratio;
        alone = !is_pair;
    }
    return loss;
}

/* How much of a cost is to be believed: off an index of 1 a wrong chip also turns the carrier that
 * is smoothed along the path, and so makes others look surer than they are. Measured. */
static float trust(float h)
{
    return 1 - 0.3f * fminf(1, fabsf(h - 1) / 0.05f);
}

/* For chip_span. The ratios know no other carrier than that of the path, and the loss of the path
 * lets any carrier follow the chips: measured, the mean of both tells the truth most often. */
static float cost_of(void *demod, const uint32_t *chips, size_t n)
{
    struct fsk_demod *d = demod;
    for (size_t k = 0; k < n; k++)
        if (chips[k] >= d->n_chips)
            return INFINITY;
    return d->llr_scale * trust(d->pulse.h) * (path_loss(d, chips, n) + ratio_loss(d, chips, n)) /
           2;
}

static soft_chip_t to_soft(float v)
{
    return (soft_chip_t)lrintf(fmaxf(-127.0f, fminf(127.0f, v)));
}

/* What the last pass gave. */
struct passes {
    struct cpfsk_fit fit;
    double power, chip_samples; /* as follow() has them */
};

/* A pass over all chips, if thorough up to two: what the training sequence gave is rough; the chips
 * themselves tell carrier and index better, for the next pass, or for whoever asks again or for
 * more chips. Returns the number of chips that the samples hold. */
static size_t run_passes(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                         size_t n_chips, bool thorough, struct passes *last)
{
    static const float little_h = 0.003f, little_omega = 0.003f; /* rad a chip: 48 Hz at 100 kcps */
    enum { FEW_CHIPS = 64 };                                     /* tell neither */
    const int max_passes = thorough ? 2 : 1;
    size_t n = 0;
    bool moved = true;
    *last = (struct passes){ .chip_samples = burst->chip_samples };
    for (int pass = 0; pass < max_passes; pass++) {
        if (moved)
            extract_burst(d, span, burst, n_chips);
        cpfsk_pulse_init(&d->pulse, &d->shapes[burst->shape], burst->h);
        n = follow(d, burst, &d->pulse, n_chips, thorough, &last->power, &last->chip_samples);
        if (n == 0)
            break;
        detector_trace(d, n);
        cpfsk_fit_path(&d->work, d->segments, &d->pulse, d->path, n, chip_before(d), &last->fit);
        const struct cpfsk_fit *fit = &last->fit;
        const float h =
            fmaxf(d->h_min, fminf(d->h_max, burst->h + fmaxf(-0.1f, fminf(0.1f, fit->h_error))));
        /* The index that was wrong turned the carrier by the balance of ones and zeros. */
        const float omega = fit->omega - (float)PI * (h - burst->h) * fit->balance;
        moved = fabsf(omega) > little_omega;
        if (n < FEW_CHIPS || (!moved && fabsf(fit->h_error) < little_h))
            break;
        burst->h = h;
        if (moved)
            burst->offset_hz +=
                (double)omega / TWO_PI * d->config.sample_rate_sps / burst->chip_samples;
    }
    return n;
}

/* Log-likelihood ratios of the n chips of the last pass, in units of the segments' correlation. */
static void detector_soft(struct fsk_demod *d, size_t n, float amplitude)
{
    const int before = chip_before(d);
    if (n == 0)
        return;
    if (d->config.manchester)
        cpfsk_pairs_soft(&d->work, d->segments, &d->pulse, d->path, n, before, d->llr);
    else
        cpfsk_soft(&d->work, d->kernels, d->segments, &d->pulse, d->path, n, before, amplitude,
                   d->llr);
}

void fsk_demod_chips(struct fsk_demod *d, const struct iq_span *span, struct fsk_burst *burst,
                     size_t n_chips, bool thorough, double noise_density, struct chip_span *chips,
                     struct fsk_result *result)
{
    struct passes last;
    const size_t n = run_passes(
        d, span, burst, n_chips < CPFSK_MAX_CHIPS ? n_chips : CPFSK_MAX_CHIPS, thorough, &last);
    detector_soft(d, n, last.fit.amplitude);
    const double amplitude = (double)last.fit.amplitude / CPFSK_SUB;
    const double rest = fmax(last.power - amplitude * amplitude, 0);
    const double chip_rate = d->config.sample_rate_sps / last.chip_samples;
    /* White noise of the given density, or what the chips do not explain if that is more
     * (interference): its power in the bandwidth of the segments' samples. */
    const double density = fmax(noise_density, rest / d->noise_bandwidth_hz);
    const double noise = fmax(density * CPFSK_SUB * chip_rate, 1e-12);
    const double llr_scale = 2 * amplitude / noise;
    d->llr_scale = (float)llr_scale;
    d->n_chips = n;
    d->omega = last.fit.omega;
    for (size_t k = 0; k < n; k++) {
        d->soft[k] = to_soft((float)llr_scale * d->llr[k] / llr_per_step);
        d->path[k] = d->soft[k] > 0;
    }
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
