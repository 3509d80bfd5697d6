/* SPDX-License-Identifier: MIT
 * The receiver against streams of the signal generator: a few telegrams each, one thing made
 * difficult at a time. How often telegrams get through at the limit is bench_sensitivity's matter;
 * here everything must. */
#include "apps/receiver/receiver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/generator/air.h"
#include "apps/common/exit_codes.h"
#include "apps/generator/iq_write.h"
#include "base/array_len.h"
#include "decode/random_telegram.h"

enum {
    T1,
    C1_A,
    C1_B,
    N_MODES,
    S1 = N_MODES,
    C2_A,
    C2_B,
    R2,
    N2400_A,
    N2400_B,
    N4800_A,
    N4800_B,
    F2_A,
    F2_B,
    MAX_SENT = 8,
    MAX_HEARD = 64
};

static const double channel_hz = 868.95e6;
static const double byte_step = 1 / 127.5; /* of cu8, full scale being 1 */

/* ---- a stream ----------------------------------------------------------------------------- */

/* All that a test may change; zero and the defaults of plain() are an easy stream. */
struct stream {
    double rate_sps, center_hz;
    enum iq_format format;
    double amplitude, ecn0_db;
    double gain, dc_i, dc_q;
    bool mirrored;     /* I and Q exchanged */
    double duration_s; /* 0: to 3 ms behind the last transmission */
    struct transmission sent[MAX_SENT];
    size_t n_sent;
};

static struct stream plain(void)
{
    return (struct stream){ .rate_sps = 1.6e6,
                            .center_hz = channel_hz,
                            .format = IQ_CU8,
                            .amplitude = 8 * byte_step,
                            .ecn0_db = 18,
                            .gain = 1 };
}

/* Adds a telegram of n bytes; the same seed gives the same bytes. */
static struct burst *add(struct stream *s, size_t mode, size_t n, uint64_t seed, double time_s)
{
    assert_true(s->n_sent < MAX_SENT);
    struct transmission *t = &s->sent[s->n_sent++];
    random_telegram(seed, t->telegram, n);
    t->burst =
        (struct burst){ .mode = &radio_modes[radio_channels[0].first_mode + mode],
                        .n = n,
                        .amplitude = s->amplitude,
                        .phase_rad = (double)seed,
                        .bt = mode == T1 || mode == S1 || mode == R2 || mode >= F2_A ? 0 : 0.5,
                        .preamble_pairs = mode == T1 ? 24 : 0,
                        .postamble_chips = 2 };
    t->time_s = time_s;
    return &t->burst;
}

/* One of each mode. */
static struct stream one_each(void)
{
    struct stream s = plain();
    add(&s, T1, 31, 1, 0.004);
    add(&s, C1_A, 47, 2, 0.013);
    add(&s, C1_B, 60, 3, 0.024);
    return s;
}

static uint8_t *samples;
static size_t n_samples;

static void write_stream(struct stream *s)
{
    enum { PIECE = 4096 };
    static float i[PIECE], q[PIECE];
    size_t bad;
    struct burst reference = { .mode = &radio_modes[0], .amplitude = s->amplitude };
    const struct air_config config = {
        .sample_rate_sps = s->rate_sps,
        .center_hz = s->center_hz,
        .noise_sigma = burst_noise_sigma(&reference, s->ecn0_db, s->rate_sps),
        .gain = s->gain,
        .dc_i = s->dc_i,
        .dc_q = s->dc_q,
        .noise_seed = 1,
    };
    struct air *air = air_open(&config, s->sent, s->n_sent, &bad);
    assert_non_null(air);
    n_samples = s->duration_s > 0 ? (size_t)(s->duration_s * s->rate_sps)
                                  : (size_t)air_end_sample(air) + (size_t)(0.003 * s->rate_sps);
    const size_t bytes = iq_sample_bytes(s->format);
    samples = realloc(samples, n_samples * bytes);
    assert_non_null(samples);
    for (size_t at = 0; at < n_samples;) {
        const size_t n = n_samples - at < PIECE ? n_samples - at : PIECE;
        assert_true(air_read(air, i, q, n));
        iq_write(s->format, s->mirrored ? q : i, s->mirrored ? i : q, n, samples + at * bytes);
        at += n;
    }
    air_close(air);
}

/* ---- what was heard ----------------------------------------------------------------------- */

struct heard {
    struct frame frames[MAX_HEARD];
    size_t n, n_bad;
    struct receiver_stats stats;
};

static void keep(void *user, const struct frame *frame)
{
    struct heard *heard = user;
    if (frame->status != DECODE_OK) {
        heard->n_bad++;
        return;
    }
    assert_true(heard->n < MAX_HEARD);
    heard->frames[heard->n++] = *frame;
}

static void receive(const struct receiver_config *config, size_t push, struct heard *heard)
{
    struct err err;
    memset(heard, 0, sizeof *heard);
    struct receiver *r = receiver_open(config, keep, heard, &err);
    if (!r)
        fail_msg("%s", err.text);
    const size_t bytes = iq_sample_bytes(config->format);
    for (size_t at = 0; at < n_samples; at += push)
        receiver_push(r, samples + at * bytes, n_samples - at < push ? n_samples - at : push);
    receiver_flush(r);
    heard->stats = *receiver_stats(r);
    receiver_close(r);
    assert_int_equal(heard->stats.samples, n_samples);
    assert_int_equal(heard->stats.frames_ok, heard->n);
    assert_int_equal(heard->stats.frames_bad_crc, heard->n_bad);
}

static struct heard heard;

static void hear(struct stream *s)
{
    const struct receiver_config config = { .center_hz = s->center_hz,
                                            .sample_rate_sps = s->rate_sps,
                                            .format = s->format,
                                            .iq_swap = s->mirrored };
    write_stream(s);
    receive(&config, 65536, &heard);
}

static double first_chip(const struct stream *s, const struct transmission *t)
{
    return t->time_s * s->rate_sps;
}

/* The frame of this transmission: right in every byte, at the right time. */
static const struct frame *frame_of(const struct stream *s, const struct transmission *t)
{
    for (size_t k = 0; k < heard.n; k++) {
        const struct frame *f = &heard.frames[k];
        const double late = f->rx.first_chip_sample - first_chip(s, t);
        if (fabs(late) < 2e-5 * s->rate_sps && f->n == t->burst.n &&
            memcmp(f->bytes + 1, t->telegram + 1, f->n - 1) == 0 &&
            strcmp(f->rx.mode, t->burst.mode->name) == 0 && f->format == t->burst.mode->format)
            return f;
    }
    return NULL;
}

/* Everything that was sent, each once, and nothing else. */
static void assert_all_heard(struct stream *s, const char *what)
{
    hear(s);
    size_t missing = 0;
    for (size_t k = 0; k < s->n_sent; k++)
        missing += frame_of(s, &s->sent[k]) == NULL;
    if (missing || heard.n != s->n_sent)
        fail_msg("%s: %zu of %zu missing, %zu heard", what, missing, s->n_sent, heard.n);
}

/* ---- how it is cut and written ------------------------------------------------------------ */

static bool same_frame(const struct frame *a, const struct frame *b)
{
    return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0 && a->format == b->format &&
           a->rx.first_chip_sample == b->rx.first_chip_sample &&
           a->rx.rssi_dbfs == b->rx.rssi_dbfs && a->rx.noise_dbfs == b->rx.noise_dbfs &&
           a->rx.snr_db == b->rx.snr_db && a->rx.offset_hz == b->rx.offset_hz &&
           a->rx.chip_rate_cps == b->rx.chip_rate_cps && a->rx.deviation_hz == b->rx.deviation_hz &&
           a->rx.mended == b->rx.mended;
}

static void test_pushes_and_formats(void **state)
{
    (void)state;
    static const enum iq_format formats[] = { IQ_CU8, IQ_CS8, IQ_CS16, IQ_CF32 };
    static const size_t pushes[] = { 1, 7, 4096, 65536 };
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        print_message("format %zu\n", f);
        struct stream s = one_each();
        s.format = formats[f];
        s.ecn0_db = 13;
        add(&s, T1, 256, 4, 0.034); /* the longest frame there is */
        add(&s, C1_B, 20, 5, 0.073);
        assert_all_heard(&s, "in one piece");
        for (size_t p = f ? 1 : 0; p < (f ? 2 : ARRAY_LEN(pushes)); p++) {
            static struct heard again;
            const struct receiver_config config = { .center_hz = s.center_hz,
                                                    .sample_rate_sps = s.rate_sps,
                                                    .format = s.format };
            receive(&config, pushes[p], &again);
            assert_int_equal(again.n, heard.n);
            for (size_t k = 0; k < heard.n; k++)
                assert_true(same_frame(&again.frames[k], &heard.frames[k]));
            assert_memory_equal(&again.stats, &heard.stats, sizeof again.stats);
        }
    }
}

/* A receiver that begins in the middle of a stream reports, after a while, the same as one that
 * heard all of it, to the last digit; also bursts that were on the air at that time. */
static void test_begun_in_the_middle(void **state)
{
    (void)state;
    struct stream s = plain();
    s.ecn0_db = 12;
    s.center_hz = 868.625e6;
    s.duration_s = 4.5;
    static struct heard part;
    struct receiver_config config = { .center_hz = s.center_hz,
                                      .sample_rate_sps = s.rate_sps,
                                      .format = s.format,
                                      .modes = radio_modes_parse("T,C,S") };
    const uint64_t first = 3 * 409600, cut = first + (uint64_t)(receiver_memory_s(&config) * 1.6e6);
    const double cut_s = (double)cut / s.rate_sps;
    add(&s, S1, 60, 1, cut_s - 1.0);
    add(&s, T1, 200, 2, cut_s - 0.004); /* across the cut */
    add(&s, S1, 100, 3, cut_s - 0.02);
    add(&s, C1_A, 47, 4, cut_s + 0.1);
    add(&s, S1, 60, 5, cut_s + 0.2);
    add(&s, C1_B, 20, 6, cut_s + 0.3);
    write_stream(&s);
    receive(&config, 65536, &heard);
    assert_int_equal(heard.n, s.n_sent);
    struct err err;
    struct receiver *r = receiver_open(&config, keep, &part, &err);
    receiver_push(r, samples, 100000); /* and forget it */
    receiver_reset(r, first);
    receiver_push(r, samples + 2 * first, cut - first);
    part.n = 0;
    receiver_push(r, samples + 2 * cut, n_samples - cut);
    receiver_flush(r);
    receiver_close(r);
    assert_int_equal(part.n, s.n_sent - 1);
    for (size_t k = 0; k < part.n; k++)
        assert_true(same_frame(&part.frames[k], &heard.frames[k + 1]));
}

/* Behind a gap times are those of the stream, and nothing of before is left. */
static void test_gap(void **state)
{
    (void)state;
    struct stream s = plain();
    s.duration_s = 0.3;
    add(&s, T1, 31, 1, 0.05);
    add(&s, C1_A, 200, 2, 0.12); /* ends in the gap */
    add(&s, C1_A, 47, 3, 0.25);
    write_stream(&s);
    const struct receiver_config config = {
        s.center_hz, s.rate_sps, s.format, false, NULL, 0, NULL
    };
    const size_t gap = (size_t)(0.125 * s.rate_sps), end = (size_t)(0.1800001 * s.rate_sps);
    struct err err;
    memset(&heard, 0, sizeof heard);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    receiver_push(r, samples, gap);
    receiver_flush(r);
    receiver_reset(r, end);
    receiver_push(r, samples + 2 * end, n_samples - end);
    receiver_flush(r);
    assert_int_equal(receiver_stats(r)->samples, n_samples - (end - gap));
    receiver_close(r);
    assert_int_equal(heard.n, 2);
    assert_non_null(frame_of(&s, &s.sent[0]));
    assert_non_null(frame_of(&s, &s.sent[2]));
}

/* Plain C and vector kernels round differently; the frames are the same. */
static void test_kernels(void **state)
{
    (void)state;
    static const char *const names[] = { "scalar", "avx2", "avx512", "neon" };
    struct stream s = one_each();
    assert_all_heard(&s, "best kernels");
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        const struct receiver_config config = { .center_hz = s.center_hz,
                                                .sample_rate_sps = s.rate_sps,
                                                .format = s.format,
                                                .simd = names[k] };
        struct err err;
        struct receiver *r = receiver_open(&config, keep, &heard, &err);
        print_message("%s%s\n", names[k], r ? "" : ": not here");
        receiver_close(r);
        if (!r)
            continue;
        receive(&config, 65536, &heard);
        for (size_t t = 0; t < s.n_sent; t++)
            assert_non_null(frame_of(&s, &s.sent[t]));
    }
}

static void test_rates(void **state)
{
    (void)state;
    static const double rates[] = { 0.8e6, 0.9e6,   1.0e6, 1.024e6, 1.2e6,
                                    1.6e6, 2.048e6, 2.4e6, 3.2e6,   1234567 };
    for (size_t k = 0; k < ARRAY_LEN(rates); k++) {
        struct stream s = one_each();
        char what[32];
        s.rate_sps = rates[k];
        snprintf(what, sizeof what, "%.0f sps", rates[k]);
        assert_all_heard(&s, what);
    }
}

static void test_centres(void **state)
{
    (void)state;
    static const struct {
        double rate_sps, from_channel_hz;
    } rows[] = {
        { 1.6e6, 325e3 },  { 1.6e6, -325e3 }, { 1.6e6, 650e3 },
        { 1.6e6, -650e3 }, { 0.8e6, 250e3 },  { 0.8e6, -250e3 },
        { 3.2e6, 1.4e6 },  { 3.2e6, -1.4e6 }, { 2.048e6, 123456 },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        for (int mirrored = 0; mirrored <= (k == 0); mirrored++) {
            struct stream s = one_each();
            char what[64];
            s.rate_sps = rows[k].rate_sps;
            s.center_hz = channel_hz + rows[k].from_channel_hz;
            s.mirrored = mirrored;
            snprintf(what, sizeof what, "%.0f sps, centre %+.0f Hz%s", s.rate_sps,
                     rows[k].from_channel_hz, mirrored ? ", mirrored" : "");
            assert_all_heard(&s, what);
        }
    }
}

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

/* ---- where it ends ------------------------------------------------------------------------ */

/* The stream from sample first on, n of them at most. */
static void cut_stream(size_t first, size_t n)
{
    const size_t there = n_samples - first;
    n_samples = n < there ? n : there;
    memmove(samples, samples + 2 * first, 2 * n_samples);
}

static void test_cut_at_the_start(void **state)
{
    (void)state;
    const struct receiver_config config = { channel_hz, 1.6e6, IQ_CU8, false, NULL, 0, NULL };
    for (size_t mode = 0; mode < N_MODES; mode++) {
        for (int chips = -60; chips <= 200;
             chips += chips < 20 ? 20 : 90) { /* missing, from the sync word on */
            struct stream s = plain();
            add(&s, mode, 40, mode, 0.002);
            add(&s, mode, 40, 10 + mode, 0.012);
            write_stream(&s);
            cut_stream((size_t)(0.002 * 1.6e6 + chips * 16), n_samples);
            receive(&config, 65536, &heard);
            const bool whole = chips <= -50, none = chips > 0;
            print_message("mode %zu, %+d chips: %zu\n", mode, chips, heard.n);
            assert_true(heard.n <= (none ? 1 : 2) && heard.n >= (whole ? 2 : 1));
            /* the one that is whole comes last */
            assert_memory_equal(heard.frames[heard.n - 1].bytes + 1, s.sent[1].telegram + 1, 39);
        }
    }
}

static void test_cut_at_the_end(void **state)
{
    (void)state;
    const struct receiver_config config = { channel_hz, 1.6e6, IQ_CU8, false, NULL, 0, NULL };
    for (size_t mode = 0; mode < N_MODES; mode++) {
        struct stream s = plain();
        add(&s, mode, 40, mode, 0.002);
        write_stream(&s);
        struct burst_signal *signal = calloc(1, sizeof *signal);
        assert_non_null(signal);
        assert_true(burst_prepare(&s.sent[0].burst, s.rate_sps, s.center_hz, signal));
        const size_t end =
            (size_t)(s.sent[0].time_s * s.rate_sps +
                     fsk_mod_chip_start(&signal->fsk, signal->chips.n, (double)signal->chips.n) -
                     signal->first_sync_sample);
        free(signal);
        const size_t all = n_samples;
        uint8_t *copy = malloc(2 * all);
        assert_non_null(copy);
        memcpy(copy, samples, 2 * all);
        for (int chips = -2; chips < 420; chips += chips < 2    ? 1
                                                   : chips < 20 ? 18
                                                                : 100) { /* missing */
            n_samples = end - (size_t)(16 * chips);
            memcpy(samples, copy, 2 * n_samples);
            receive(&config, 1000, &heard);
            /* T1 has two chips behind its data. */
            if (chips <= (mode == T1 ? 2 : 0))
                assert_int_equal(heard.n, 1);
            if (chips >= 20)
                assert_int_equal(heard.n, 0);
        }
        free(copy);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    for (n_samples = 0; n_samples < 10000; n_samples = 3 * n_samples + 1) {
        for (int format = IQ_CU8; format <= IQ_CF32; format++) {
            const struct receiver_config config = { channel_hz, 1.6e6, (enum iq_format)format,
                                                    false,      NULL,  0,
                                                    NULL };
            samples = realloc(samples, 8 * n_samples + 1);
            assert_non_null(samples);
            memset(samples, 0, 8 * n_samples);
            receive(&config, 100, &heard);
            assert_int_equal(heard.n + heard.n_bad, 0);
        }
    }
}

/* Values that no radio gives, but a file may hold. */
static void test_wild_values(void **state)
{
    (void)state;
    static const float wild[] = { NAN, INFINITY, -INFINITY, 1e38f, -1e38f, 0, 1, -1, 1e-42f, 3 };
    const struct receiver_config config = { channel_hz, 1.6e6, IQ_CF32, false, NULL, 0, NULL };
    for (size_t only = 0; only <= ARRAY_LEN(wild); only++) {
        n_samples = 120000;
        samples = realloc(samples, 8 * n_samples);
        assert_non_null(samples);
        for (size_t k = 0; k < 2 * n_samples; k++) {
            const float v = wild[only < ARRAY_LEN(wild) ? only : (k * k / 7) % ARRAY_LEN(wild)];
            memcpy(samples + 4 * k, &v, sizeof v);
        }
        receive(&config, 65536, &heard);
        assert_int_equal(heard.n, 0);
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

/* ---- mode S ------------------------------------------------------------------------------- */

/* Two of S1 with one of T1 between them, as a dongle hears both channels. */
static struct stream with_s(void)
{
    struct stream s = plain();
    s.center_hz = 868.625e6;
    add(&s, S1, 47, 1, 0.020)->preamble_pairs = 279;
    add(&s, T1, 47, 2, 0.055);
    add(&s, S1, 31, 3, 0.090)->preamble_pairs = 15;
    return s;
}

static const struct {
    const char *what;
    double rate_sps, offset_hz, clock_error, deviation_hz, ecn0_db, gain;
} s_signals[] = {
    { "as the standard has it", 1.6e6, 0, 0, 0, 14, 1 },
    { "clipped by 20 dB", 1.6e6, 10e3, 0.002, 0, 20, 10 * 127.5 / 8 },
    { "80 kHz above, clock 1 % fast", 1.6e6, 80e3, 0.01, 0, 16, 1 },
    { "80 kHz below, clock 1 % slow", 1.6e6, -80e3, -0.01, 0, 16, 1 },
    { "smallest deviation", 1.6e6, 0, 0, 40e3, 14, 1 },
    { "65 kHz", 1.6e6, 10e3, 0.002, 65e3, 14, 1 },
    { "largest deviation", 1.6e6, -20e3, -0.002, 80e3, 14, 1 },
    { "1.2 Msps", 1.2e6, 30e3, 0.003, 0, 14, 1 },
    { "2.048 Msps", 2.048e6, 30e3, 0.003, 0, 14, 1 },
    { "2.4 Msps", 2.4e6, 30e3, 0.003, 0, 14, 1 },
    { "3.2 Msps", 3.2e6, 30e3, 0.003, 0, 14, 1 },
};

static void test_s(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(s_signals); r++) {
        struct stream s = with_s();
        s.rate_sps = s_signals[r].rate_sps;
        s.ecn0_db = s_signals[r].ecn0_db;
        s.gain = s_signals[r].gain;
        for (size_t k = 0; k < s.n_sent; k += 2) {
            struct burst *b = &s.sent[k].burst;
            b->offset_hz = s_signals[r].offset_hz;
            b->clock_error = s_signals[r].clock_error;
            b->deviation_hz = s_signals[r].deviation_hz;
        }
        assert_all_heard(&s, s_signals[r].what);
    }
}

/* A stream that begins with silence, as bytes: the first noise there is counts. */
static void test_s_after_silence(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 868.6e6;
    s.ecn0_db = 15;
    add(&s, S1, 40, 1, 0.3);
    write_stream(&s);
    memset(samples, 128, 2 * (size_t)(0.05 * s.rate_sps));
    receive(&(struct receiver_config){ .center_hz = s.center_hz,
                                       .sample_rate_sps = s.rate_sps,
                                       .format = s.format },
            65536, &heard);
    assert_non_null(frame_of(&s, &s.sent[0]));
}

/* The longest frame there is takes 142 ms; at just over 1 Msps nothing is decimated. */
static void test_longest_s(void **state)
{
    (void)state;
    static const double rates_sps[] = { 1.6e6, 1.024e6 };
    for (size_t k = 0; k < ARRAY_LEN(rates_sps); k++) {
        struct stream s = plain();
        s.rate_sps = rates_sps[k];
        s.center_hz = 868.5e6;
        add(&s, S1, 256, 9, 0.040)->preamble_pairs = 15;
        add(&s, S1, 256, 10, 0.205)->preamble_pairs = 279;
        assert_all_heard(&s, "L = 255, short and long preamble");
    }
}

/* ---- C2 downlink, R2 ---------------------------------------------------------------------- */

/* What a C2 meter is sent, and one of C1 at the same time, 575 kHz beside. */
static void test_c2(void **state)
{
    (void)state;
    static const double offsets_hz[] = { 0, 60e3, -60e3 }, rates_sps[] = { 1.6e6, 2.4e6, 3.2e6 };
    for (size_t k = 0; k < ARRAY_LEN(offsets_hz); k++) {
        struct stream s = plain();
        char what[32];
        s.rate_sps = rates_sps[k];
        s.center_hz = 869.2e6;
        add(&s, C2_A, 47, 1, 0.010)->offset_hz = offsets_hz[k];
        add(&s, C1_A, 47, 2, 0.012);
        add(&s, C2_B, 60, 3, 0.030)->offset_hz = offsets_hz[k];
        snprintf(what, sizeof what, "%+.0f Hz", offsets_hz[k]);
        assert_all_heard(&s, what);
    }
}

/* On any of the ten channels, between them, some at once, with S1 in their midst. */
static void test_r2(void **state)
{
    (void)state;
    static const double rates_sps[] = { 1.6e6, 2.56e6, 3.2e6 };
    for (size_t k = 0; k < ARRAY_LEN(rates_sps); k++) {
        struct stream s = plain();
        char what[32];
        s.rate_sps = rates_sps[k];
        s.center_hz = 868.625e6;
        s.ecn0_db = 8; /* of T1; R2 has 13 dB more */
        for (size_t n = 0; n < 4; n++)
            add(&s, R2, 20 + n, n, 0.200 + 0.015 * (double)n)->offset_hz =
                60e3 * (double)(3 * n) - 300e3 + 9e3 * (double)n;
        add(&s, T1, 47, 9, 0.300);
        snprintf(what, sizeof what, "%.0f sps", rates_sps[k]);
        assert_all_heard(&s, what);
    }
}

/* 0.99 s, in the middle of its channel and at a slow clock. */
static void test_longest_r2(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 868.625e6;
    s.ecn0_db = 8;
    add(&s, R2, 256, 9, 0.200)->clock_error = -0.005;
    assert_all_heard(&s, "L = 255");
}

/* All channels of N, two at a time, off their middle, each at either rate. */
static void test_n(void **state)
{
    (void)state;
    static const double rates_sps[] = { 0.8e6, 1.6e6, 2.4e6, 3.2e6 };
    for (size_t k = 0; k < ARRAY_LEN(rates_sps); k++) {
        struct stream s = plain();
        char what[32];
        s.rate_sps = rates_sps[k];
        s.center_hz = 169.6e6;
        s.ecn0_db = -4; /* of T1; N has 13 or 16 dB more */
        for (size_t n = 0; n < 6; n++)
            add(&s, N2400_A + (n + k) % 4, 15 + n, n, 0.100 + 0.06 * (double)n)->offset_hz =
                12.5e3 * ((double)n - 2.5) + (k & 1 ? 5e3 : -4e3);
        snprintf(what, sizeof what, "%.0f sps", rates_sps[k]);
        assert_all_heard(&s, what);
        for (size_t n = 0; n < heard.n; n++) {
            const double from_a_hz = heard.frames[n].rx.channel_hz - 169.40625e6;
            assert_true(fabs(remainder(from_a_hz, 12.5e3)) < 1 && from_a_hz < 63e3);
        }
    }
}

/* 0.97 s, with another on the next channel but one. */
static void test_longest_n(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 169.6e6;
    s.ecn0_db = -3;
    add(&s, N2400_A, 256, 9, 0.100)->offset_hz = -6.25e3;
    add(&s, N4800_B, 40, 3, 0.400)->offset_hz = 18.75e3;
    assert_all_heard(&s, "L = 255");
}

static void test_f2(void **state)
{
    (void)state;
    static const double offsets_hz[] = { -15e3, 0, 15e3 };
    for (size_t k = 0; k < ARRAY_LEN(offsets_hz); k++) {
        struct stream s = plain();
        char what[32];
        s.center_hz = 433.62e6;
        s.ecn0_db = -6; /* of T1; F2 has 16 dB more */
        add(&s, F2_A, 20, 1, 0.150)->offset_hz = offsets_hz[k];
        add(&s, F2_B, 30, 2, 0.300)->offset_hz = -offsets_hz[k];
        snprintf(what, sizeof what, "%+.0f Hz", offsets_hz[k]);
        assert_all_heard(&s, what);
    }
}

/* Only the modes that are asked for, also where others share their channel. */
static void test_modes(void **state)
{
    (void)state;
    static const struct {
        const char *modes, *heard;
    } rows[] = { { "T1", "T1" }, { "C", "C1C1" }, { "S,C1", "S1C1C1" }, { "T,C,S", "S1T1C1C1" } };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct stream s = plain();
        char names[32] = "";
        s.center_hz = 868.625e6;
        add(&s, S1, 31, 3, 0.020)->preamble_pairs = 15;
        add(&s, T1, 31, 1, 0.050);
        add(&s, C1_A, 47, 2, 0.060);
        add(&s, C1_B, 60, 3, 0.070);
        const struct receiver_config config = {
            s.center_hz, s.rate_sps, s.format, false, NULL, radio_modes_parse(rows[r].modes), NULL
        };
        write_stream(&s);
        receive(&config, 65536, &heard);
        for (size_t k = 0; k < heard.n; k++)
            strcat(names, heard.frames[k].rx.mode);
        assert_string_equal(names, rows[r].heard);
    }
    struct err err;
    struct receiver_config config = { .center_hz = 868.625e6,
                                      .sample_rate_sps = 1.6e6,
                                      .modes = radio_modes_parse("C2") };
    assert_int_equal(receiver_fit(&config, &err), RECEIVER_NO_CHANNEL);
    assert_non_null(strstr(err.text, "(C2 at 869.525 MHz)"));
    config.center_hz = 869.2e6;
    assert_int_equal(receiver_fit(&config, &err), RECEIVER_FITS);
}

/* Any mode at any frequency, beside those that are where they should be, and nothing else. */
static void test_channels(void **state)
{
    (void)state;
    struct stream s = plain();
    struct channel_list channels = { .n = 0 };
    struct err err;
    char names[32] = "";
    s.center_hz = 434.3e6;
    add(&s, T1, 31, 1, 0.050)->offset_hz = 434.475e6 - 868.95e6 + 12e3;
    add(&s, C2_A, 31, 2, 0.060)->offset_hz = 433.9e6 - 869.525e6;
    add(&s, S1, 31, 3, 0.100)->offset_hz = 434.475e6 - 868.3e6;
    assert_true(channel_list_parse(&channels, "T@434.475M", &err));
    assert_true(channel_list_parse(&channels, "C@433.9M", &err));
    assert_true(channel_list_parse(&channels, "R2@868.3M", &err)); /* elsewhere */
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format,
                                            .channels = &channels };
    write_stream(&s);
    receive(&config, 65536, &heard);
    for (size_t k = 0; k < heard.n; k++)
        strcat(names, heard.frames[k].rx.mode);
    assert_string_equal(names, "T1C2");
    assert_true(fabs((double)heard.frames[0].rx.offset_hz - 12e3) < 500);
    assert_true(heard.frames[0].rx.channel_hz == 434.475e6);
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct receiver_config config;
        const char *says; /* NULL: taken */
    } rows[] = {
        { "rate too low", { 868.95e6, 0.79e6, IQ_CU8, false, NULL, 0, NULL }, "0.8 to 3.2 Msps" },
        { "rate too high", { 868.95e6, 3.21e6, IQ_CU8, false, NULL, 0, NULL }, "0.8 to 3.2 Msps" },
        { "no rate", { 868.95e6, 0, IQ_CU8, false, NULL, 0, NULL }, "0.8 to 3.2 Msps" },
        { "rate is no number",
          { 868.95e6, (double)NAN, IQ_CU8, false, NULL, 0, NULL },
          "0.8 to 3.2 Msps" },
        { "another band", { 300e6, 1.6e6, IQ_CU8, false, NULL, 0, NULL }, "868.95 MHz" },
        { "channel at the edge", { 867.59e6, 1.6e6, IQ_CU8, false, NULL, 0, NULL }, "868.95 MHz" },
        { "channel just inside", { 867.61e6, 1.6e6, IQ_CU8, false, NULL, 0, NULL }, NULL },
        { "centre is no number",
          { (double)NAN, 1.6e6, IQ_CU8, false, NULL, 0, NULL },
          "868.95 MHz" },
        { "unknown kernels", { 868.95e6, 1.6e6, IQ_CU8, false, "mmx", 0, NULL }, "mmx" },
        { "slowest", { 868.95e6, 0.8e6, IQ_CF32, true, "scalar", 0, NULL }, NULL },
        { "fastest", { 868.95e6, 3.2e6, IQ_CS16, false, NULL, 0, NULL }, NULL },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct err err = { .exit_code = -1 };
        print_message("%s\n", rows[r].what);
        struct receiver *receiver = receiver_open(&rows[r].config, keep, &heard, &err);
        assert_int_equal(receiver != NULL, rows[r].says == NULL);
        receiver_close(receiver);
        if (rows[r].says) {
            assert_non_null(strstr(err.text, rows[r].says));
            assert_int_equal(err.exit_code, EXIT_USAGE);
        }
    }
}

static int free_samples(void **state)
{
    (void)state;
    free(samples);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pushes_and_formats),
        cmocka_unit_test(test_begun_in_the_middle),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_centres),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_short_recording),
        cmocka_unit_test(test_noise_of_silence),
        cmocka_unit_test(test_noise_of_dense_traffic),
        cmocka_unit_test(test_cut_at_the_start),
        cmocka_unit_test(test_cut_at_the_end),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_wild_values),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_overlap_beside),
        cmocka_unit_test(test_long_preambles),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_s),
        cmocka_unit_test(test_s_after_silence),
        cmocka_unit_test(test_longest_s),
        cmocka_unit_test(test_c2),
        cmocka_unit_test(test_r2),
        cmocka_unit_test(test_longest_r2),
        cmocka_unit_test(test_n),
        cmocka_unit_test(test_longest_n),
        cmocka_unit_test(test_f2),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
