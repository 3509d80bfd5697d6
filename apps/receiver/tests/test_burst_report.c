/* SPDX-License-Identifier: MIT
 * What the receiver tells of every burst, against what was sent; and against bursts of which a part
 * is missing. */
#include "apps/receiver/burst_report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/generator/air.h"
#include "apps/generator/iq_write.h"
#include "apps/receiver/receiver.h"
#include "base/array_len.h"
#include "decode/random_telegram.h"
#include "dsp/fsk_trace.h"

enum { T1, C1_A, C1_B, N_BYTES = 47, N_SAMPLES = 96000, MAX_REPORTS = 8 };

static const double rate_sps = 1.6e6, center_hz = 868.95e6, start_s = 0.030;
static const double amplitude = 30 / 127.5;

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%g, expected %g", value, expected);
}

/* ---- what was told ----------------------------------------------------------------------------
 */

static struct told {
    struct burst_report report;
    size_t n_chips, frame_bytes;
    float wrong_signs; /* share of samples */
} told[MAX_REPORTS];
static size_t n_told, n_frames;

static void on_frame(void *user, const struct frame *frame)
{
    (void)user;
    n_frames += frame->status == DECODE_OK;
}

/* Share of the samples in the middle of a chip whose frequency has the other sign than the chip. */
static float wrong_signs(const struct burst_report *r)
{
    size_t n = 0, wrong = 0;
    for (size_t k = 0; k < r->demod->n_samples; k++) {
        const double chip = fsk_trace_chip(r->demod, r->burst, (double)k + 0.5);
        assert_near(fsk_trace_sample(r->demod, r->burst, chip), (double)k + 0.5, 1e-3);
        if (chip < 0 || chip >= (double)r->chips->n || fabs(chip - floor(chip) - 0.5) > 0.2)
            continue;
        n++;
        wrong +=
            (fsk_trace_frequency_hz(r->demod, k, 1) > 0) != (r->chips->chips[(size_t)chip] > 0);
    }
    assert_true(n > r->chips->n);
    return (float)wrong / (float)n;
}

static void on_burst(void *user, const struct burst_report *report)
{
    (void)user;
    assert_true(n_told < MAX_REPORTS);
    struct told *t = &told[n_told++];
    t->report = *report;
    t->frame_bytes = report->frame ? report->frame->n : 0;
    t->wrong_signs = report->demod ? wrong_signs(report) : 0;
}

/* ---- a stream ---------------------------------------------------------------------------------
 */

static uint8_t iq[2 * N_SAMPLES];
static struct transmission sent;

/* One telegram, and noise. */
static void send(size_t mode, const struct burst *burst, double ecn0_db)
{
    static float i[N_SAMPLES], q[N_SAMPLES];
    const struct radio_mode *row = &radio_modes[radio_channels[0].first_mode + mode];
    size_t bad;
    random_telegram(mode + 1, sent.telegram, N_BYTES);
    sent.burst = *burst;
    sent.burst.mode = row;
    sent.burst.n = N_BYTES;
    sent.burst.amplitude = amplitude;
    sent.burst.preamble_pairs = 24;
    sent.time_s = start_s;
    const struct air_config config = {
        .sample_rate_sps = rate_sps,
        .center_hz = center_hz,
        .noise_sigma = burst_noise_sigma(&sent.burst, ecn0_db, rate_sps),
        .gain = 1,
        .noise_seed = 7,
    };
    struct air *air = air_open(&config, &sent, 1, &bad);
    assert_non_null(air);
    assert_true(air_read(air, i, q, N_SAMPLES));
    air_close(air);
    iq_write(IQ_CU8, i, q, N_SAMPLES, iq);
}

/* Noise from before the telegram in place of n chips of it. */
static void wipe_chips(double first, double n)
{
    const double chip = rate_sps / sent.burst.mode->chip_rate_cps;
    const size_t at = (size_t)(start_s * rate_sps + first * chip), count = (size_t)(n * chip);
    assert_true(at + count <= N_SAMPLES);
    for (size_t k = 0; k < 2 * count; k++)
        iq[2 * at + k] = iq[k % 40000];
}

static void receive(void)
{
    const struct receiver_config config = { .center_hz = center_hz, .sample_rate_sps = rate_sps };
    struct err err;
    struct receiver *r = receiver_open(&config, on_frame, NULL, &err);
    assert_non_null(r);
    n_told = n_frames = 0;
    receiver_watch(r, on_burst);
    receiver_push(r, iq, N_SAMPLES);
    receiver_flush(r);
    receiver_close(r);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void test_figures(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t mode;
        struct burst burst;
        double ecn0_db;
    } rows[] = {
        { "T1 as it should be", T1, { .bt = 0 }, 20 },
        { "T1, carrier and clock off", T1, { .offset_hz = -31e3, .clock_error = 0.004 }, 20 },
        { "T1, deviation 65 kHz", T1, { .deviation_hz = 65e3, .offset_hz = 12e3 }, 22 },
        { "C1 format A, shaped", C1_A, { .bt = 0.5, .offset_hz = 20e3 }, 20 },
        { "C1 format B, small deviation",
          C1_B,
          { .deviation_hz = 40e3, .clock_error = -0.003 },
          22 },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        print_message("%s\n", rows[k].what);
        send(rows[k].mode, &rows[k].burst, rows[k].ecn0_db);
        receive();
        assert_int_equal(n_frames, 1);
        assert_int_equal(n_told, 1);
        const struct burst *b = &sent.burst;
        const struct burst_report *r = &told[0].report;
        const double deviation_hz = b->deviation_hz > 0 ? b->deviation_hz : b->mode->deviation_hz;
        const double chip_rate_cps = b->mode->chip_rate_cps * (1 + b->clock_error);
        const double rssi_db = 20 * log10(amplitude);
        assert_int_equal(r->result, BURST_TELEGRAM);
        assert_string_equal(r->rx.mode, b->mode->name);
        assert_ptr_equal(r->channel, &radio_channels[0]);
        assert_near((double)r->rx.first_chip_sample, start_s * rate_sps, 2);
        assert_near((double)r->rx.offset_hz, b->offset_hz, 500);
        assert_near((double)r->rx.deviation_hz, deviation_hz, 1200);
        assert_near((double)r->rx.chip_rate_cps, chip_rate_cps, 60);
        assert_near((double)r->rx.snr_db, rows[k].ecn0_db, 1);
        assert_near((double)r->rx.rssi_dbfs, rssi_db, 0.5);
        assert_int_equal(r->sync_errors, 0);
        assert_int_equal(r->sync_chips, radio_channels[0].training_chips +
                                            radio_mode_rest_of_sync(&radio_channels[0], b->mode));
        assert_int_equal(r->trace.finding, FRAMER_RIGHT);
        assert_true(r->trace.log_odds > 10.0f);
        assert_int_equal(told[0].frame_bytes, N_BYTES);
        /* from the preamble to the last chip, and not much more */
        const double chip = rate_sps / chip_rate_cps;
        const double first = start_s * rate_sps - 48 * chip;
        const double last = r->rx.first_chip_sample + (chip_rate_cps * 0.012) * chip;
        assert_true(r->first_sample > first - 10 * chip && r->first_sample < first + 40 * chip);
        assert_true(r->last_sample < last && r->last_sample > first + 300 * chip);
        assert_true((double)told[0].wrong_signs < 0.05);
    }
}

/* A mirrored chip is the other one. */
static void test_sync_errors(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= 3; n++) {
        send(T1, &(struct burst){ .bt = 0 }, 20);
        for (unsigned k = 0; k < n; k++)
            for (size_t sample = 0; sample < 16; sample++) {
                uint8_t *q =
                    &iq[2 * ((size_t)(start_s * rate_sps) - 16 * (4 + 5 * k) + sample) + 1];
                *q = (uint8_t)(255 - *q);
            }
        receive();
        assert_int_equal(n_frames, 1);
        assert_int_equal(n_told, 1);
        assert_int_equal(told[0].report.sync_errors, n);
    }
}

static void test_what_failed(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t mode;
        double first, n; /* chips that are missing, from the first of the sync word */
        enum burst_result result;
        enum framer_finding finding;
        unsigned bad_block;
    } rows[] = {
        { "T1, in the third block", T1, 10 + 33 * 12, 48, BURST_BAD_CRC, FRAMER_BAD_BLOCK, 3 },
        { "T1, in the first block", T1, 10 + 8 * 12, 24, BURST_BAD_CRC, FRAMER_BAD_BLOCK, 1 },
        { "C1 format A, in the second block", C1_A, 32 + 15 * 8, 48, BURST_BAD_CRC,
          FRAMER_BAD_BLOCK, 2 },
        { "C1 format B", C1_B, 32 + 30 * 8, 48, BURST_BAD_CRC, FRAMER_BAD_BLOCK, 1 },
        { "C1, all behind the sync word", C1_A, 32, 800, BURST_NO_FRAME, FRAMER_NO_HEADER, 0 },
        { "T1, a part of the preamble and nothing else", T1, -30, 800, BURST_NO_SYNC,
          FRAMER_NO_CODE, 0 },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        print_message("%s\n", rows[k].what);
        send(rows[k].mode, &(struct burst){ .offset_hz = 9e3 }, 25);
        wipe_chips(rows[k].first, rows[k].n);
        receive();
        assert_int_equal(n_frames, 0);
        assert_true(n_told >= 1);
        for (size_t other = 1; other < n_told; other++) /* nobody knows where a header ends */
            assert_int_equal(told[other].report.result, BURST_NO_SYNC);
        const struct burst_report *r = &told[0].report;
        assert_int_equal(r->result, rows[k].result);
        assert_int_equal(r->trace.finding, rows[k].finding);
        assert_int_equal(r->trace.bad_block, rows[k].bad_block);
        if (r->result != BURST_NO_SYNC) /* a preamble alone has several carriers that it may have */
            assert_near((double)r->rx.offset_hz, 9e3, 2e3);
        assert_true(r->first_sample < start_s * rate_sps && r->last_sample > start_s * rate_sps);
        assert_int_equal(r->demod == NULL, rows[k].result == BURST_NO_SYNC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_sync_errors),
        cmocka_unit_test(test_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
