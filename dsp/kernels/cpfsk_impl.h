/* SPDX-License-Identifier: MIT
 * The loops of the trellis (cpfsk_trellis.h) for all survivors at once, in vectors of four, which
 * gcc and clang have for every CPU (gcc from 12 on). Included once by each kernels_<isa>.c. */
#include <string.h>

#include "dsp/cpfsk_trellis.h"

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

/* A value for each label. Moved in memory instead, a store would have to be waited for. */
typedef float quad_t __attribute__((vector_size(4 * sizeof(float))));
typedef int32_t quad_mask_t __attribute__((vector_size(4 * sizeof(int32_t))));
typedef struct {
    quad_t low, high;
} labels_t;
_Static_assert(sizeof(labels_t) == CPFSK_LABELS * sizeof(float), "two quads hold all labels");

static inline quad_t quad_at(const float *x)
{
    quad_t quad;
    memcpy(&quad, x, sizeof quad);
    return quad;
}

static inline void put_quad(float *x, quad_t quad)
{
    memcpy(x, &quad, sizeof quad);
}

static inline labels_t labels_at(const float *x)
{
    return (labels_t){ quad_at(x), quad_at(x + 4) };
}

static inline void put_labels(float *x, labels_t labels)
{
    put_quad(x, labels.low);
    put_quad(x + 4, labels.high);
}

static inline labels_t add(labels_t a, labels_t b)
{
    return (labels_t){ a.low + b.low, a.high + b.high };
}

static inline labels_t subtract(labels_t a, labels_t b)
{
    return (labels_t){ a.low - b.low, a.high - b.high };
}

static inline quad_t larger_quad(quad_t a, quad_t b)
{
    quad_t most;
    for (int k = 0; k < 4; k++)
        most[k] = larger(a[k], b[k]);
    return most;
}

static inline labels_t larger_labels(labels_t a, labels_t b)
{
    return (labels_t){ larger_quad(a.low, b.low), larger_quad(a.high, b.high) };
}

/* The largest, in all places. */
static inline quad_t largest(labels_t x)
{
    quad_t most = larger_quad(x.low, x.high);
    most = larger_quad(most, __builtin_shufflevector(most, most, 2, 3, 0, 1));
    return larger_quad(most, __builtin_shufflevector(most, most, 1, 0, 3, 2));
}

static inline quad_t choose(quad_mask_t mask, quad_t a, quad_t b)
{
    return (quad_t)((mask & (quad_mask_t)a) | (~mask & (quad_mask_t)b));
}

/* Labels one place up; what moves in is the last of before. */
static inline labels_t move_up(labels_t x, quad_t before)
{
    return (labels_t){ __builtin_shufflevector(before, x.low, 3, 4, 5, 6),
                       __builtin_shufflevector(x.low, x.high, 3, 4, 5, 6) };
}

/* One place down; what moves in is the first of behind. */
static inline labels_t move_down(labels_t x, quad_t behind)
{
    return (labels_t){ __builtin_shufflevector(x.low, x.high, 1, 2, 3, 4),
                       __builtin_shufflevector(x.high, behind, 1, 2, 3, 4) };
}

/* Without a jump that nobody can predict. */
static inline labels_t choose_if(int condition, labels_t a, labels_t b)
{
    const quad_mask_t mask = (quad_mask_t){ 0 } - condition;
    return (labels_t){ choose(mask, a.low, b.low), choose(mask, a.high, b.high) };
}

/* Four samples at x[], by the cubic through the four around each (Lagrange). */
static inline quad_t cubic(const float *samples, quad_mask_t k, const quad_t weights[4])
{
    const quad_t a = quad_at(samples + k[0] - 1), b = quad_at(samples + k[1] - 1);
    const quad_t c = quad_at(samples + k[2] - 1), d = quad_at(samples + k[3] - 1);
    const quad_t ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const quad_t ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const quad_t cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const quad_t cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    return weights[0] * __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5) +
           weights[1] * __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7) +
           weights[2] * __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5) +
           weights[3] * __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

static float interpolate(float *restrict to_i, float *restrict to_q, const float *restrict i,
                         const float *restrict q, float x, float dx)
{
    static const quad_t steps = { 0, 1, 2, 3 };
    quad_t energy = { 0 };
    for (int n = 0; n < CPFSK_SUB; n += 4) {
        const quad_t at = x + dx * ((float)n + steps);
        const quad_mask_t k = __builtin_convertvector(at, quad_mask_t);
        const quad_t u = at - __builtin_convertvector(k, quad_t);
        const quad_t outer = u * (u - 1) * (1.0f / 6), inner = (u + 1) * (u - 2) * 0.5f;
        const quad_t weights[4] = { outer * (2 - u), inner * (u - 1), -inner * u, outer * (u + 1) };
        const quad_t re = cubic(i, k, weights), im = cubic(q, k, weights);
        put_quad(to_i + n, re);
        put_quad(to_q + n, im);
        energy += re * re + im * im;
    }
    return energy[0] + energy[1] + energy[2] + energy[3];
}

/* One half of a segment, all pairs at once. */
static inline void correlate_half(float re[4], float im[4], const struct cpfsk_pulse *pulse,
                                  const float *i, const float *q, int first)
{
    quad_t sum_re = { 0 }, sum_im = { 0 };
    for (int n = first; n < first + CPFSK_SUB / 2; n++) {
        const quad_t pulse_re = quad_at(pulse->re[n]), pulse_im = quad_at(pulse->im[n]);
        sum_re += i[n] * pulse_re + q[n] * pulse_im;
        sum_im += q[n] * pulse_re - i[n] * pulse_im;
    }
    put_quad(re, sum_re);
    put_quad(im, sum_im);
}

static void correlate(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse,
                      const float *i, const float *q)
{
    correlate_half(segment->before_re, segment->before_im, pulse, i, q, 0);
    correlate_half(segment->after_re, segment->after_im, pulse, i, q, CPFSK_SUB / 2);
}

/* Carrier loop: gains for phase and frequency, a chip; noise bandwidth about 0.02 of the chip rate
 * at last. At first they are wider: the training sequence of a meter that overshoots at each change
 * of chip gives a carrier that is off by up to 3 kHz. */
static const float last_phase_gain = 0.06f, last_omega_gain = 0.0012f;
static const float gain_step = 0.95f; /* a chip */

/* A segment's correlations with one of its pairs. */
struct pair {
    float before_re, before_im, after_re, after_im, re, im;
};

static inline struct pair pair_of(const struct cpfsk_segment *s, int pair)
{
    return (struct pair){ s->before_re[pair],
                          s->before_im[pair],
                          s->after_re[pair],
                          s->after_im[pair],
                          s->before_re[pair] + s->after_re[pair],
                          s->before_im[pair] + s->after_im[pair] };
}

/* Survivors of four labels that have the last chip in common. */
struct quad_survivors {
    quad_t metric, ref_re, ref_im, omega, clock_error;
};

static inline struct quad_survivors survivors_at(const struct cpfsk_survivors *v, int chip,
                                                 int label)
{
    return (
        struct quad_survivors){ quad_at(v->metric[chip] + label), quad_at(v->ref_re[chip] + label),
                                quad_at(v->ref_im[chip] + label), quad_at(v->omega[chip] + label),
                                quad_at(v->clock_error[chip] + label) };
}

/* Survivors with last chip 0 and 1 take chip b: the better of the two goes on. Returns which it
 * was: all bits set for chip 1. */
static inline quad_mask_t take_chip(struct quad_survivors *to, const struct quad_survivors *zero,
                                    const struct quad_survivors *one, const struct cpfsk_forward *f,
                                    const struct cpfsk_segment *segment, int b)
{
    const struct pair p0 = pair_of(segment, b), p1 = pair_of(segment, 2 + b);
    const float step_re = f->step_re, step_im = b ? f->step_im : -f->step_im;
    const float phase_gain = f->phase_gain / f->amplitude;
    const float omega_gain = f->omega_gain / f->amplitude;
    const quad_t metric0 = zero->metric + p0.re * zero->ref_re - p0.im * zero->ref_im;
    const quad_t metric1 = one->metric + p1.re * one->ref_re - p1.im * one->ref_im;
    const quad_t before0 = p0.before_im * zero->ref_re + p0.before_re * zero->ref_im;
    const quad_t before1 = p1.before_im * one->ref_re + p1.before_re * one->ref_im;
    const quad_t after0 = p0.after_im * zero->ref_re + p0.after_re * zero->ref_im;
    const quad_t after1 = p1.after_im * one->ref_re + p1.after_re * one->ref_im;
    const quad_mask_t from_one = metric1 > metric0;
    const quad_t re = choose(from_one, one->ref_re, zero->ref_re);
    const quad_t im = choose(from_one, one->ref_im, zero->ref_im);
    const quad_t omega = choose(from_one, one->omega, zero->omega);
    const quad_t error = choose(from_one, before1 + after1, before0 + after0);
    const quad_t late0 = zero->clock_error + before0 + (b ? -after0 : after0);
    const quad_t late1 = one->clock_error - before1 + (b ? -after1 : after1);
    const quad_t turn = phase_gain * error + omega;
    /* ref *= conj(step) * (1 - j turn), kept at unit length. */
    const quad_t sr = re * step_re + im * step_im, si = im * step_re - re * step_im;
    const quad_t nr = sr + si * turn, ni = si - sr * turn;
    const quad_t scale = 1.5f - 0.5f * (nr * nr + ni * ni);
    *to = (struct quad_survivors){ .metric = choose(from_one, metric1, metric0),
                                   .ref_re = nr * scale,
                                   .ref_im = ni * scale,
                                   .omega = omega + omega_gain * error,
                                   .clock_error = choose(from_one, late1, late0) };
    return from_one;
}

static inline void put_rows(float row[2][CPFSK_LABELS], labels_t zero, labels_t one)
{
    put_labels(row[0], zero);
    put_labels(row[1], one);
}

/* A chip 1 is one more: its labels move up by one. */
static inline labels_t rotate(quad_t low, quad_t high)
{
    return move_up((labels_t){ low, high }, high);
}

/* Bit 2 * label + chip: as cpfsk_forward has them. */
static inline uint16_t predecessors(const quad_mask_t zero[2], const quad_mask_t one[2])
{
    static const quad_mask_t zero_low = { 1 << 0, 1 << 2, 1 << 4, 1 << 6 };
    static const quad_mask_t zero_high = { 1 << 8, 1 << 10, 1 << 12, 1 << 14 };
    static const quad_mask_t one_low = { 1 << 3, 1 << 5, 1 << 7, 1 << 9 };
    static const quad_mask_t one_high = { 1 << 11, 1 << 13, 1 << 15, 1 << 1 };
    const quad_mask_t bits =
        (zero[0] & zero_low) | (zero[1] & zero_high) | (one[0] & one_low) | (one[1] & one_high);
    return (uint16_t)(bits[0] | bits[1] | bits[2] | bits[3]);
}

static void forward_push(struct cpfsk_forward *f, const struct cpfsk_segment *segment)
{
    struct cpfsk_survivors *v = &f->survivors;
    struct quad_survivors zero[2], one[2];
    quad_mask_t zero_from[2], one_from[2];
    for (int half = 0; half < 2; half++) {
        const struct quad_survivors from_zero = survivors_at(v, 0, 4 * half);
        const struct quad_survivors from_one = survivors_at(v, 1, 4 * half);
        zero_from[half] = take_chip(&zero[half], &from_zero, &from_one, f, segment, 0);
        one_from[half] = take_chip(&one[half], &from_zero, &from_one, f, segment, 1);
    }
    const labels_t zero_metric = { zero[0].metric, zero[1].metric };
    const labels_t one_metric = rotate(one[0].metric, one[1].metric);
    const quad_t best = largest(larger_labels(zero_metric, one_metric));
    const labels_t top = { best, best };
    put_rows(v->metric, subtract(zero_metric, top), subtract(one_metric, top));
    put_rows(v->ref_re, (labels_t){ zero[0].ref_re, zero[1].ref_re },
             rotate(one[0].ref_re, one[1].ref_re));
    put_rows(v->ref_im, (labels_t){ zero[0].ref_im, zero[1].ref_im },
             rotate(one[0].ref_im, one[1].ref_im));
    put_rows(v->omega, (labels_t){ zero[0].omega, zero[1].omega },
             rotate(one[0].omega, one[1].omega));
    put_rows(v->clock_error, (labels_t){ zero[0].clock_error, zero[1].clock_error },
             rotate(one[0].clock_error, one[1].clock_error));
    f->total += best[0];
    f->phase_gain = last_phase_gain + gain_step * (f->phase_gain - last_phase_gain);
    f->omega_gain = last_omega_gain + gain_step * (f->omega_gain - last_omega_gain);
    f->from_one[f->n_chips++] = predecessors(zero_from, one_from);
}

/* Correlations of the four pairs at each label's phase. */
static inline void branch_metrics(labels_t metric[4], const struct cpfsk_segment *segment,
                                  const struct cpfsk_turns *turns, float ref_re, float ref_im)
{
    const labels_t turn_re = labels_at(turns->re), turn_im = labels_at(turns->im);
    for (int pair = 0; pair < 4; pair++) {
        const float cr = segment->before_re[pair] + segment->after_re[pair];
        const float ci = segment->before_im[pair] + segment->after_im[pair];
        const float re = cr * ref_re - ci * ref_im, im = ci * ref_re + cr * ref_im;
        metric[pair].low = re * turn_re.low - im * turn_im.low;
        metric[pair].high = re * turn_re.high - im * turn_im.high;
    }
}

static const quad_t none = { -1e30f, -1e30f, -1e30f, -1e30f };

/* The path's own label, where a slip to another one ends, is the first of the high ones: its cost
 * is none. */
static inline labels_t slip_to_path(labels_t x, labels_t slip_cost)
{
    static const quad_mask_t first = { -1, 0, 0, 0 };
    return (labels_t){ x.low, choose(first, largest(subtract(x, slip_cost)), x.high) };
}

static inline labels_t slip_from_path(labels_t x, labels_t slip_cost)
{
    const quad_t path = __builtin_shufflevector(x.high, x.high, 0, 0, 0, 0);
    return larger_labels(x, subtract((labels_t){ path, path }, slip_cost));
}

/* A label counts the ones beside the path's: a one moves it up, a one of the path down. */
static void alpha_step(float to[2][CPFSK_LABELS], float from[2][CPFSK_LABELS],
                       const struct cpfsk_segment *segment, const struct cpfsk_turns *turns,
                       float ref_re, float ref_im, int path_chip)
{
    labels_t metric[4];
    branch_metrics(metric, segment, turns, ref_re, ref_im);
    const labels_t slip_cost = labels_at(turns->slip_cost);
    const labels_t a = labels_at(from[0]), b = labels_at(from[1]);
    const labels_t zero = larger_labels(add(a, metric[0]), add(b, metric[2]));
    const labels_t one = larger_labels(add(a, metric[1]), add(b, metric[3]));
    const quad_t most = largest(larger_labels(zero, one));
    const labels_t top = { most, most };
    const labels_t to_zero = choose_if(path_chip, move_down(zero, none), zero);
    const labels_t to_one = choose_if(path_chip, one, move_up(one, none));
    put_labels(to[0], subtract(slip_to_path(to_zero, slip_cost), top));
    put_labels(to[1], subtract(slip_to_path(to_one, slip_cost), top));
}

static float beta_step(float beta[2][CPFSK_LABELS], float alpha[2][CPFSK_LABELS],
                       const struct cpfsk_segment *segment, const struct cpfsk_turns *turns,
                       float ref_re, float ref_im, int path_chip)
{
    labels_t metric[4];
    branch_metrics(metric, segment, turns, ref_re, ref_im);
    const labels_t slip_cost = labels_at(turns->slip_cost);
    const labels_t zero = slip_from_path(labels_at(beta[0]), slip_cost);
    const labels_t one = slip_from_path(labels_at(beta[1]), slip_cost);
    const labels_t to_zero = choose_if(path_chip, move_up(zero, none), zero);
    const labels_t to_one = choose_if(path_chip, one, move_down(one, none));
    const labels_t zero_zero = add(metric[0], to_zero), zero_one = add(metric[1], to_one);
    const labels_t one_zero = add(metric[2], to_zero), one_one = add(metric[3], to_one);
    const labels_t a = labels_at(alpha[0]), b = labels_at(alpha[1]);
    const quad_t best_zero = largest(larger_labels(add(a, zero_zero), add(b, one_zero)));
    const quad_t best_one = largest(larger_labels(add(a, zero_one), add(b, one_one)));
    const labels_t from_zero = larger_labels(zero_zero, zero_one);
    const labels_t from_one = larger_labels(one_zero, one_one);
    const quad_t most = largest(larger_labels(from_zero, from_one));
    const labels_t top = { most, most };
    put_labels(beta[0], subtract(from_zero, top));
    put_labels(beta[1], subtract(from_one, top));
    return best_one[0] - best_zero[0];
}
