/* SPDX-License-Identifier: MIT
 * The loops of the trellis (cpfsk_trellis.h) for all survivors at once, in vectors of four or
 * eight, which gcc and clang have for every CPU (gcc from 12 on). Included once by each
 * kernels_<isa>.c. */
#include "dsp/kernels/cpfsk_labels.h"

/* ---- samples and segments ----------------------------------------------------------------- */

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

/* The same for all lanes, of which the first has its sample at x[0]; one by one if there is a
 * sample between two lanes or none. */
static inline lanes_t interpolate_lanes(const float *x, lanes_mask_t k, const lanes_t weights[4])
{
    if (k[LANES - 1] - k[0] == LANES - 1) {
        x += k[0];
        return weights[0] * lanes_at(x - 1) + weights[1] * lanes_at(x) +
               weights[2] * lanes_at(x + 1) + weights[3] * lanes_at(x + 2);
    }
    lanes_t result;
    for (size_t part = 0; part < LANES / 4; part++) {
        quad_mask_t quad_k;
        quad_t quad_weights[4];
        memcpy(&quad_k, (char *)&k + part * sizeof quad_k, sizeof quad_k);
        for (int w = 0; w < 4; w++)
            memcpy(&quad_weights[w], (const char *)&weights[w] + part * sizeof(quad_t),
                   sizeof(quad_t));
        const quad_t quad = cubic(x, quad_k, quad_weights);
        memcpy((char *)&result + part * sizeof quad, &quad, sizeof quad);
    }
    return result;
}

static inline float interpolate(float *restrict to_i, float *restrict to_q, const float *restrict i,
                                const float *restrict q, float x, float dx, size_t n)
{
    static const float steps[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    lanes_t energy = { 0 };
    float sum = 0;
    for (size_t first = 0; first < n; first += LANES) {
        /* Far from the first sample a float does not tell so many fractions apart. */
        const double start = (double)x + (double)dx * (double)(int)first;
        const int whole = (int)start;
        const lanes_t at = (float)(start - whole) + dx * lanes_at(steps);
        const lanes_mask_t k = __builtin_convertvector(at, lanes_mask_t);
        const lanes_t u = at - __builtin_convertvector(k, lanes_t);
        const lanes_t outer = u * (u - 1) * (1.0f / 6), inner = (u + 1) * (u - 2) * 0.5f;
        const lanes_t weights[4] = { outer * (2 - u), inner * (u - 1), -inner * u,
                                     outer * (u + 1) };
        const lanes_t re = interpolate_lanes(i + whole, k, weights);
        const lanes_t im = interpolate_lanes(q + whole, k, weights);
        put_lanes(to_i + first, re);
        put_lanes(to_q + first, im);
        energy += re * re + im * im;
    }
    for (int lane = 0; lane < LANES; lane++)
        sum += energy[lane];
    return sum;
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

static inline void correlate(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse,
                             const float *i, const float *q)
{
    correlate_half(segment->before_re, segment->before_im, pulse, i, q, 0);
    correlate_half(segment->after_re, segment->after_im, pulse, i, q, CPFSK_SUB / 2);
}

/* ---- forward pass ------------------------------------------------------------------------- */

/* What a chip leaves of how far the gains of the carrier loop are from their last. */
static const float gain_step = 0.95f;

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

/* Survivors of some labels that have the last chip in common. */
struct survivors {
    lanes_t metric, ref_re, ref_im, omega, clock_error;
};

static inline struct survivors survivors_at(const struct cpfsk_survivors *v, int chip, int part)
{
    return (struct survivors){ labels_at(v->metric[chip]).part[part],
                               labels_at(v->ref_re[chip]).part[part],
                               labels_at(v->ref_im[chip]).part[part],
                               labels_at(v->omega[chip]).part[part],
                               labels_at(v->clock_error[chip]).part[part] };
}

/* Survivors of all labels after a chip. */
struct all_survivors {
    labels_t metric, ref_re, ref_im, omega, clock_error;
};

/* Survivors with last chip 0 and 1 take chip b: the better of the two goes on. Returns which it
 * was: all bits set for chip 1. */
static inline lanes_mask_t take_chip(struct all_survivors *to, int part,
                                     const struct survivors *zero, const struct survivors *one,
                                     const struct cpfsk_forward *f,
                                     const struct cpfsk_segment *segment, int b)
{
    const struct pair p0 = pair_of(segment, b), p1 = pair_of(segment, 2 + b);
    const float step_re = f->step_re, step_im = b ? f->step_im : -f->step_im;
    const float phase_gain = f->phase_gain / f->amplitude;
    const float omega_gain = f->omega_gain / f->amplitude;
    const lanes_t metric0 = zero->metric + p0.re * zero->ref_re - p0.im * zero->ref_im;
    const lanes_t metric1 = one->metric + p1.re * one->ref_re - p1.im * one->ref_im;
    const lanes_t before0 = p0.before_im * zero->ref_re + p0.before_re * zero->ref_im;
    const lanes_t before1 = p1.before_im * one->ref_re + p1.before_re * one->ref_im;
    const lanes_t after0 = p0.after_im * zero->ref_re + p0.after_re * zero->ref_im;
    const lanes_t after1 = p1.after_im * one->ref_re + p1.after_re * one->ref_im;
    const lanes_mask_t from_one = metric1 > metric0;
    const lanes_t re = choose(from_one, one->ref_re, zero->ref_re);
    const lanes_t im = choose(from_one, one->ref_im, zero->ref_im);
    const lanes_t omega = choose(from_one, one->omega, zero->omega);
    const lanes_t error = choose(from_one, before1 + after1, before0 + after0);
    const lanes_t late0 = zero->clock_error + before0 + (b ? -after0 : after0);
    const lanes_t late1 = one->clock_error - before1 + (b ? -after1 : after1);
    const lanes_t turn = phase_gain * error + omega;
    /* ref *= conj(step) * (1 - j turn), kept at unit length. */
    const lanes_t sr = re * step_re + im * step_im, si = im * step_re - re * step_im;
    const lanes_t nr = sr + si * turn, ni = si - sr * turn;
    const lanes_t scale = 1.5f - 0.5f * (nr * nr + ni * ni);
    to->metric.part[part] = choose(from_one, metric1, metric0);
    to->ref_re.part[part] = nr * scale;
    to->ref_im.part[part] = ni * scale;
    to->omega.part[part] = omega + omega_gain * error;
    to->clock_error.part[part] = choose(from_one, late1, late0);
    return from_one;
}

/* A chip 1 is one more: its labels move up by one. */
static inline labels_t rotate(labels_t x)
{
    return move_up(x, x.part[PARTS - 1]);
}

static inline void put_rows(float row[2][CPFSK_LABELS], labels_t zero, labels_t one)
{
    put_labels(row[0], zero);
    put_labels(row[1], rotate(one));
}

/* Bit 2 * label + chip: as cpfsk_forward has them. */
static inline uint16_t predecessors(const lanes_mask_t zero[PARTS], const lanes_mask_t one[PARTS])
{
    static const int32_t zero_bits[CPFSK_LABELS] = { 1 << 0, 1 << 2,  1 << 4,  1 << 6,
                                                     1 << 8, 1 << 10, 1 << 12, 1 << 14 };
    static const int32_t one_bits[CPFSK_LABELS] = { 1 << 3,  1 << 5,  1 << 7,  1 << 9,
                                                    1 << 11, 1 << 13, 1 << 15, 1 << 1 };
    lanes_mask_t bits = { 0 }, of_zero, of_one;
    int32_t all = 0;
    for (int part = 0; part < PARTS; part++) {
        memcpy(&of_zero, zero_bits + LANES * part, sizeof of_zero);
        memcpy(&of_one, one_bits + LANES * part, sizeof of_one);
        bits |= (zero[part] & of_zero) | (one[part] & of_one);
    }
    for (int k = 0; k < LANES; k++)
        all |= bits[k];
    return (uint16_t)all;
}

static inline void forward_push(struct cpfsk_forward *f, const struct cpfsk_segment *segment)
{
    struct cpfsk_survivors *v = &f->survivors;
    struct all_survivors zero, one;
    lanes_mask_t zero_from[PARTS], one_from[PARTS];
    for (int part = 0; part < PARTS; part++) {
        const struct survivors from_zero = survivors_at(v, 0, part);
        const struct survivors from_one = survivors_at(v, 1, part);
        zero_from[part] = take_chip(&zero, part, &from_zero, &from_one, f, segment, 0);
        one_from[part] = take_chip(&one, part, &from_zero, &from_one, f, segment, 1);
    }
    const lanes_t best = largest(larger_labels(zero.metric, one.metric));
    put_rows(v->metric, subtract_from_all(zero.metric, best), subtract_from_all(one.metric, best));
    put_rows(v->ref_re, zero.ref_re, one.ref_re);
    put_rows(v->ref_im, zero.ref_im, one.ref_im);
    put_rows(v->omega, zero.omega, one.omega);
    put_rows(v->clock_error, zero.clock_error, one.clock_error);
    f->total += best[0];
    f->phase_gain = f->last_phase_gain + gain_step * (f->phase_gain - f->last_phase_gain);
    f->omega_gain = f->last_omega_gain + gain_step * (f->omega_gain - f->last_omega_gain);
    f->from_one[f->n_chips++] = predecessors(zero_from, one_from);
}

/* ---- second pass -------------------------------------------------------------------------- */

/* Correlations of the four pairs at each label's phase. */
static inline void branch_metrics(labels_t metric[4], const struct cpfsk_segment *segment,
                                  const struct cpfsk_turns *turns, float ref_re, float ref_im)
{
    const labels_t turn_re = labels_at(turns->re), turn_im = labels_at(turns->im);
    const quad_t cr = quad_at(segment->before_re) + quad_at(segment->after_re);
    const quad_t ci = quad_at(segment->before_im) + quad_at(segment->after_im);
    const quad_t re = cr * ref_re - ci * ref_im, im = ci * ref_re + cr * ref_im;
    for (int pair = 0; pair < 4; pair++)
        for (int p = 0; p < PARTS; p++)
            metric[pair].part[p] = re[pair] * turn_re.part[p] - im[pair] * turn_im.part[p];
}

static inline lanes_t none(void)
{
    return (lanes_t){ 0 } - 1e30f;
}

/* The path's own label is where a slip to another one ends: its cost is none. */
static inline labels_t slip_to_path(labels_t x, labels_t slip_cost)
{
    return at_path_label(x, largest(subtract(x, slip_cost)));
}

static inline labels_t slip_from_path(labels_t x, labels_t slip_cost)
{
    const float path = x.part[PATH_LABEL / LANES][PATH_LABEL % LANES];
    labels_t slipped;
    for (int p = 0; p < PARTS; p++)
        slipped.part[p] = path - slip_cost.part[p];
    return larger_labels(x, slipped);
}

/* A number for each label and last chip. */
struct states {
    labels_t zero, one;
};

static inline struct states states_at(float x[2][CPFSK_LABELS])
{
    return (struct states){ labels_at(x[0]), labels_at(x[1]) };
}

static inline void put_states(float x[2][CPFSK_LABELS], struct states states)
{
    put_labels(x[0], states.zero);
    put_labels(x[1], states.one);
}

static inline struct states subtract_from_states(struct states x, lanes_t y)
{
    return (struct states){ subtract_from_all(x.zero, y), subtract_from_all(x.one, y) };
}

/* A label counts the ones beside the path's: a one moves it up, a one of the path down. */
static inline struct states alpha_step(struct states from, const labels_t metric[4],
                                       labels_t slip_cost, int path_chip)
{
    const labels_t zero = larger_labels(add(from.zero, metric[0]), add(from.one, metric[2]));
    const labels_t one = larger_labels(add(from.zero, metric[1]), add(from.one, metric[3]));
    const labels_t to_zero = choose_if(path_chip, move_down(zero, none()), zero);
    const labels_t to_one = choose_if(path_chip, one, move_up(one, none()));
    const struct states slipped = { slip_to_path(to_zero, slip_cost),
                                    slip_to_path(to_one, slip_cost) };
    return subtract_from_states(slipped, largest(larger_labels(zero, one)));
}

static inline struct states beta_step(struct states beta, struct states alpha,
                                      const labels_t metric[4], labels_t slip_cost, int path_chip,
                                      float *llr)
{
    const labels_t zero = slip_from_path(beta.zero, slip_cost);
    const labels_t one = slip_from_path(beta.one, slip_cost);
    const labels_t to_zero = choose_if(path_chip, move_up(zero, none()), zero);
    const labels_t to_one = choose_if(path_chip, one, move_down(one, none()));
    const labels_t zero_zero = add(metric[0], to_zero), zero_one = add(metric[1], to_one);
    const labels_t one_zero = add(metric[2], to_zero), one_one = add(metric[3], to_one);
    const lanes_t best_zero =
        largest(larger_labels(add(alpha.zero, zero_zero), add(alpha.one, one_zero)));
    const lanes_t best_one =
        largest(larger_labels(add(alpha.zero, zero_one), add(alpha.one, one_one)));
    const struct states from = { larger_labels(zero_zero, zero_one),
                                 larger_labels(one_zero, one_one) };
    *llr = best_one[0] - best_zero[0];
    return subtract_from_states(from, largest(larger_labels(from.zero, from.one)));
}

static inline void alpha_pass(float (*restrict alpha)[2][CPFSK_LABELS],
                              const struct cpfsk_path *restrict path,
                              const struct cpfsk_turns *restrict turns)
{
    struct states states = states_at(alpha[0]);
    for (size_t k = 0; k < path->n; k++) {
        labels_t metric[4];
        branch_metrics(metric, &path->segments[k], turns, path->ref_re[k], path->ref_im[k]);
        states = alpha_step(states, metric, labels_at(turns->slip_cost), path->chips[k]);
        put_states(alpha[k + 1], states);
    }
}

static inline void beta_pass(float *restrict llr, float beta[restrict 2][CPFSK_LABELS],
                             float (*restrict alpha)[2][CPFSK_LABELS],
                             const struct cpfsk_path *restrict path,
                             const struct cpfsk_turns *restrict turns)
{
    struct states states = states_at(beta);
    for (size_t k = path->n; k-- > 0;) {
        labels_t metric[4];
        branch_metrics(metric, &path->segments[k], turns, path->ref_re[k], path->ref_im[k]);
        states = beta_step(states, states_at(alpha[k]), metric, labels_at(turns->slip_cost),
                           path->chips[k], &llr[k]);
    }
    put_states(beta, states);
}
