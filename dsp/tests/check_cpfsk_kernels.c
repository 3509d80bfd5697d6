/* SPDX-License-Identifier: MIT
 * The kernels of the trellis, of every row that this CPU runs, against their definition written out
 * label by label in doubles. Each of many steps starts from what the kernel itself made of the
 * steps before. WMBUS_SEED=N repeats a run with other data. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/cpfsk_trellis.h"
#include "dsp/kernels/kernels.h"
#include "dsp/math_const.h"
#include "dsp/tests/kernel_check.h"

enum { LABELS = CPFSK_LABELS, STEPS = 500 };

static float noise(double most)
{
    return (float)rng_uniform(&kernel_rng, -most, most);
}

static void assert_near(double is, double expected, double tolerance)
{
    if (!(fabs(is - expected) <= tolerance))
        fail_msg("%.9g instead of %.9g", is, expected);
}

/* ---- samples and segments ----------------------------------------------------------------- */

/* A cubic is met exactly, wherever the samples lie, and whether there is one sample to each of
 * another number. */
static void check_interpolate(const struct kernels *kernels)
{
    enum { MAX_SEGMENTS = 8, MAX_N = MAX_SEGMENTS * CPFSK_SUB };
    for (int step = 0; step < STEPS; step++) {
        const size_t n = CPFSK_SUB * (size_t)kernel_random_int(1, MAX_SEGMENTS);
        const double most = step % 2 ? 0.02 : 0.5;
        const float x = (float)rng_uniform(&kernel_rng, 1, 2);
        const float dx = (float)rng_uniform(&kernel_rng, 1 - most, 1 + most);
        const size_t there = (size_t)(x + dx * (float)(n - 1)) + 3;
        struct kernel_input i = kernel_input_open(4 * there, 0),
                            q = kernel_input_open(4 * there, 0);
        struct kernel_output to_i = kernel_output_open(4 * n, 4),
                             to_q = kernel_output_open(4 * n, 0);
        const double a = (double)noise(1), b = (double)noise(1), c = (double)noise(1);
        double energy = 0;
        for (size_t k = 0; k < there; k++) {
            const double t = (double)k / 16;
            ((float *)i.at)[k] = (float)(a + b * t * t + c * t * t * t);
            ((float *)q.at)[k] = (float)(c - a * t + b * t * t);
        }
        const float got = kernels->cpfsk_interpolate(to_i.at, to_q.at, i.at, q.at, x, dx, n);
        for (size_t k = 0; k < n; k++) {
            const double t = ((double)x + (double)k * (double)dx) / 16;
            const double re = a + b * t * t + c * t * t * t, im = c - a * t + b * t * t;
            assert_near((double)((float *)to_i.at)[k], re, 1e-4);
            assert_near((double)((float *)to_q.at)[k], im, 1e-4);
            energy += re * re + im * im;
        }
        assert_near((double)got, energy, 1e-4 * (1 + energy));
        kernel_output_close(&to_i);
        kernel_output_close(&to_q);
        free(i.block);
        free(q.block);
    }
}

static void fill_segment(struct cpfsk_segment *s)
{
    for (int pair = 0; pair < 4; pair++) {
        s->before_re[pair] = noise(4);
        s->before_im[pair] = noise(4);
        s->after_re[pair] = noise(4);
        s->after_im[pair] = noise(4);
    }
}

static void check_correlate(const struct kernels *kernels)
{
    struct cpfsk_pulse pulse;
    for (int step = 0; step < STEPS; step++) {
        float i[CPFSK_SUB], q[CPFSK_SUB];
        struct cpfsk_segment s;
        for (int n = 0; n < CPFSK_SUB; n++) {
            i[n] = noise(1);
            q[n] = noise(1);
            for (int pair = 0; pair < 4; pair++) {
                pulse.re[n][pair] = noise(1);
                pulse.im[n][pair] = noise(1);
            }
        }
        kernels->cpfsk_correlate(&s, &pulse, i, q);
        for (int pair = 0; pair < 4; pair++) {
            double re[2] = { 0 }, im[2] = { 0 };
            for (int n = 0; n < CPFSK_SUB; n++) {
                const double pr = (double)pulse.re[n][pair], pi = (double)pulse.im[n][pair];
                const int half = n >= CPFSK_SUB / 2;
                re[half] += (double)i[n] * pr + (double)q[n] * pi;
                im[half] += (double)q[n] * pr - (double)i[n] * pi;
            }
            assert_near((double)s.before_re[pair], re[0], 1e-5);
            assert_near((double)s.before_im[pair], im[0], 1e-5);
            assert_near((double)s.after_re[pair], re[1], 1e-5);
            assert_near((double)s.after_im[pair], im[1], 1e-5);
        }
    }
}

/* ---- forward pass -----------------------------------------------------------------------------
 */

/* One survivor of before, as it would go on with chip b. */
struct branch {
    double metric, error, late;
};

static struct branch branch(const struct cpfsk_survivors *v, int last, int label, int b,
                            const struct cpfsk_segment *s)
{
    const int pair = 2 * last + b;
    const double re = (double)v->ref_re[last][label], im = (double)v->ref_im[last][label];
    const double before_re = (double)s->before_re[pair], before_im = (double)s->before_im[pair];
    const double after_re = (double)s->after_re[pair], after_im = (double)s->after_im[pair];
    const double before = before_im * re + before_re * im, after = after_im * re + after_re * im;
    return (struct branch){
        .metric = (double)v->metric[last][label] + (before_re + after_re) * re -
                  (before_im + after_im) * im,
        .error = before + after,
        .late =
            (double)v->clock_error[last][label] + (last ? -before : before) + (b ? -after : after),
    };
}

static void check_survivor(const struct cpfsk_forward *before, const struct cpfsk_forward *after,
                           const struct cpfsk_segment *s, int label, int b)
{
    const struct cpfsk_survivors *v = &before->survivors, *to = &after->survivors;
    const int to_label = (label + b) % LABELS;
    const int last = after->from_one[after->n_chips - 1] >> (2 * to_label + b) & 1;
    const struct branch taken = branch(v, last, label, b, s), other = branch(v, !last, label, b, s);
    const double best = (double)(after->total - before->total);
    assert_true(taken.metric >= other.metric - 1e-3);
    assert_near((double)to->metric[b][to_label] + best, taken.metric,
                2e-3 + 1e-6 * fabs(taken.metric));
    const double amplitude = (double)before->amplitude, omega = (double)v->omega[last][label];
    const double turn = (double)before->phase_gain / amplitude * taken.error + omega;
    const double step_re = (double)before->step_re;
    const double step_im = b ? (double)before->step_im : -(double)before->step_im;
    const double re = (double)v->ref_re[last][label], im = (double)v->ref_im[last][label];
    const double sr = re * step_re + im * step_im, si = im * step_re - re * step_im;
    const double nr = sr + si * turn, ni = si - sr * turn;
    const double scale = 1.5 - 0.5 * (nr * nr + ni * ni);
    assert_near((double)to->ref_re[b][to_label], nr * scale, 1e-4);
    assert_near((double)to->ref_im[b][to_label], ni * scale, 1e-4);
    assert_near((double)to->omega[b][to_label],
                omega + (double)before->omega_gain / amplitude * taken.error, 1e-5);
    assert_near((double)to->clock_error[b][to_label], taken.late, 1e-2);
}

static void check_forward(const struct kernels *kernels)
{
    static struct cpfsk_forward before, after;
    struct cpfsk_pulse pulse = { .h = 0.9f };
    cpfsk_forward_init(&after, kernels, &pulse, 0.3f, 1, 8, false);
    for (int step = 0; step < STEPS; step++) {
        struct cpfsk_segment s;
        fill_segment(&s);
        before = after;
        kernels->cpfsk_forward_push(&after, &s);
        assert_int_equal(after.n_chips, before.n_chips + 1);
        for (int label = 0; label < LABELS; label++)
            for (int b = 0; b < 2; b++)
                if (step > LABELS) /* nothing is impossible any more */
                    check_survivor(&before, &after, &s, label, b);
        cpfsk_forward_clock_error(&after, pulse.h, 1); /* keeps the sums small */
    }
}

/* ---- second pass ------------------------------------------------------------------------------
 */

static void fill_turns(struct cpfsk_turns *t)
{
    const int middle = LABELS / 2;
    for (int label = 0; label < LABELS; label++) {
        const double turn = 0.7 * (label - middle);
        t->re[label] = (float)cos(turn);
        t->im[label] = (float)sin(turn);
        t->slip_cost[label] = (float)fabs(turn);
    }
}

/* Correlation of pair last, b at a label's phase. */
static double correlation(const struct cpfsk_segment *s, const struct cpfsk_turns *t, double ref_re,
                          double ref_im, int last, int b, int label)
{
    const int pair = 2 * last + b;
    const double cr = (double)s->before_re[pair] + (double)s->after_re[pair];
    const double ci = (double)s->before_im[pair] + (double)s->after_im[pair];
    const double re = cr * ref_re - ci * ref_im, im = ci * ref_re + cr * ref_im;
    return re * (double)t->re[label] - im * (double)t->im[label];
}

static const double far_away = -1e30;

static double or_far(float labels[LABELS], int label)
{
    return label < 0 || label >= LABELS ? far_away : (double)labels[label];
}

/* What is subtracted keeps the numbers small: the largest of both chips and all labels. */
static double largest(double x[2][LABELS])
{
    double most = far_away;
    for (int k = 0; k < 2 * LABELS; k++)
        most = fmax(most, x[k / LABELS][k % LABELS]);
    return most;
}

static void assert_rows(float is[2][LABELS], double expected[2][LABELS], double top)
{
    for (int b = 0; b < 2; b++)
        for (int label = 0; label < LABELS; label++)
            if (expected[b][label] > far_away / 2)
                assert_near((double)is[b][label], expected[b][label] - top, 1e-3);
            else
                assert_true((double)is[b][label] < far_away / 4);
}

static void check_alpha_step(float to[2][LABELS], float from[2][LABELS],
                             const struct cpfsk_segment *s, const struct cpfsk_turns *t,
                             double ref_re, double ref_im, int path_chip)
{
    double best[2][LABELS], moved[2][LABELS];
    for (int b = 0; b < 2; b++)
        for (int l = 0; l < LABELS; l++)
            best[b][l] = fmax((double)from[0][l] + correlation(s, t, ref_re, ref_im, 0, b, l),
                              (double)from[1][l] + correlation(s, t, ref_re, ref_im, 1, b, l));
    for (int b = 0; b < 2; b++) {
        double slipped = far_away;
        for (int l = 0; l < LABELS; l++) {
            const int at = l - (b - path_chip); /* a label counts the ones beside the path's */
            moved[b][l] = at < 0 || at >= LABELS ? far_away : best[b][at];
            slipped = fmax(slipped, moved[b][l] - (double)t->slip_cost[l]);
        }
        moved[b][LABELS / 2] = fmax(moved[b][LABELS / 2], slipped);
    }
    assert_rows(to, moved, largest(best));
}

static void check_beta_step(float after[2][LABELS], float beta[2][LABELS], float alpha[2][LABELS],
                            const struct cpfsk_segment *s, const struct cpfsk_turns *t,
                            double ref_re, double ref_im, int path_chip, double llr)
{
    double back[2][LABELS], best[2] = { far_away, far_away };
    float slipped[2][LABELS];
    for (int b = 0; b < 2; b++)
        for (int l = 0; l < LABELS; l++)
            slipped[b][l] = fmaxf(beta[b][l], beta[b][LABELS / 2] - t->slip_cost[l]);
    for (int last = 0; last < 2; last++) {
        for (int l = 0; l < LABELS; l++) {
            back[last][l] = -HUGE_VAL;
            for (int b = 0; b < 2; b++) {
                const double onward = or_far(slipped[b], l + b - path_chip) +
                                      correlation(s, t, ref_re, ref_im, last, b, l);
                back[last][l] = fmax(back[last][l], onward);
                best[b] = fmax(best[b], (double)alpha[last][l] + onward);
            }
        }
    }
    assert_rows(after, back, largest(back));
    assert_near(llr, best[1] - best[0], 1e-3);
}

static void check_soft(const struct kernels *kernels)
{
    struct cpfsk_turns turns;
    float alpha[2][2][LABELS] = { { { 0 } } }, beta[2][LABELS] = { { 0 } };
    fill_turns(&turns);
    for (int step = 0; step < STEPS; step++) {
        struct cpfsk_segment s;
        float before[2][LABELS], llr;
        const double angle = rng_uniform(&kernel_rng, 0, TWO_PI);
        const float ref_re = (float)cos(angle), ref_im = (float)sin(angle);
        const uint8_t path_chip = rng_u64(&kernel_rng) & 1;
        const struct cpfsk_path path = { &s, &ref_re, &ref_im, &path_chip, 1 };
        fill_segment(&s);
        memcpy(before, beta, sizeof before);
        kernels->cpfsk_beta_pass(&llr, beta, alpha, &path, &turns);
        check_beta_step(beta, before, alpha[0], &s, &turns, (double)ref_re, (double)ref_im,
                        path_chip, (double)llr);
        kernels->cpfsk_alpha_pass(alpha, &path, &turns);
        check_alpha_step(alpha[1], alpha[0], &s, &turns, (double)ref_re, (double)ref_im, path_chip);
        memcpy(alpha[0], alpha[1], sizeof alpha[0]);
    }
}

/* Many chips at once are what they are one by one. */
static void check_passes(const struct kernels *kernels)
{
    enum { N = 50 };
    static float alpha[N + 1][2][LABELS], one_by_one[N + 1][2][LABELS];
    struct cpfsk_segment segments[N];
    float ref_re[N], ref_im[N], llr[N], llr_alone[N];
    float beta[2][LABELS] = { { 0 } }, beta_alone[2][LABELS] = { { 0 } };
    uint8_t chips[N];
    struct cpfsk_turns turns;
    fill_turns(&turns);
    for (size_t k = 0; k < N; k++) {
        const double angle = rng_uniform(&kernel_rng, 0, TWO_PI);
        fill_segment(&segments[k]);
        ref_re[k] = (float)cos(angle);
        ref_im[k] = (float)sin(angle);
        chips[k] = rng_u64(&kernel_rng) & 1;
    }
    const struct cpfsk_path all = { segments, ref_re, ref_im, chips, N };
    kernels->cpfsk_alpha_pass(alpha, &all, &turns);
    kernels->cpfsk_beta_pass(llr, beta, alpha, &all, &turns);
    for (size_t k = 0; k < N; k++) {
        const struct cpfsk_path one = { segments + k, ref_re + k, ref_im + k, chips + k, 1 };
        kernels->cpfsk_alpha_pass(one_by_one + k, &one, &turns);
        for (int label = 0; label < LABELS; label++)
            for (int b = 0; b < 2; b++)
                if (alpha[k + 1][b][label] > -1e20f || one_by_one[k + 1][b][label] > -1e20f)
                    assert_near((double)alpha[k + 1][b][label], (double)one_by_one[k + 1][b][label],
                                1e-3);
    }
    for (size_t k = N; k-- > 0;) {
        const struct cpfsk_path one = { segments + k, ref_re + k, ref_im + k, chips + k, 1 };
        kernels->cpfsk_beta_pass(llr_alone + k, beta_alone, alpha + k, &one, &turns);
        assert_near((double)llr[k], (double)llr_alone[k], 1e-3);
    }
}

static void test_interpolate(void **state)
{
    (void)state;
    kernel_each_row(check_interpolate);
}

static void test_correlate(void **state)
{
    (void)state;
    kernel_each_row(check_correlate);
}

static void test_forward(void **state)
{
    (void)state;
    kernel_each_row(check_forward);
}

static void test_soft(void **state)
{
    (void)state;
    kernel_each_row(check_soft);
    kernel_each_row(check_passes);
}

int main(void)
{
    kernel_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interpolate),
        cmocka_unit_test(test_correlate),
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_soft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
