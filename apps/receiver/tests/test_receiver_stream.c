/* SPDX-License-Identifier: MIT
 * How a stream is cut, coded and centred, where it ends, and what is in it when nothing is. */
#include "apps/receiver/tests/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

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

/* What was heard of the stream, to the last digit, when it comes in pushes of that many samples. */
static void assert_same_in_pushes(const struct stream *s, const size_t *pushes, size_t n)
{
    static struct heard again;
    const struct receiver_config config = { .center_hz = s->center_hz,
                                            .sample_rate_sps = s->rate_sps,
                                            .format = s->format };
    for (size_t p = 0; p < n; p++) {
        receive(&config, pushes[p], &again);
        assert_int_equal(again.n, heard.n);
        for (size_t k = 0; k < heard.n; k++)
            assert_true(same_frame(&again.frames[k], &heard.frames[k]));
        assert_memory_equal(&again.stats, &heard.stats, sizeof again.stats);
    }
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
        assert_same_in_pushes(&s, f ? pushes + 1 : pushes, f ? 1 : ARRAY_LEN(pushes));
    }
}

/* Behind a second of noise the search sleeps. It wakes up for each burst, however long and whatever
 * its mode, and hears what it would have heard awake, however the samples arrive. */
static void test_after_a_pause(void **state)
{
    (void)state;
    static const size_t pushes[] = { 777, 65536 };
    struct stream s = plain();
    s.center_hz = 868.72e6;
    s.rate_sps = 2.4e6;
    s.ecn0_db = 12;
    add(&s, T1, 12, 1, 1.0);
    add(&s, S1, 20, 2, 1.1);
    add(&s, C2_A, 30, 3, 1.25);
    add(&s, R2, 40, 4, 1.2);
    add(&s, S1, 256, 5, 1.45);
    add(&s, C1_B, 40, 6, 1.8);
    s.duration_s = 2;
    assert_all_heard(&s, "after a pause");
    assert_same_in_pushes(&s, pushes, ARRAY_LEN(pushes));
}

/* Idle is who hears nobody, not who hears the rest of a burst, or of one that may come. */
static void test_idle(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 868.625e6;
    s.duration_s = 2.6;
    add(&s, T1, 100, 1, 1.9); /* 15 ms */
    write_stream(&s);
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format };
    static const struct {
        double time_s;
        bool idle;
    } looks[] = { { 0.3, false }, { 1.88, true }, { 1.91, false }, { 2.55, true } };
    struct err err;
    memset(&heard, 0, sizeof heard);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    for (size_t k = 0, at = 0; k < ARRAY_LEN(looks); k++) {
        const size_t to = (size_t)(looks[k].time_s * s.rate_sps);
        receiver_push(r, samples + 2 * at, to - at);
        assert_int_equal(receiver_is_idle(r), looks[k].idle);
        at = to;
    }
    assert_int_equal(heard.n, 1);
    receiver_close(r);
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

/* Here and there a value that is no number: one sample is lost, not the telegram. */
static void test_not_finite(void **state)
{
    (void)state;
    static const float values[] = { NAN, INFINITY, -INFINITY };
    struct stream s = one_each();
    s.format = IQ_CF32;
    write_stream(&s);
    for (size_t k = 0; k < 2 * n_samples; k += 1001)
        memcpy(samples + 4 * k, &values[k % ARRAY_LEN(values)], 4);
    const struct receiver_config config = {
        s.center_hz, s.rate_sps, s.format, false, NULL, 0, NULL
    };
    receive(&config, 65536, &heard);
    for (size_t k = 0; k < s.n_sent; k++)
        assert_non_null(frame_of(&s, &s.sent[k]));
    assert_int_equal(heard.n, s.n_sent);
}

static void test_stats_add_up(void **state)
{
    struct receiver_stats sum = { .samples = 5, .frames_ok = 1, .level.power[LEVEL_BINS - 1] = 2 };
    const struct receiver_stats before = sum;
    const struct receiver_stats more = { .samples = UINT64_C(1) << 40,
                                         .duplicates = 3,
                                         .level.power[LEVEL_BINS - 1] = 7 };
    (void)state;
    receiver_stats_add(&sum, &more);
    assert_true(sum.samples == (UINT64_C(1) << 40) + 5);
    assert_int_equal(sum.frames_ok, 1);
    assert_int_equal(sum.duplicates, 3);
    assert_int_equal(sum.level.power[LEVEL_BINS - 1], 9);
    receiver_stats_subtract(&sum, &more);
    assert_memory_equal(&sum, &before, sizeof sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats_add_up),
        cmocka_unit_test(test_pushes_and_formats),
        cmocka_unit_test(test_after_a_pause),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_begun_in_the_middle),
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_centres),
        cmocka_unit_test(test_cut_at_the_start),
        cmocka_unit_test(test_cut_at_the_end),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_wild_values),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
