/* SPDX-License-Identifier: MIT */
#include "dsp/cpfsk_trellis.h"

#include <assert.h>
#include <math.h>

#include "dsp/math_const.h"

double cpfsk_step(double u, double bt)
{
    return bt > 0 ? erf(u * PI * bt * sqrt(2 / log(2))) : (u < 0 ? -1.0 : 1.0);
}

void cpfsk_pulse_init(struct cpfsk_pulse *pulse, float h, float bt)
{
    enum { FINE = 32 }; /* integration steps a sample */
    pulse->h = h;
    pulse->bt = bt;
    for (int pair = 0; pair < 4; pair++) {
        const double a = pair & 2 ? 1 : -1, b = pair & 1 ? 1 : -1;
        double phase = -a * PI * (double)h / 2; /* at the middle of the last chip */
        for (int n = 0; n < CPFSK_SUB; n++) {
            for (int m = 0; m < FINE; m++) {
                const double u = (n + (m + 0.5) / FINE) / CPFSK_SUB - 0.5;
                const double f = (a + b) / 2 + (b - a) / 2 * cpfsk_step(u, (double)bt);
                phase += PI * (double)h * f / (CPFSK_SUB * FINE);
                if (m == FINE / 2 - 1) {
                    pulse->re[pair][n] = (float)cos(phase);
                    pulse->im[pair][n] = (float)sin(phase);
                }
            }
        }
    }
}

void cpfsk_correlate(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse, const float *i,
                     const float *q)
{
    for (int pair = 0; pair < 4; pair++) {
        float re[2] = { 0, 0 }, im[2] = { 0, 0 };
        for (int n = 0; n < CPFSK_SUB; n++) {
            const int half = n >= CPFSK_SUB / 2;
            re[half] += i[n] * pulse->re[pair][n] + q[n] * pulse->im[pair][n];
            im[half] += q[n] * pulse->re[pair][n] - i[n] * pulse->im[pair][n];
        }
        segment->before_re[pair] = re[0];
        segment->before_im[pair] = im[0];
        segment->after_re[pair] = re[1];
        segment->after_im[pair] = im[1];
    }
}

static const float far_away = -1e30f;

/* fmaxf is a call: it has to look for NaN. */
static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

/* Weight of a chip's carrier phase against that of the next: some 40 chips are averaged. */
static const float phase_keep = 0.95f;
/* Carrier loop: gains for phase and frequency, a chip; noise bandwidth about 0.02 of the chip rate
 * at last. At first they are wider: the training sequence of a meter that overshoots at each change
 * of chip gives a carrier that is off by up to 3 kHz. */
static const float last_phase_gain = 0.06f, last_omega_gain = 0.0012f;
static const float first_phase_gain = 0.25f, first_omega_gain = 0.02f;
static const float gain_step = 0.95f; /* a chip */

void cpfsk_forward_init(struct cpfsk_forward *f, const struct cpfsk_pulse *pulse, float phase_rad,
                        float omega, int last_chip, float amplitude)
{
    f->step_re = cosf((float)PI * pulse->h);
    f->step_im = sinf((float)PI * pulse->h);
    f->amplitude = amplitude;
    f->n_chips = 0;
    f->total = 0;
    f->phase_gain = first_phase_gain;
    f->omega_gain = first_omega_gain;
    for (int s = 0; s < CPFSK_STATES; s++) {
        f->survivors[s] = (struct cpfsk_survivor){
            .metric = far_away,
            .ref_re = cosf(phase_rad),
            .ref_im = -sinf(phase_rad),
            .omega = omega,
        };
    }
    f->survivors[last_chip].metric = 0;
}

/* State = 2 * label + last chip. */
static void extend(struct cpfsk_survivor *to, const struct cpfsk_survivor *from,
                   const struct cpfsk_forward *f, const struct cpfsk_segment *segment, int a, int b)
{
    const int pair = 2 * a + b;
    const float before =
        segment->before_im[pair] * from->ref_re + segment->before_re[pair] * from->ref_im;
    const float after =
        segment->after_im[pair] * from->ref_re + segment->after_re[pair] * from->ref_im;
    const float error = (before + after) / f->amplitude;
    const float turn = f->phase_gain * error + from->omega;
    const float step_im = b ? f->step_im : -f->step_im;
    /* ref *= conj(step) * (1 - j turn), kept at unit length. */
    const float re = from->ref_re * f->step_re + from->ref_im * step_im;
    const float im = from->ref_im * f->step_re - from->ref_re * step_im;
    const float nr = re + im * turn, ni = im - re * turn;
    const float scale = 1.5f - 0.5f * (nr * nr + ni * ni);
    to->ref_re = nr * scale;
    to->ref_im = ni * scale;
    to->omega = from->omega + f->omega_gain * error;
    to->clock_error = from->clock_error - (a ? before : -before) - (b ? after : -after);
}

void cpfsk_forward_push(struct cpfsk_forward *f, const struct cpfsk_segment *segment)
{
    struct cpfsk_survivor next[CPFSK_STATES];
    float re[4], im[4];
    for (int pair = 0; pair < 4; pair++) {
        re[pair] = segment->before_re[pair] + segment->after_re[pair];
        im[pair] = segment->before_im[pair] + segment->after_im[pair];
    }
    uint16_t from_one = 0;
    float best = far_away;
    for (int s = 0; s < CPFSK_STATES; s++) {
        const int b = s & 1, label = ((s >> 1) + CPFSK_LABELS - b) % CPFSK_LABELS;
        const struct cpfsk_survivor *from = &f->survivors[2 * label];
        const float zero = from[0].metric + re[b] * from[0].ref_re - im[b] * from[0].ref_im;
        const float one = from[1].metric + re[2 + b] * from[1].ref_re - im[2 + b] * from[1].ref_im;
        const int a = one > zero;
        from_one |= (uint16_t)(a << s);
        extend(&next[s], &from[a], f, segment, a, b);
        next[s].metric = a ? one : zero;
        best = larger(best, next[s].metric);
    }
    f->total += best;
    for (int s = 0; s < CPFSK_STATES; s++) {
        next[s].metric -= best;
        f->survivors[s] = next[s];
    }
    f->phase_gain = last_phase_gain + gain_step * (f->phase_gain - last_phase_gain);
    f->omega_gain = last_omega_gain + gain_step * (f->omega_gain - last_omega_gain);
    assert(f->n_chips < CPFSK_MAX_CHIPS);
    f->from_one[f->n_chips++] = from_one;
}

static int best_state(const struct cpfsk_forward *f)
{
    int best = 0;
    for (int s = 1; s < CPFSK_STATES; s++)
        if (f->survivors[s].metric > f->survivors[best].metric)
            best = s;
    return best;
}

float cpfsk_forward_clock_error(struct cpfsk_forward *f, float h, size_t n_chips)
{
    const float sum = f->survivors[best_state(f)].clock_error;
    for (int s = 0; s < CPFSK_STATES; s++)
        f->survivors[s].clock_error = 0;
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
 * the phase of the path's chips, then a two-sided exponential mean, scaled to length 1. */
static void smooth_phase(struct cpfsk_work *w, const struct cpfsk_segment *segments,
                         const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n,
                         int last_chip)
{
    const float sr = cosf((float)PI * pulse->h), si = sinf((float)PI * pulse->h);
    float turn_re = 1, turn_im = 0, balance = 0, mean_re = 0, mean_im = 0;
    for (size_t k = 0; k < n; k++) {
        const int b = path[k], pair = 2 * (k ? path[k - 1] : last_chip) + b;
        const float cr = segments[k].before_re[pair] + segments[k].after_re[pair];
        const float ci = segments[k].before_im[pair] + segments[k].after_im[pair];
        w->raw_re[k] = cr * turn_re - ci * turn_im;
        w->raw_im[k] = ci * turn_re + cr * turn_im;
        w->balance[k] = balance;
        w->ref_re[k] = mean_re = phase_keep * mean_re + w->raw_re[k];
        w->ref_im[k] = mean_im = phase_keep * mean_im + w->raw_im[k];
        const float step_im = b ? si : -si, re = turn_re;
        turn_re = re * sr + turn_im * step_im;
        turn_im = turn_im * sr - re * step_im;
        balance += b ? 1.0f : -1.0f;
    }
    mean_re = mean_im = 0;
    for (size_t k = n; k-- > 0;) {
        const float re = w->ref_re[k] + mean_re, im = w->ref_im[k] + mean_im;
        const float length = sqrtf(re * re + im * im) + 1e-20f;
        w->ref_re[k] = re / length;
        w->ref_im[k] = im / length;
        mean_re = phase_keep * (mean_re + w->raw_re[k]);
        mean_im = phase_keep * (mean_im + w->raw_im[k]);
    }
}

/* The two-sided exponential mean of the path's balance of ones and zeros, smoothed as the phase is.
 */
static void smooth_balance(struct cpfsk_work *w, size_t n)
{
    float sum = 0, weight = 0;
    for (size_t k = 0; k < n; k++) {
        w->mean[k] = sum = phase_keep * sum + w->balance[k];
        w->weight[k] = weight = phase_keep * weight + 1;
    }
    sum = weight = 0;
    for (size_t k = n; k-- > 0;) {
        w->mean[k] = (w->mean[k] + sum) / (w->weight[k] + weight);
        sum = phase_keep * (sum + w->balance[k]);
        weight = phase_keep * (weight + 1);
    }
}

static void fit_path(struct cpfsk_fit *fit, struct cpfsk_work *w, size_t n)
{
    enum { LAG = 4 };
    float amplitude = 0, error = 0, squares = 0, turn_re = 0, turn_im = 0;
    for (size_t k = LAG; k < n; k++) {
        turn_re += w->raw_re[k] * w->raw_re[k - LAG] + w->raw_im[k] * w->raw_im[k - LAG];
        turn_im += w->raw_im[k] * w->raw_re[k - LAG] - w->raw_re[k] * w->raw_im[k - LAG];
    }
    /* A wrong index shows as a phase that follows the balance of ones and zeros. */
    smooth_balance(w, n);
    for (size_t k = 0; k < n; k++) {
        const float slope = (float)PI * (w->balance[k] - w->mean[k]);
        amplitude += w->raw_re[k] * w->ref_re[k] + w->raw_im[k] * w->ref_im[k];
        error += slope * (w->raw_im[k] * w->ref_re[k] - w->raw_re[k] * w->ref_im[k]);
        squares += slope * slope;
    }
    fit->omega = atan2f(turn_im, turn_re + 1e-20f) / LAG;
    fit->amplitude = amplitude / (float)n;
    fit->h_error = error / (larger(fit->amplitude, 1e-20f) * larger(squares, 1e-3f));
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

/* Branch metrics of one segment: [state before][chip]; a state's label is its distance from the
 * path, as the number of ones, plus half the window. */
static void branch_metrics(float metric[CPFSK_STATES][2], const struct cpfsk_segment *segment,
                           const float turn_re[CPFSK_LABELS], const float turn_im[CPFSK_LABELS],
                           float ref_re, float ref_im)
{
    for (int pair = 0; pair < 4; pair++) {
        const float cr = segment->before_re[pair] + segment->after_re[pair];
        const float ci = segment->before_im[pair] + segment->after_im[pair];
        const float re = cr * ref_re - ci * ref_im, im = ci * ref_re + cr * ref_im;
        for (int label = 0; label < CPFSK_LABELS; label++)
            metric[2 * label + (pair >> 1)][pair & 1] = re * turn_re[label] - im * turn_im[label];
    }
}

/* State behind a branch, or -1 if it leaves the window. */
static int state_after(int state, int b, int path_chip)
{
    const int label = (state >> 1) + b - path_chip;
    return label < 0 || label >= CPFSK_LABELS ? -1 : 2 * label + b;
}

static float max_of(const float v[CPFSK_STATES])
{
    float best = v[0];
    for (int s = 1; s < CPFSK_STATES; s++)
        best = larger(best, v[s]);
    return best;
}

static void forward_step(float to[CPFSK_STATES], const float from[CPFSK_STATES],
                         float metric[CPFSK_STATES][2], int path_chip)
{
    for (int s = 0; s < CPFSK_STATES; s++)
        to[s] = far_away;
    for (int s = 0; s < CPFSK_STATES; s++) {
        for (int b = 0; b < 2; b++) {
            const int t = state_after(s, b, path_chip);
            if (t >= 0)
                to[t] = larger(to[t], from[s] + metric[s][b]);
        }
    }
    const float top = max_of(to);
    for (int s = 0; s < CPFSK_STATES; s++)
        to[s] -= top;
}

/* Steps beta from behind the chip to before it; returns the chip's log-likelihood ratio. */
static float backward_step(float beta[CPFSK_STATES], const float alpha[CPFSK_STATES],
                           float metric[CPFSK_STATES][2], int path_chip)
{
    float before[CPFSK_STATES], best[2] = { far_away, far_away };
    for (int s = 0; s < CPFSK_STATES; s++) {
        before[s] = far_away;
        for (int b = 0; b < 2; b++) {
            const int t = state_after(s, b, path_chip);
            if (t < 0)
                continue;
            const float onward = metric[s][b] + beta[t];
            before[s] = larger(before[s], onward);
            best[b] = larger(best[b], alpha[s] + onward);
        }
    }
    const float top = max_of(before);
    for (int s = 0; s < CPFSK_STATES; s++)
        beta[s] = before[s] - top;
    return best[1] - best[0];
}

void cpfsk_soft(struct cpfsk_work *w, const struct cpfsk_segment *segments,
                const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                float *llr, struct cpfsk_fit *fit)
{
    assert(n > 0 && n <= CPFSK_MAX_CHIPS);
    float turn_re[CPFSK_LABELS], turn_im[CPFSK_LABELS], metric[CPFSK_STATES][2];
    const int middle = CPFSK_LABELS / 2;
    for (int label = 0; label < CPFSK_LABELS; label++) {
        const float turn = -(float)TWO_PI * pulse->h * (float)(label - middle);
        turn_re[label] = cosf(turn);
        turn_im[label] = sinf(turn);
    }
    smooth_phase(w, segments, pulse, path, n, last_chip);
    fit_path(fit, w, n);
    reference_path(w, pulse, path, n);
    for (int s = 0; s < CPFSK_STATES; s++)
        w->alpha[0][s] = far_away;
    w->alpha[0][2 * (CPFSK_LABELS / 2) + last_chip] = 0;
    for (size_t k = 0; k < n; k++) {
        branch_metrics(metric, &segments[k], turn_re, turn_im, w->ref_re[k], w->ref_im[k]);
        forward_step(w->alpha[k + 1], w->alpha[k], metric, path[k]);
    }
    float beta[CPFSK_STATES] = { 0 };
    for (size_t k = n; k-- > 0;) {
        branch_metrics(metric, &segments[k], turn_re, turn_im, w->ref_re[k], w->ref_im[k]);
        llr[k] = backward_step(beta, w->alpha[k], metric, path[k]);
    }
}
