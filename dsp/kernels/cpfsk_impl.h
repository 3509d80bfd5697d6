/* SPDX-License-Identifier: MIT
 * The loops of the trellis (cpfsk_trellis.h) in plain C, for all survivors at once. Included once
 * by each kernels_<isa>.c. */
#include <string.h>

#include "dsp/cpfsk_trellis.h"

/* One half of a segment, all pairs at once. */
static inline void correlate_half(float *restrict re, float *restrict im,
                                  const struct cpfsk_pulse *restrict pulse, const float *restrict i,
                                  const float *restrict q, int first)
{
    float sum_re[4] = { 0 }, sum_im[4] = { 0 };
    for (int n = first; n < first + CPFSK_SUB / 2; n++) {
        for (int pair = 0; pair < 4; pair++) {
            sum_re[pair] += i[n] * pulse->re[n][pair] + q[n] * pulse->im[n][pair];
            sum_im[pair] += q[n] * pulse->re[n][pair] - i[n] * pulse->im[n][pair];
        }
    }
    memcpy(re, sum_re, sizeof sum_re);
    memcpy(im, sum_im, sizeof sum_im);
}

static void correlate(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse,
                      const float *i, const float *q)
{
    correlate_half(segment->before_re, segment->before_im, pulse, i, q, 0);
    correlate_half(segment->after_re, segment->after_im, pulse, i, q, CPFSK_SUB / 2);
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

static const float far_away = -1e30f;

/* Carrier loop: gains for phase and frequency, a chip; noise bandwidth about 0.02 of the chip rate
 * at last. At first they are wider: the training sequence of a meter that overshoots at each change
 * of chip gives a carrier that is off by up to 3 kHz. */
static const float last_phase_gain = 0.06f, last_omega_gain = 0.0012f;
static const float gain_step = 0.95f; /* a chip */

/* A segment's correlations, its halves together. */
struct whole_segment {
    float re[4], im[4];
};

/* All survivors take chip b: the better of the two that differ in the chip before goes on. Writes
 * them to to[b] in the order of the labels they come from, and which it was to from_one. */
static inline void
take_chip(struct cpfsk_survivors *restrict to, const struct cpfsk_survivors *restrict v,
          const struct cpfsk_forward *restrict f, const struct cpfsk_segment *restrict segment,
          const struct whole_segment *restrict whole, int b, int32_t *restrict from_one)
{
    const float step_re = f->step_re, step_im = b ? f->step_im : -f->step_im;
    const float phase_gain = f->phase_gain / f->amplitude;
    const float omega_gain = f->omega_gain / f->amplitude;
    const float whole_re0 = whole->re[b], whole_im0 = whole->im[b];
    const float whole_re1 = whole->re[2 + b], whole_im1 = whole->im[2 + b];
    const float before_re0 = segment->before_re[b], before_im0 = segment->before_im[b];
    const float before_re1 = segment->before_re[2 + b], before_im1 = segment->before_im[2 + b];
    const float after_re0 = segment->after_re[b], after_im0 = segment->after_im[b];
    const float after_re1 = segment->after_re[2 + b], after_im1 = segment->after_im[2 + b];
    const float sign = b ? 1.0f : -1.0f;
    for (int k = 0; k < CPFSK_LABELS; k++) {
        /* Everything is loaded before anything is chosen, so that a choice is a blend. */
        const float re0 = v->ref_re[0][k], re1 = v->ref_re[1][k];
        const float im0 = v->ref_im[0][k], im1 = v->ref_im[1][k];
        const float omega0 = v->omega[0][k], omega1 = v->omega[1][k];
        const float clock0 = v->clock_error[0][k], clock1 = v->clock_error[1][k];
        const float zero = v->metric[0][k] + whole_re0 * re0 - whole_im0 * im0;
        const float one = v->metric[1][k] + whole_re1 * re1 - whole_im1 * im1;
        const float before0 = before_im0 * re0 + before_re0 * im0;
        const float before1 = before_im1 * re1 + before_re1 * im1;
        const float after0 = after_im0 * re0 + after_re0 * im0;
        const float after1 = after_im1 * re1 + after_re1 * im1;
        const int32_t a = one > zero;
        const float re = a ? re1 : re0, im = a ? im1 : im0;
        const float omega = a ? omega1 : omega0;
        const float error = a ? before1 + after1 : before0 + after0;
        const float late0 = clock0 + before0 - sign * after0;
        const float late1 = clock1 - before1 - sign * after1;
        const float turn = phase_gain * error + omega;
        /* ref *= conj(step) * (1 - j turn), kept at unit length. */
        const float sr = re * step_re + im * step_im, si = im * step_re - re * step_im;
        const float nr = sr + si * turn, ni = si - sr * turn;
        const float scale = 1.5f - 0.5f * (nr * nr + ni * ni);
        to->metric[b][k] = a ? one : zero;
        to->ref_re[b][k] = nr * scale;
        to->ref_im[b][k] = ni * scale;
        to->omega[b][k] = omega + omega_gain * error;
        to->clock_error[b][k] = a ? late1 : late0;
        from_one[k] = a;
    }
}

/* A chip 1 is one more: its labels move up by one. */
static inline void rotate(float labels[CPFSK_LABELS])
{
    float old[CPFSK_LABELS];
    memcpy(old, labels, sizeof old);
    labels[0] = old[CPFSK_LABELS - 1];
    memcpy(labels + 1, old, (CPFSK_LABELS - 1) * sizeof *old);
}

static void forward_push(struct cpfsk_forward *f, const struct cpfsk_segment *segment)
{
    struct cpfsk_survivors next;
    struct whole_segment whole;
    int32_t from_one[2][CPFSK_LABELS];
    for (int pair = 0; pair < 4; pair++) {
        whole.re[pair] = segment->before_re[pair] + segment->after_re[pair];
        whole.im[pair] = segment->before_im[pair] + segment->after_im[pair];
    }
    take_chip(&next, &f->survivors, f, segment, &whole, 0, from_one[0]);
    take_chip(&next, &f->survivors, f, segment, &whole, 1, from_one[1]);
    rotate(next.metric[1]);
    rotate(next.ref_re[1]);
    rotate(next.ref_im[1]);
    rotate(next.omega[1]);
    rotate(next.clock_error[1]);
    float best = far_away;
    unsigned bits = 0;
    for (int k = 0; k < CPFSK_LABELS; k++) {
        best = larger(best, larger(next.metric[0][k], next.metric[1][k]));
        bits |= (unsigned)from_one[0][k] << (2 * k);
        bits |= (unsigned)from_one[1][k] << (2 * ((k + 1) % CPFSK_LABELS) + 1);
    }
    for (int k = 0; k < CPFSK_LABELS; k++) {
        next.metric[0][k] -= best;
        next.metric[1][k] -= best;
    }
    /* As rows: a copy of the whole struct is a slow string instruction. */
    memcpy(f->survivors.metric, next.metric, sizeof next.metric);
    memcpy(f->survivors.ref_re, next.ref_re, sizeof next.ref_re);
    memcpy(f->survivors.ref_im, next.ref_im, sizeof next.ref_im);
    memcpy(f->survivors.omega, next.omega, sizeof next.omega);
    memcpy(f->survivors.clock_error, next.clock_error, sizeof next.clock_error);
    f->total += best;
    f->phase_gain = last_phase_gain + gain_step * (f->phase_gain - last_phase_gain);
    f->omega_gain = last_omega_gain + gain_step * (f->omega_gain - last_omega_gain);
    f->from_one[f->n_chips++] = (uint16_t)bits;
}

/* Correlations of the four pairs at each label's phase. */
static inline void branch_metrics(float metric[4][CPFSK_LABELS],
                                  const struct cpfsk_segment *segment,
                                  const struct cpfsk_turns *turns, float ref_re, float ref_im)
{
    for (int pair = 0; pair < 4; pair++) {
        const float cr = segment->before_re[pair] + segment->after_re[pair];
        const float ci = segment->before_im[pair] + segment->after_im[pair];
        const float re = cr * ref_re - ci * ref_im, im = ci * ref_re + cr * ref_im;
        for (int label = 0; label < CPFSK_LABELS; label++)
            metric[pair][label] = re * turns->re[label] - im * turns->im[label];
    }
}

/* Moves labels up by -1, 0 or 1; what moves in is impossible. */
static inline void move_up(float *to, const float *from, int by)
{
    float padded[CPFSK_LABELS + 2];
    padded[0] = padded[CPFSK_LABELS + 1] = far_away;
    memcpy(padded + 1, from, CPFSK_LABELS * sizeof *from);
    memcpy(to, padded + 1 - by, CPFSK_LABELS * sizeof *to);
}

static void alpha_step(float to[2][CPFSK_LABELS], float from[2][CPFSK_LABELS],
                       const struct cpfsk_segment *segment, const struct cpfsk_turns *turns,
                       float ref_re, float ref_im, int path_chip)
{
    float metric[4][CPFSK_LABELS], best[CPFSK_LABELS], top = far_away;
    branch_metrics(metric, segment, turns, ref_re, ref_im);
    for (int b = 0; b < 2; b++) {
        for (int label = 0; label < CPFSK_LABELS; label++)
            best[label] =
                larger(from[0][label] + metric[b][label], from[1][label] + metric[2 + b][label]);
        move_up(to[b], best, b - path_chip); /* a label counts the ones beside the path's */
        float slipped = to[b][CPFSK_LABELS / 2];
        for (int label = 0; label < CPFSK_LABELS; label++)
            slipped = larger(slipped, to[b][label] - turns->slip_cost[label]);
        to[b][CPFSK_LABELS / 2] = slipped;
        for (int label = 0; label < CPFSK_LABELS; label++)
            top = larger(top, best[label]);
    }
    for (int label = 0; label < CPFSK_LABELS; label++) {
        to[0][label] -= top;
        to[1][label] -= top;
    }
}

static float beta_step(float beta[2][CPFSK_LABELS], float alpha[2][CPFSK_LABELS],
                       const struct cpfsk_segment *segment, const struct cpfsk_turns *turns,
                       float ref_re, float ref_im, int path_chip)
{
    float metric[4][CPFSK_LABELS], onward[2][CPFSK_LABELS], best[2] = { far_away, far_away };
    branch_metrics(metric, segment, turns, ref_re, ref_im);
    for (int b = 0; b < 2; b++) {
        for (int label = 0; label < CPFSK_LABELS; label++)
            beta[b][label] =
                larger(beta[b][label], beta[b][CPFSK_LABELS / 2] - turns->slip_cost[label]);
        move_up(onward[b], beta[b], path_chip - b);
    }
    float top = far_away;
    for (int a = 0; a < 2; a++) {
        for (int label = 0; label < CPFSK_LABELS; label++) {
            const float zero = metric[2 * a][label] + onward[0][label];
            const float one = metric[2 * a + 1][label] + onward[1][label];
            best[0] = larger(best[0], alpha[a][label] + zero);
            best[1] = larger(best[1], alpha[a][label] + one);
            beta[a][label] = larger(zero, one);
            top = larger(top, beta[a][label]);
        }
    }
    for (int label = 0; label < CPFSK_LABELS; label++) {
        beta[0][label] -= top;
        beta[1][label] -= top;
    }
    return best[1] - best[0];
}
