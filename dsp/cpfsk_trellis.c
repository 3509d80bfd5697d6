/* SPDX-License-Identifier: MIT */
#include "dsp/cpfsk_trellis.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dsp/kernels/kernels.h"
#include "dsp/math_const.h"

double cpfsk_step(double u, double bt)
{
    return bt > 0 ? erf(u * PI * bt * sqrt(2 / log(2))) : (u < 0 ? -1.0 : 1.0);
}

void cpfsk_shape_init(struct cpfsk_shape *shape, double bt)
{
    enum { FINE = 32 }; /* integration steps a sample */
    for (int pair = 0; pair < 4; pair++) {
        const double a = pair & 2 ? 1 : -1, b = pair & 1 ? 1 : -1;
        double phase = -a * PI / 2; /* at the middle of the last chip */
        for (int m = 0; m < FINE * CPFSK_SUB; m++) {
            const double u = (m + 0.5) / (FINE * CPFSK_SUB) - 0.5;
            const double f = (a + b) / 2 + (b - a) / 2 * cpfsk_step(u, bt);
            phase += PI * f / (CPFSK_SUB * FINE);
            if (m % FINE == FINE / 2 - 1)
                shape->phase_rad[pair][m / FINE] = (float)phase;
        }
    }
}

void cpfsk_pulse_init(struct cpfsk_pulse *pulse, const struct cpfsk_shape *shape, float h)
{
    pulse->h = h;
    for (int pair = 0; pair < 4; pair++) {
        for (int n = 0; n < CPFSK_SUB; n++) {
            pulse->re[n][pair] = cosf(h * shape->phase_rad[pair][n]);
            pulse->im[n][pair] = sinf(h * shape->phase_rad[pair][n]);
        }
    }
}

static const float far_away = -1e30f;
/* Of the carrier's phase, from chip to chip: an average of some 60 chips. */
static const float keep = 0.97f;
/* Gains of the carrier loop for phase and frequency, a chip; noise bandwidth about 0.02 of the chip
 * rate at last. At first they are wider: the training sequence of a meter that overshoots at each
 * change of chip gives a carrier that is off by up to 3 kHz. */
static const float first_phase_gain = 0.25f, first_omega_gain = 0.02f;
static const float last_phase_gain = 0.06f, last_omega_gain = 0.0012f;

void cpfsk_forward_init(struct cpfsk_forward *f, const struct kernels *kernels,
                        const struct cpfsk_pulse *pulse, float phase_rad, int last_chip,
                        float amplitude, bool settled)
{
    struct cpfsk_survivors *v = &f->survivors;
    f->kernels = kernels;
    f->step_re = cosf((float)PI * pulse->h);
    f->step_im = sinf((float)PI * pulse->h);
    f->amplitude = amplitude;
    f->n_chips = 0;
    f->total = 0;
    f->last_phase_gain = last_phase_gain;
    f->last_omega_gain = last_omega_gain;
    f->phase_gain = settled ? last_phase_gain : first_phase_gain;
    f->omega_gain = settled ? last_omega_gain : first_omega_gain;
    for (int chip = 0; chip < 2; chip++) {
        for (int label = 0; label < CPFSK_LABELS; label++) {
            v->metric[chip][label] = far_away;
            v->ref_re[chip][label] = cosf(phase_rad);
            v->ref_im[chip][label] = -sinf(phase_rad);
            v->omega[chip][label] = 0;
            v->clock_error[chip][label] = 0;
        }
    }
    v->metric[last_chip][0] = 0;
}

void cpfsk_forward_push(struct cpfsk_forward *f, const struct cpfsk_segment *segment)
{
    assert(f->n_chips < CPFSK_MAX_CHIPS);
    f->kernels->cpfsk_forward_push(f, segment);
}

/* State = 2 * label + last chip. */
static int best_state(const struct cpfsk_forward *f)
{
    int best = 0;
    for (int s = 1; s < CPFSK_STATES; s++)
        if (f->survivors.metric[s & 1][s >> 1] > f->survivors.metric[best & 1][best >> 1])
            best = s;
    return best;
}

float cpfsk_forward_clock_error(struct cpfsk_forward *f, float h, size_t n_chips)
{
    const int best = best_state(f);
    const float sum = f->survivors.clock_error[best & 1][best >> 1];
    memset(f->survivors.clock_error, 0, sizeof f->survivors.clock_error);
    return sum / ((float)PI * h * f->amplitude * (float)n_chips);
}

void cpfsk_forward_trace(const struct cpfsk_forward *f, uint8_t *chips)
{
    int s = best_state(f);
    for (size_t k = f->n_chips; k-- > 0;) {
        const int b = s & 1, label = ((s >> 1) + CPFSK_LABELS - b) % CPFSK_LABELS;
        chips[k] = (uint8_t)b;
        s = 2 * label + ((f->from_one[k] >> s) & 1);
    }
}

/* The carrier along the path: each segment's correlation with the path's own waveform, rotated by
 * the phase of the path's chips. */
static void raw_phase(struct cpfsk_work *w, const struct cpfsk_segment *segments,
                      const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip)
{
    const float sr = cosf((float)PI * pulse->h), si = sinf((float)PI * pulse->h);
    float turn_re = 1, turn_im = 0, balance = 0;
    for (size_t k = 0; k < n; k++) {
        const int b = path[k], pair = 2 * (k ? path[k - 1] : last_chip) + b;
        const float cr = segments[k].before_re[pair] + segments[k].after_re[pair];
        const float ci = segments[k].before_im[pair] + segments[k].after_im[pair];
        w->raw_re[k] = cr * turn_re - ci * turn_im;
        w->raw_im[k] = ci * turn_re + cr * turn_im;
        w->balance[k] = balance;
        const float step_im = b ? si : -si, re = turn_re;
        turn_re = re * sr + turn_im * step_im;
        turn_im = turn_im * sr - re * step_im;
        balance += b ? 1.0f : -1.0f;
    }
}

/* Angle between blocks of chips, each against the one that lies lag blocks before it. */
static float turn_between(const struct cpfsk_work *w, size_t n, size_t block, size_t lag)
{
    enum { MAX_LAG = 4 };
    float before_re[MAX_LAG] = { 0 }, before_im[MAX_LAG] = { 0 }, turn_re = 1e-20f, turn_im = 0;
    assert(lag <= MAX_LAG);
    for (size_t at = 0, slot = 0; at + block <= n;
         at += block, slot = slot + 1 < lag ? slot + 1 : 0) {
        float re = 0, im = 0;
        for (size_t k = at; k < at + block; k++) {
            re += w->raw_re[k];
            im += w->raw_im[k];
        }
        turn_re += re * before_re[slot] + im * before_im[slot];
        turn_im += im * before_re[slot] - re * before_im[slot];
        before_re[slot] = re;
        before_im[slot] = im;
    }
    return atan2f(turn_im, turn_re);
}

/* What the carrier turns by, radians a chip: by chips that lie so near that half a turn is out of
 * reach, or, where that is little, by blocks of them, which know it better. */
static float carrier_omega(const struct cpfsk_work *w, size_t n)
{
    enum { LAG = 4, BLOCK = 16 };
    static const float little = 0.08f; /* 1.3 radians a block */
    const float omega = turn_between(w, n, 1, LAG) / LAG;
    return fabsf(omega) > little || n < 2 * BLOCK ? omega : turn_between(w, n, BLOCK, 1) / BLOCK;
}

/* The two-sided exponential mean of a carrier that turns by omega a chip, scaled to length 1. */
static void smooth_phase(struct cpfsk_work *w, size_t n, float omega)
{
    const float keep_re = keep * cosf(omega), keep_im = keep * sinf(omega);
    float mean_re = 0, mean_im = 0;
    for (size_t k = 0; k < n; k++) {
        const float re = mean_re;
        w->ref_re[k] = mean_re = keep_re * re - keep_im * mean_im + w->raw_re[k];
        w->ref_im[k] = mean_im = keep_re * mean_im + keep_im * re + w->raw_im[k];
    }
    mean_re = mean_im = 0;
    for (size_t k = n; k-- > 0;) {
        const float re = w->ref_re[k] + mean_re, im = w->ref_im[k] + mean_im;
        const float length = sqrtf(re * re + im * im) + 1e-20f;
        w->ref_re[k] = re / length;
        w->ref_im[k] = im / length;
        const float sum_re = mean_re + w->raw_re[k], sum_im = mean_im + w->raw_im[k];
        mean_re = keep_re * sum_re + keep_im * sum_im;
        mean_im = keep_re * sum_im - keep_im * sum_re;
    }
}

/* The true modulation index minus the pulse's: what the phase turns by over LAG chips beside the
 * carrier, against the balance of ones and zeros among them. Where the path has slipped, only the
 * windows over that place are wrong; of phases as such, all behind it would be. */
static float index_error(const struct cpfsk_work *w, size_t n, float omega)
{
    enum { LAG = 12 };
    const float back_re = cosf(omega * LAG), back_im = -sinf(omega * LAG);
    float sum_re = 0, sum_im = 0, sum_balance = 0, squares = 0, product = 0;
    for (size_t k = LAG; k < n; k++) {
        const float re = w->raw_re[k] * w->raw_re[k - LAG] + w->raw_im[k] * w->raw_im[k - LAG];
        const float im = w->raw_im[k] * w->raw_re[k - LAG] - w->raw_re[k] * w->raw_im[k - LAG];
        const float turned_im = im * back_re + re * back_im;
        const float balance = w->balance[k] - w->balance[k - LAG];
        sum_re += re * back_re - im * back_im;
        sum_im += turned_im;
        sum_balance += balance;
        squares += balance * balance;
        product += balance * turned_im;
    }
    const float windows = n > LAG ? (float)(n - LAG) : 1;
    const float covariance = product - sum_balance * sum_im / windows;
    const float variance = squares - sum_balance * sum_balance / windows;
    if (!(sum_re > 0)) /* hardly any two phases go together: they tell nothing */
        return 0;
    return covariance / ((float)PI * sum_re / windows * fmaxf(variance, 1));
}

void cpfsk_fit_path(struct cpfsk_work *w, const struct cpfsk_segment *segments,
                    const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                    struct cpfsk_fit *fit)
{
    float amplitude = 0;
    assert(n > 0 && n <= CPFSK_MAX_CHIPS);
    raw_phase(w, segments, pulse, path, n, last_chip);
    fit->omega = carrier_omega(w, n);
    fit->h_error = index_error(w, n, fit->omega);
    fit->balance = w->balance[n - 1] / (float)n;
    smooth_phase(w, n, fit->omega);
    for (size_t k = 0; k < n; k++)
        amplitude += w->raw_re[k] * w->ref_re[k] + w->raw_im[k] * w->ref_im[k];
    fit->amplitude = amplitude / (float)n;
}

/* Turns the carrier into the whole reference of the path: conjugate of carrier and chips. */
static void reference_path(struct cpfsk_work *w, const struct cpfsk_pulse *pulse,
                           const uint8_t *path, size_t n)
{
    const float sr = cosf((float)PI * pulse->h), si = sinf((float)PI * pulse->h);
    float turn_re = 1, turn_im = 0;
    for (size_t k = 0; k < n; k++) {
        const float re = w->ref_re[k], im = w->ref_im[k], t = turn_re;
        w->ref_re[k] = turn_re * re + turn_im * im;
        w->ref_im[k] = turn_im * re - turn_re * im;
        const float step_im = path[k] ? si : -si;
        turn_re = t * sr + turn_im * step_im;
        turn_im = turn_im * sr - t * step_im;
    }
}

float cpfsk_path_sum(struct cpfsk_work *w, const struct cpfsk_segment *segments,
                     const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                     float omega)
{
    float sum = 0;
    raw_phase(w, segments, pulse, path, n, last_chip);
    smooth_phase(w, n, omega);
    for (size_t k = 0; k < n; k++)
        sum += w->raw_re[k] * w->ref_re[k] + w->raw_im[k] * w->ref_im[k];
    return sum;
}

void cpfsk_soft(struct cpfsk_work *w, const struct kernels *kernels,
                const struct cpfsk_segment *segments, const struct cpfsk_pulse *pulse,
                const uint8_t *path, size_t n, int last_chip, float amplitude, float *llr)
{
    assert(n > 0 && n <= CPFSK_MAX_CHIPS);
    const int middle = CPFSK_LABELS / 2;
    struct cpfsk_turns turns;
    for (int label = 0; label < CPFSK_LABELS; label++) {
        const float turn = -(float)TWO_PI * pulse->h * (float)(label - middle);
        turns.re[label] = cosf(turn);
        turns.im[label] = sinf(turn);
        /* Smoothed, a step of phase is half taken up on each side of it. */
        const float step = remainderf(turn, (float)TWO_PI);
        turns.slip_cost[label] = amplitude * step * step / 4 / (1 - keep * keep);
    }
    reference_path(w, pulse, path, n);
    for (int label = 0; label < CPFSK_LABELS; label++)
        w->alpha[0][0][label] = w->alpha[0][1][label] = far_away;
    w->alpha[0][last_chip][middle] = 0;
    const struct cpfsk_path all = { segments, w->ref_re, w->ref_im, path, n };
    float beta[2][CPFSK_LABELS] = { { 0 } };
    kernels->cpfsk_alpha_pass(w->alpha, &all, &turns);
    kernels->cpfsk_beta_pass(llr, beta, w->alpha, &all, &turns);
}
