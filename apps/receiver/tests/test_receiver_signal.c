/* SPDX-License-Identifier: MIT
 * What may be wrong with a burst, and bursts beside each other. */
#include "apps/receiver/tests/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

/* ---- how it is sent ----------------------------------------------------------------------- */

static const struct {
    const char *what;
    double offset_hz, clock_error, clock_drift, t_deviation_hz, c_deviation_hz, ecn0_db;
    double t_bt, c_bt;
} signals[] = {
    { "as the standard has it", 0, 0, 0, 0, 0, 14, 0, 0.5 },
    { "T shaped, C unshaped", 0, 0, 0, 0, 0, 14, 0.5, 0 },
    { "120 kHz above", 120e3, 0, 0, 0, 0, 15, 0, 0.5 },
    { "120 kHz below", -120e3, 0, 0, 0, 0, 15, 0, 0.5 },
    { "80 kHz above, clock 1 % fast", 80e3, 0.01, 0, 0, 0, 14, 0, 0.5 },
    { "80 kHz below, clock 1 % slow", -80e3, -0.01, 0, 0, 0, 14, 0, 0.5 },
    { "97 kcps", 0, -0.03, 0, 0, 0, 15, 0, 0.5 },
    { "103 kcps", 0, 0.03, 0, 0, 0, 15, 0, 0.5 },
    { "97 kcps, 120 kHz above", 120e3, -0.03, 0, 0, 0, 18, 0, 0.5 },
    { "103 kcps, 120 kHz below", -120e3, 0.03, 0, 0, 0, 18, 0, 0.5 },
    { "smallest deviations", 0, 0, 0, 40e3, 33.75e3, 18, 0, 0.5 },
    { "largest deviations", 0, 0, 0, 80e3, 56.25e3, 18, 0, 0.5 },
    { "largest deviations, 60 kHz above", 60e3, 0, 0, 80e3, 56.25e3, 18, 0, 0.5 },
    { "clock drifts by 0.5 %", 0, 0, 0.005, 0, 0, 18, 0, 0.5 },
    { "clock drifts by -0.5 %", 0, 0, -0.005, 0, 0, 18, 0, 0.5 },
};

static void test_signals(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(signals); r++) {
        struct stream s = one_each();
        s.ecn0_db = signals[r].ecn0_db;
        for (size_t k = 0; k < s.n_sent; k++) {
            struct burst *b = &s.sent[k].burst;
            const bool is_t = strcmp(b->mode->name, "T1") == 0;
            b->offset_hz = signals[r].offset_hz;
            b->clock_error = signals[r].clock_error;
            b->clock_drift = signals[r].clock_drift;
            b->deviation_hz = is_t ? signals[r].t_deviation_hz : signals[r].c_deviation_hz;
            b->bt = is_t ? signals[r].t_bt : signals[r].c_bt;
        }
        assert_all_heard(&s, signals[r].what);
    }
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        double amplitude, gain, ecn0_db, dc_i, dc_q;
    } rows[] = {
        { "amplitude 2 of 127", 2 * byte_step, 1, 12, 0, 0 },
        { "amplitude 30", 30 * byte_step, 1, 12, 0, 0 },
        { "full scale", 1, 1, 20, 0, 0 },
        { "clipped by 20 dB", 1, 10, 20, 0, 0 },
        { "DC in the middle of the channel", 8 * byte_step, 1, 16, 0.1, -0.06 },
        { "DC of a cheap converter", 8 * byte_step, 1, 16, 0.5 * byte_step, 0.5 * byte_step },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct stream s = plain();
        s.amplitude = rows[r].amplitude;
        s.gain = rows[r].gain;
        s.ecn0_db = rows[r].ecn0_db;
        s.dc_i = rows[r].dc_i;
        s.dc_q = rows[r].dc_q;
        add(&s, T1, 31, 1, 0.004);
        add(&s, C1_A, 47, 2, 0.013);
        add(&s, C1_B, 60, 3, 0.024);
        assert_all_heard(&s, rows[r].what);
    }
}

/* What is said of the signal is what was sent. */
static void test_measured(void **state)
{
    (void)state;
    for (int format = IQ_CU8; format <= IQ_CF32; format += IQ_CF32) {
        struct stream s = plain();
        s.format = (enum iq_format)format;
        s.amplitude = 0.1;
        s.ecn0_db = 20;
        for (size_t k = 0; k < 6; k++) {
            struct burst *b = add(&s, k % N_MODES, 50, k, 0.05 + 0.012 * (double)k);
            b->offset_hz = -50e3 + 20e3 * (double)k;
            b->clock_error = -0.006 + 0.0025 * (double)k;
            b->deviation_hz = k % N_MODES == T1 ? 60e3 : 48e3;
        }
        assert_all_heard(&s, "measured");
        for (size_t k = 0; k < s.n_sent; k++) {
            const struct burst *b = &s.sent[k].burst;
            const struct reception *rx = &frame_of(&s, &s.sent[k])->rx;
            const double rate = 100e3 * (1 + b->clock_error);
            print_message("%.2f dBFS, %.2f dB, %+.0f Hz, %.1f cps, %.0f Hz, chip %+.3f\n",
                          (double)rx->rssi_dbfs, (double)rx->snr_db, (double)rx->offset_hz,
                          (double)rx->chip_rate_cps, (double)rx->deviation_hz,
                          (rx->first_chip_sample - first_chip(&s, &s.sent[k])) / 16);
            assert_true(fabs((double)rx->rssi_dbfs + 20) < 0.5);
            assert_true(fabs((double)rx->snr_db - 20) < 1.0);
            assert_true(fabs((double)rx->offset_hz - b->offset_hz) < 300);
            assert_true(fabs((double)rx->chip_rate_cps - rate) < 60);
            assert_true(fabs((double)rx->deviation_hz - b->deviation_hz) < 1500);
            assert_true(fabs(rx->first_chip_sample - first_chip(&s, &s.sent[k])) < 0.2 * 16);
        }
    }
}

/* A recording of one burst: the silence that fills it up is not its noise, of which there is little
 * to measure. */
static void test_short_recording(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < N_MODES; mode++) {
        struct stream s = plain();
        s.rate_sps = 0.8e6;
        add(&s, mode, 40, 1, 0.011);
        assert_all_heard(&s, "alone");
        assert_true(fabs((double)heard.frames[0].rx.snr_db - s.ecn0_db) < 1.5);
    }
}

static void assert_snr(const struct stream *s, double low_db, double high_db)
{
    for (size_t k = 0; k < s->n_sent; k++) {
        const struct frame *f = frame_of(s, &s->sent[k]);
        const double snr_db = (double)f->rx.snr_db;
        print_message("  transmission %zu: %.1f dB\n", k, snr_db);
        assert_true(snr_db > low_db && snr_db < high_db);
        assert_true(fabs((double)(f->rx.rssi_dbfs - f->rx.noise_dbfs) - snr_db) < 0.01);
    }
}

/* Nothing but the bursts themselves: not as strong as they are is the noise. */
static void test_noise_of_silence(void **state)
{
    (void)state;
    static const enum iq_format formats[] = { IQ_CS16, IQ_CF32 };
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        struct stream s = one_each();
        s.format = formats[f];
        s.ecn0_db = (double)INFINITY;
        assert_all_heard(&s, "no noise");
        assert_snr(&s, 20, 200);
    }
}

/* Telegram after telegram, with gaps of 20 chips, for longer than the noise is taken from. */
static void test_noise_of_dense_traffic(void **state)
{
    (void)state;
    static const double ecn0_db[] = { 18, 14 };
    for (size_t r = 0; r < ARRAY_LEN(ecn0_db); r++) {
        struct stream s = plain();
        double end_s = 0.001;
        s.ecn0_db = ecn0_db[r];
        for (size_t k = 0; k < MAX_SENT; k++) {
            struct burst_signal signal;
            struct burst *b = add(&s, k % N_MODES, 120, k + 1, 0);
            b->telegram = s.sent[k].telegram;
            assert_true(burst_prepare(b, s.rate_sps, s.center_hz, &signal));
            s.sent[k].time_s = end_s + signal.first_sync_sample / s.rate_sps;
            end_s += (double)signal.n_samples / s.rate_sps + 0.0002;
        }
        assert_all_heard(&s, "dense");
        assert_snr(&s, ecn0_db[r] - 2, ecn0_db[r] + 1);
    }
}

/* ---- one beside the other ----------------------------------------------------------------- */

/* The weaker of two bursts may get lost; the stronger may not, wherever it starts. */
static void test_overlap(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < N_MODES; mode++) {
        for (int start = -8; start <= 8; start += 2) {
            struct stream s = plain();
            s.ecn0_db = 15; /* of the weaker */
            add(&s, T1, 40, 1, 0.020);
            struct burst *b = add(&s, mode, 40, 2, 0.020 + 0.0006 * start);
            b->amplitude *= sqrt(10);
            b->offset_hz = start & 2 ? 20e3 : -10e3;
            hear(&s);
            if (!frame_of(&s, &s.sent[1]))
                fail_msg("mode %zu, %+d: the stronger is lost", mode, start);
        }
    }
}

/* One that is right although a stronger one covers its end, far beside it, does not hide that. */
static void test_overlap_beside(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        struct stream s = plain();
        s.ecn0_db = 19;
        add(&s, T1, 47, 1, 0.020)->offset_hz = 75e3 * side;
        struct burst *b = add(&s, T1, 47, 2, 0.0235);
        b->offset_hz = -75e3 * side;
        b->amplitude *= 2;
        assert_all_heard(&s, "150 kHz apart");
    }
}

/* However long the preamble, its end is what chips are counted from. */
static void test_long_preambles(void **state)
{
    (void)state;
    for (unsigned pairs = 100; pairs <= 280; pairs += 36) {
        struct stream s = plain();
        for (size_t k = 0; k < MAX_SENT; k++) {
            struct burst *b = add(&s, T1, 40, pairs + k, 0.01 + 0.02 * (double)k);
            b->preamble_pairs = pairs;
            b->offset_hz = 10e3 * ((double)k - 4);
            b->clock_error = 0.0012 * ((double)k - 4);
        }
        assert_all_heard(&s, "long preambles");
    }
}

/* What the receiver is told of, it hears once, though its search finds it as well. */
static void test_told(void **state)
{
    (void)state;
    struct err err;
    struct stream s = one_each();
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format };
    write_stream(&s);
    memset(&heard, 0, sizeof heard);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    assert_non_null(r);
    for (size_t k = 0; k < s.n_sent; k++) {
        const struct told_burst told = { .mode = s.sent[k].burst.mode,
                                         .first_sync_sample = first_chip(&s, &s.sent[k]),
                                         .chip_rate_cps = 100e3,
                                         .noise_density = 1e-9 };
        receiver_tell(r, &told);
    }
    receiver_push(r, samples, n_samples);
    receiver_flush(r);
    receiver_close(r);
    assert_int_equal(heard.n, s.n_sent);
    for (size_t k = 0; k < s.n_sent; k++)
        assert_non_null(frame_of(&s, &s.sent[k]));
}

static size_t n_reported;

static void count_report(void *user, const struct burst_report *report)
{
    (void)user;
    (void)report;
    n_reported++;
}

/* Found while what it was told of is still on the air, it is known: one sync word, one report. */
static void test_told_and_found(void **state)
{
    (void)state;
    struct err err;
    struct stream s = plain();
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format };
    add(&s, T1, 256, 1, 0.25);
    write_stream(&s);
    memset(&heard, 0, sizeof heard);
    n_reported = 0;
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    assert_non_null(r);
    receiver_watch(r, count_report);
    receiver_tell(r, &(struct told_burst){ .mode = s.sent[0].burst.mode,
                                           .first_sync_sample = first_chip(&s, &s.sent[0]),
                                           .chip_rate_cps = 100e3,
                                           .noise_density = 1e-9 });
    receiver_push(r, samples, n_samples);
    receiver_flush(r);
    const struct receiver_stats stats = *receiver_stats(r);
    receiver_close(r);
    assert_int_equal(heard.n, 1);
    assert_non_null(frame_of(&s, &s.sent[0]));
    assert_int_equal(stats.syncs, 1);
    assert_int_equal(stats.duplicates, 0);
    assert_int_equal(n_reported, 1);
    assert_true(stats.bursts > 0);
}

static void test_repeated(void **state)
{
    (void)state;
    struct stream s = plain();
    add(&s, T1, 40, 1, 0.003);
    add(&s, T1, 40, 1, 0.009); /* as soon as the first one is over */
    add(&s, C1_A, 40, 2, 0.018);
    add(&s, C1_A, 40, 2, 0.100);
    add(&s, C1_B, 40, 3, 0.110);
    assert_all_heard(&s, "the same bytes again");
}

/* More preambles at once than usual: short bursts end to end. */
static void test_busy(void **state)
{
    (void)state;
    struct stream s = plain();
    for (size_t k = 0; k < MAX_SENT; k++)
        add(&s, k % N_MODES, 12, k, 0.003 + 0.0032 * (double)k);
    assert_all_heard(&s, "end to end");
}

static void test_noise(void **state)
{
    (void)state;
    struct stream s = plain();
    s.ecn0_db = 10; /* the level of the noise */
    s.duration_s = 5e6 / s.rate_sps;
    hear(&s);
    print_message("%d preambles, %d sync words in 5 * 10^6 samples\n", (int)heard.stats.bursts,
                  (int)heard.stats.syncs);
    assert_int_equal(heard.n, 0);
    assert_int_equal(heard.n_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_short_recording),
        cmocka_unit_test(test_noise_of_silence),
        cmocka_unit_test(test_noise_of_dense_traffic),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_overlap_beside),
        cmocka_unit_test(test_long_preambles),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_told_and_found),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
