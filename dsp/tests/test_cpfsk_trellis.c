/* SPDX-License-Identifier: MIT
 * Sequence detection without noise: every index and shape that meters have, a carrier that is not
 * where it was thought to be, an index that is not quite right. */
#include "dsp/cpfsk_trellis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "dsp/fsk_mod.h"
#include "dsp/kernels/kernels.h"
#include "dsp/math_const.h"
#include "dsp/rng.h"

enum { N_CHIPS = 500, LEAD = 4, N_ALL = LEAD + N_CHIPS + 2, MAX_SAMPLES = N_ALL * CPFSK_SUB + 64 };

static const double chip_rate = 100e3;

static uint8_t chips[N_ALL], path[N_CHIPS];
static float mod_i[MAX_SAMPLES], mod_q[MAX_SAMPLES], llr[N_CHIPS];
static struct cpfsk_segment segments[N_CHIPS];
static struct cpfsk_forward forward;
static struct cpfsk_work work;
static struct rng rng;
static unsigned one_in; /* so many chips is one */

static void init_pulse(struct cpfsk_pulse *pulse, double h, double bt)
{
    struct cpfsk_shape shape;
    cpfsk_shape_init(&shape, bt);
    cpfsk_pulse_init(pulse, &shape, (float)h);
}

static const struct kernels *row; /* each that runs here is tested */

static const struct kernels *kernels(void)
{
    return row;
}

static void soft(const struct cpfsk_pulse *pulse, size_t n, int last_chip, struct cpfsk_fit *fit)
{
    cpfsk_fit_path(&work, segments, pulse, path, n, last_chip, fit);
    cpfsk_soft(&work, kernels(), segments, pulse, path, n, last_chip, fit->amplitude, llr);
}

/* Random chips at CPFSK_SUB samples a chip, so placed that the samples of a segment are there. */
static const float *modulate(double h, double bt, double carrier_hz, const float **q)
{
    const struct fsk_mod_config config = { .sample_rate_sps = CPFSK_SUB * chip_rate,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = h * chip_rate / 2,
                                           .carrier_hz = carrier_hz,
                                           .phase_rad = 1.3,
                                           .delay_samples = 0.5,
                                           .bt = bt };
    for (size_t k = 0; k < N_ALL; k++)
        chips[k] = rng_u64(&rng) % one_in == 0;
    assert_true(fsk_mod_samples(&config, N_ALL) <= MAX_SAMPLES);
    fsk_mod(&config, chips, N_ALL, mod_i, mod_q);
    const size_t first = (size_t)(fsk_mod_chip_start(&config, N_ALL, LEAD) + 0.5) - CPFSK_SUB / 2;
    *q = mod_q + first;
    return mod_i + first;
}

/* Both passes with a pulse of index h_pulse. */
static void run(double h, double h_pulse, double bt, double carrier_hz, struct cpfsk_fit *fit)
{
    struct cpfsk_pulse pulse;
    const float *q, *i = modulate(h, bt, carrier_hz, &q);
    init_pulse(&pulse, h_pulse, bt);
    for (size_t k = 0; k < N_CHIPS; k++)
        kernels()->cpfsk_correlate(&segments[k], &pulse, i + k * CPFSK_SUB, q + k * CPFSK_SUB);
    const int last_chip = chips[LEAD - 1], pair = 2 * last_chip + chips[LEAD];
    const float phase = atan2f(segments[0].before_im[pair] + segments[0].after_im[pair],
                               segments[0].before_re[pair] + segments[0].after_re[pair]);
    cpfsk_forward_init(&forward, kernels(), &pulse, phase, last_chip, CPFSK_SUB, false);
    for (size_t k = 0; k < N_CHIPS; k++)
        cpfsk_forward_push(&forward, &segments[k]);
    assert_int_equal(forward.n_chips, N_CHIPS);
    cpfsk_forward_trace(&forward, path);
    soft(&pulse, N_CHIPS, last_chip, fit);
}

static void assert_right(void)
{
    assert_memory_equal(path, chips + LEAD, N_CHIPS);
    for (size_t k = 0; k < N_CHIPS; k++)
        assert_int_equal(llr[k] > 0, chips[LEAD + k]);
}

static const double indices[] = { 0.6, 0.66, 0.8, 0.9, 1.0, 1.1, 1.3, 1.6 };
static const double shapes[] = { 0, 0.5 };

static void test_every_index(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(indices); k++) {
        for (size_t s = 0; s < ARRAY_LEN(shapes); s++) {
            struct cpfsk_fit fit;
            run(indices[k], indices[k], shapes[s], 0, &fit);
            print_message("h %.2f bt %.1f: amplitude %.3f, omega %+.5f, h %+.4f\n", indices[k],
                          shapes[s], (double)fit.amplitude, (double)fit.omega, (double)fit.h_error);
            assert_right();
            /* Neighbours but one still matter to a Gaussian pulse a little. */
            assert_true(fabs((double)fit.amplitude / CPFSK_SUB - 1) < 0.05);
            assert_true(fabs((double)fit.omega) < 0.005);
            assert_true(fabs((double)fit.h_error) < 0.01);
        }
    }
}

static void test_wrong_index(void **state)
{
    (void)state;
    static const double errors[] = { -0.015, 0.015 };
    for (size_t k = 0; k < ARRAY_LEN(indices); k++) {
        for (size_t e = 0; e < ARRAY_LEN(errors); e++) {
            struct cpfsk_fit fit;
            run(indices[k], indices[k] - errors[e], 0, 0, &fit);
            print_message("h %.2f: %+.3f off, %+.4f found\n", indices[k], errors[e],
                          (double)fit.h_error);
            /* Long runs of one chip outrun the carrier loop; the next pass has the better index. */
            int wrong = 0;
            for (size_t c = 0; c < N_CHIPS; c++)
                wrong += path[c] != chips[LEAD + c];
            assert_true(wrong <= 5);
            assert_true((double)fit.h_error / errors[e] > 0.5);
            assert_true((double)fit.h_error / errors[e] < 1.5);
        }
    }
}

/* Where most chips are zeros, an index that is wrong turns the carrier by a mean as well, and so
 * does the carrier itself: only what is beside that mean tells of the index, and only the rest of
 * the mean is carrier. */
static void test_mostly_zeros(void **state)
{
    static const double errors[] = { -0.015, 0.015 }, carriers_hz[] = { 0, 100 };
    (void)state;
    one_in = 4; /* until the next test is set up */
    for (size_t k = 0; k < ARRAY_LEN(indices); k++)
        for (size_t c = 0; c < ARRAY_LEN(carriers_hz); c++)
            for (size_t e = 0; e < ARRAY_LEN(errors); e++) {
                struct cpfsk_fit fit;
                run(indices[k], indices[k] - errors[e], 0, carriers_hz[c], &fit);
                const double omega = (double)fit.omega - PI * errors[e] * (double)fit.balance;
                print_message("h %.2f: %+.3f off, %+.4f found, carrier %+.5f too much\n",
                              indices[k], errors[e], (double)fit.h_error,
                              omega - TWO_PI * carriers_hz[c] / chip_rate);
                assert_true(fabs((double)fit.h_error / errors[e] - 1) < 0.5);
                assert_true(fabs(omega - TWO_PI * carriers_hz[c] / chip_rate) < 0.003);
            }
}

static int even_chips(void **state)
{
    (void)state;
    one_in = 2;
    return 0;
}

/* Up to 320 Hz at first, and as much as the loop learns to follow. */
static void test_carrier(void **state)
{
    (void)state;
    static const double carriers_hz[] = { -300, -100, 50, 100, 300 };
    for (size_t c = 0; c < ARRAY_LEN(carriers_hz); c++) {
        for (size_t s = 0; s < ARRAY_LEN(shapes); s++) {
            struct cpfsk_fit fit;
            run(0.9, 0.9, shapes[s], carriers_hz[c], &fit);
            const double omega = TWO_PI * carriers_hz[c] / chip_rate;
            print_message("%+.0f Hz: omega %+.6f, is %+.6f, amplitude %.4f\n", carriers_hz[c],
                          (double)fit.omega, omega, (double)fit.amplitude);
            assert_right();
            assert_true(fabs((double)fit.omega - omega) < 0.01 * fabs(omega));
            assert_true(fit.amplitude > 7.99f); /* the carrier is followed to both ends */
        }
    }
}

/* Segments cut too early by a few per cent of a chip: the boundaries come so late. */
static void test_clock_error(void **state)
{
    (void)state;
    enum { OVER = 4 };
    struct cpfsk_pulse pulse;
    static float i[MAX_SAMPLES * OVER], q[MAX_SAMPLES * OVER];
    const struct fsk_mod_config config = { .sample_rate_sps = OVER * CPFSK_SUB * chip_rate,
                                           .chip_rate_cps = chip_rate,
                                           .deviation_hz = 50e3 };
    for (size_t k = 0; k < N_ALL; k++)
        chips[k] = rng_u64(&rng) & 1;
    fsk_mod(&config, chips, N_ALL, i, q);
    init_pulse(&pulse, 1.0, 0);
    for (int early = -2; early <= 2; early++) { /* of OVER * CPFSK_SUB steps a chip */
        const size_t first = (size_t)((LEAD * CPFSK_SUB - CPFSK_SUB / 2) * OVER + OVER / 2 - early);
        for (size_t k = 0; k < N_CHIPS; k++) {
            float seg_i[CPFSK_SUB], seg_q[CPFSK_SUB];
            for (size_t n = 0; n < CPFSK_SUB; n++) {
                seg_i[n] = i[first + (k * CPFSK_SUB + n) * OVER];
                seg_q[n] = q[first + (k * CPFSK_SUB + n) * OVER];
            }
            kernels()->cpfsk_correlate(&segments[k], &pulse, seg_i, seg_q);
        }
        const int last_chip = chips[LEAD - 1], pair = 2 * last_chip + chips[LEAD];
        const float phase = atan2f(segments[0].before_im[pair] + segments[0].after_im[pair],
                                   segments[0].before_re[pair] + segments[0].after_re[pair]);
        cpfsk_forward_init(&forward, kernels(), &pulse, phase, last_chip, CPFSK_SUB, false);
        for (size_t k = 0; k < N_CHIPS; k++)
            cpfsk_forward_push(&forward, &segments[k]);
        const double error = (double)cpfsk_forward_clock_error(&forward, 1.0f, N_CHIPS);
        const double is = (double)early / (OVER * CPFSK_SUB);
        print_message("%+.4f chips late: %+.4f\n", is, error);
        assert_true(early == 0 ? fabs(error) < 0.005 : error / is > 0.4 && error / is < 1.6);
        /* asked again at once, there is nothing new */
        assert_true(cpfsk_forward_clock_error(&forward, 1.0f, 1) == 0.0f);
    }
}

/* Settled, the loop starts with the gains that any has after some hundred chips. */
static void test_settled(void **state)
{
    (void)state;
    struct cpfsk_pulse pulse;
    const float *q, *i = modulate(1.0, 0, 0, &q);
    init_pulse(&pulse, 1.0, 0);
    for (size_t k = 0; k < N_CHIPS; k++)
        kernels()->cpfsk_correlate(&segments[k], &pulse, i + k * CPFSK_SUB, q + k * CPFSK_SUB);
    cpfsk_forward_init(&forward, kernels(), &pulse, 0, 0, CPFSK_SUB, false);
    const float first_gain = forward.phase_gain, first_omega_gain = forward.omega_gain;
    for (size_t k = 0; k < N_CHIPS; k++)
        cpfsk_forward_push(&forward, &segments[k]);
    const float last_gain = forward.phase_gain, last_omega_gain = forward.omega_gain;
    cpfsk_forward_init(&forward, kernels(), &pulse, 0, 0, CPFSK_SUB, true);
    assert_true(fabsf(forward.phase_gain / last_gain - 1) < 1e-4f);
    assert_true(fabsf(forward.omega_gain / last_omega_gain - 1) < 1e-4f);
    assert_true(first_gain > 2 * last_gain && first_omega_gain > 2 * last_omega_gain);
}

static void test_short(void **state)
{
    (void)state;
    struct cpfsk_pulse pulse;
    const float *q, *i = modulate(1.0, 0, 0, &q);
    init_pulse(&pulse, 1.0, 0);
    kernels()->cpfsk_correlate(&segments[0], &pulse, i, q);
    for (int last = 0; last <= 1; last++) {
        struct cpfsk_fit fit;
        path[0] = chips[LEAD];
        soft(&pulse, 1, last, &fit);
        assert_true(isfinite(llr[0]) && isfinite(fit.omega) && isfinite(fit.h_error));
    }
    /* silence says nothing */
    memset(segments, 0, sizeof segments);
    memset(path, 1, sizeof path);
    struct cpfsk_fit fit;
    soft(&pulse, N_CHIPS, 0, &fit);
    assert_true(isfinite(fit.amplitude) && isfinite(fit.omega) && isfinite(fit.h_error));
    for (size_t k = 0; k < N_CHIPS; k++)
        assert_true(fabsf(llr[k]) < 1e-3f);
}

static void test_step(void **state)
{
    (void)state;
    assert_true(cpfsk_step(-0.1, 0) == -1 && cpfsk_step(0.1, 0) == 1);
    for (double u = 0; u < 2; u += 0.1)
        assert_true(fabs(cpfsk_step(u, 0.5) + cpfsk_step(-u, 0.5)) < 1e-12);
    assert_true(cpfsk_step(1, 0.5) > 0.99 && cpfsk_step(0.5, 0.5) < 0.97);
}

int main(void)
{
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_index, even_chips),
        cmocka_unit_test_setup(test_wrong_index, even_chips),
        cmocka_unit_test_setup(test_mostly_zeros, even_chips),
        cmocka_unit_test_setup(test_carrier, even_chips),
        cmocka_unit_test_setup(test_clock_error, even_chips),
        cmocka_unit_test_setup(test_settled, even_chips),
        cmocka_unit_test_setup(test_short, even_chips),
        cmocka_unit_test_setup(test_step, even_chips),
    };
    int failed = 0;
    for (size_t k = 0; (row = kernels_row(k)) != NULL; k++) {
        if (kernels_find(row->name) != row)
            continue;
        print_message("kernels: %s\n", row->name);
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
