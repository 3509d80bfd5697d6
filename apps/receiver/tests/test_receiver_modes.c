/* SPDX-License-Identifier: MIT
 * Every mode, alone and beside others, and what is refused. */
#include "apps/receiver/tests/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

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

/* Nothing but the burst is there to learn the noise from. */
static void test_s_from_the_start(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct stream s = plain();
        s.center_hz = 868.5e6;
        s.ecn0_db = 8; /* of T1; S1 has 5 dB more */
        add(&s, S1, 60, seed, 0.0171)->preamble_pairs = 279;
        assert_all_heard(&s, "a burst fills the first 50 ms");
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

/* For longer than it takes to learn what is usual, with pauses of 5 ms: 204 ms each. */
static void test_r2_back_to_back(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 868.625e6;
    s.ecn0_db = 0;
    for (size_t n = 0; n < MAX_SENT; n++)
        add(&s, R2, 47, n, 0.5 + 0.209 * (double)n)->offset_hz = -30e3;
    assert_all_heard(&s, "back to back");
}

/* A dialogue: request and answer in the same channel, most of the time, with pauses between them in
 * which the search may fall asleep. */
static void test_r2_dialogue(void **state)
{
    (void)state;
    struct stream s = plain();
    s.center_hz = 868.33e6;
    s.ecn0_db = -3; /* of T1; R2 has 13 dB more */
    for (size_t k = 0; k < MAX_SENT; k++)
        add(&s, R2, 60, 40 + k, 0.05 + 0.29 * (double)k)->offset_hz = k % 2 ? 2e3 : -2e3;
    assert_all_heard(&s, "R2, pauses of 37 ms");
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
        s.ecn0_db = -2; /* of T1; N has 13 or 16 dB more, so that nothing is at its limit */
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

/* Every mode alone has room for its bursts, whatever is left of the rate behind the decimations. */
static void test_every_rate(void **state)
{
    (void)state;
    static const char *const modes[] = { "T1@868.95M", "S1@868.95M", "C2@868.95M",   "R2@868.95M",
                                         "N@868.95M",  "F2@868.95M", "N2400@868.95M" };
    for (size_t k = 0; k < ARRAY_LEN(modes); k++) {
        struct channel_list channels = { .n = 0 };
        struct err err;
        print_message("%s\n", modes[k]);
        assert_true(channel_list_parse(&channels, modes[k], &err));
        for (double rate_sps = 0.8e6; rate_sps <= 3.2e6; rate_sps += 40e3) {
            const struct receiver_config config = { .center_hz = 868.8e6,
                                                    .sample_rate_sps = rate_sps,
                                                    .format = IQ_CU8,
                                                    .channels = &channels };
            struct receiver *receiver = receiver_open(&config, keep, &heard, &err);
            assert_non_null(receiver);
            receiver_close(receiver);
        }
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s),           cmocka_unit_test(test_s_after_silence),
        cmocka_unit_test(test_longest_s),   cmocka_unit_test(test_s_from_the_start),
        cmocka_unit_test(test_c2),          cmocka_unit_test(test_r2),
        cmocka_unit_test(test_longest_r2),  cmocka_unit_test(test_r2_back_to_back),
        cmocka_unit_test(test_r2_dialogue), cmocka_unit_test(test_n),
        cmocka_unit_test(test_longest_n),   cmocka_unit_test(test_f2),
        cmocka_unit_test(test_modes),       cmocka_unit_test(test_channels),
        cmocka_unit_test(test_every_rate),  cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
