/* SPDX-License-Identifier: MIT
 * The tables agree with each other: a channel's training sequence is what each of its modes sends
 * before what differs, and the figures are those of EN 13757-4:2019. */
#include "decode/radio_mode.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/chip_encode.h"
#include "decode/random_telegram.h"
#include "dsp/training.h"

static const struct {
    const char *what, *name;
    enum frame_format format;
    unsigned rest;
    double frequency_hz, chip_rate_cps;
} rows[] = {
    { "T1: the whole sync word is in the training sequence", "T1", FRAME_A, 0, 868.95e6, 100e3 },
    { "C1-A: 16 chips tell the format", "C1", FRAME_A, 16, 868.95e6, 100e3 },
    { "C1-B", "C1", FRAME_B, 16, 868.95e6, 100e3 },
    { "S1: all of it", "S1", FRAME_A, 0, 868.3e6, 32768 },
    { "C2-A: as C1", "C2", FRAME_A, 16, 869.525e6, 50e3 },
    { "C2-B", "C2", FRAME_B, 16, 869.525e6, 50e3 },
    { "R2: as S1, slower", "R2", FRAME_A, 0, 868.33e6, 4800 },
    { "N: the second half tells the format", "N2400", FRAME_A, 8, 169.4375e6, 2400 },
    { "N, format B", "N2400", FRAME_B, 8, 169.4375e6, 2400 },
    { "N, twice as fast", "N4800", FRAME_B, 8, 169.4375e6, 4800 },
    { "F: as N", "F2", FRAME_A, 8, 433.82e6, 2400 },
};

static const struct radio_mode *find(const struct radio_channel *channel, const char *name,
                                     enum frame_format format)
{
    for (size_t k = 0; k < channel->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        if (strcmp(mode->name, name) == 0 && mode->format == format)
            return mode;
    }
    return NULL;
}

static void test_rest_of_sync(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct radio_channel *channel = radio_channels;
        const struct radio_mode *mode = NULL;
        for (; channel < radio_channels + n_radio_channels; channel++)
            if ((mode = find(channel, rows[r].name, rows[r].format)))
                break;
        assert_non_null(mode);
        assert_int_equal(radio_mode_rest_of_sync(channel, mode), rows[r].rest);
        assert_true(mode->frequency_hz == rows[r].frequency_hz);
        assert_true(mode->chip_rate_cps == rows[r].chip_rate_cps);
    }
}

/* The chips a sender with the shortest preamble sends before the rest of its sync word. */
static void test_training_is_sent(void **state)
{
    (void)state;
    static struct chip_burst burst;
    uint8_t telegram[20];
    random_telegram(1, telegram, sizeof telegram);
    for (size_t c = 0; c < n_radio_channels; c++) {
        const struct radio_channel *channel = &radio_channels[c];
        assert_true(channel->training_chips <= TRAINING_MAX_CHIPS);
        for (size_t k = 0; k < channel->n_modes; k++) {
            const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
            print_message("%s %s\n", channel->name, mode->name);
            assert_true(chip_encode(mode, telegram, sizeof telegram, 0, 2, &burst));
            const size_t end =
                burst.first_sync_chip + mode->sync_chips - radio_mode_rest_of_sync(channel, mode);
            assert_true(end >= channel->training_chips);
            for (unsigned j = 0; j < channel->training_chips; j++)
                assert_int_equal(burst.chips[end - 1 - j], (channel->training >> j) & 1);
        }
    }
}

static void test_rows_make_sense(void **state)
{
    (void)state;
    for (size_t k = 0; k < n_radio_modes; k++) {
        const struct radio_mode *mode = &radio_modes[k];
        assert_true(mode->deviation_min_hz < mode->deviation_hz);
        assert_true(mode->deviation_hz < mode->deviation_max_hz);
        assert_true(mode->sync_chips <= 32 && mode->preamble_pairs > 0);
        assert_true(mode->sync_chips == 32 || mode->sync >> mode->sync_chips == 0);
    }
    for (size_t c = 0; c < n_radio_channels; c++) {
        const struct radio_channel *channel = &radio_channels[c];
        assert_true(channel->first_mode + channel->n_modes <= n_radio_modes);
        for (size_t k = 0; k < channel->n_modes; k++) {
            const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
            const bool one_of_many = channel->raster_hz > 0; /* such as 868.03 ... 868.57 MHz */
            assert_true(one_of_many ? fabs(mode->frequency_hz - channel->frequency_hz) < 301e3
                                    : mode->frequency_hz == channel->frequency_hz);
            assert_true(mode->chip_rate_cps == channel->chip_rate_cps);
        }
        double least_hz, most_hz;
        radio_channel_deviations(channel, &least_hz, &most_hz);
        for (size_t k = 0; k < channel->n_modes; k++) {
            const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
            assert_true(least_hz <= mode->deviation_min_hz);
            assert_true(most_hz >= mode->deviation_max_hz);
            assert_true(mode->preamble_pairs * 2 >= radio_channel_preamble_chips(channel) ||
                        mode->line == LINE_NRZ);
        }
    }
}

static void test_preamble_chips(void **state)
{
    (void)state;
    assert_int_equal(radio_channel_preamble_chips(&radio_channels[0]), 32); /* C: 16 pairs */
    assert_int_equal(radio_channel_preamble_chips(&radio_channels[1]), 30); /* S1-m: 15 */
    assert_int_equal(radio_channel_preamble_chips(&radio_channels[3]), 46); /* R2 has 78, of which
                                                                               as many as fit */
}

/* Of N and F the formats differ in what is inverted; of C they do not. */
static void test_tail(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned n;
        uint64_t chips;
    } tails[] = { { "T/C", 0, 0 },      { "S", 0, 0 },        { "C2", 0, 0 },   { "R2", 0, 0 },
                  { "N2400", 8, 0x8D }, { "N4800", 8, 0x8D }, { "F2", 8, 0x8D } };
    for (size_t r = 0; r < ARRAY_LEN(tails); r++) {
        uint64_t chips;
        assert_string_equal(radio_channels[r].name, tails[r].name);
        assert_int_equal(radio_channel_tail(&radio_channels[r], &chips), tails[r].n);
        assert_true(tails[r].n == 0 || chips == tails[r].chips);
    }
}

/* The channels of N, a raster of 12.5 kHz, with carriers up to 5.5 kHz off. */
static void test_n_raster(void **state)
{
    (void)state;
    const struct radio_channel *n = &radio_channels[4];
    for (int k = 0; k < 6; k++) {
        const double from_middle_hz = 169.40625e6 + 12.5e3 * k - n->frequency_hz;
        assert_true(fabs(from_middle_hz) + 5.5e3 + n->deviation_hz <= n->pass_hz);
        assert_true(fabs(remainder(from_middle_hz - n->raster_hz / 2, n->raster_hz)) < 1);
    }
}

/* The ten channels of R2, a raster of 60 kHz around the middle of the row. */
static void test_r2_raster(void **state)
{
    (void)state;
    const struct radio_channel *r2 = &radio_channels[3];
    assert_string_equal(r2->name, "R2");
    for (int n = 0; n < 10; n++) {
        const double from_middle_hz = 868.03e6 + 60e3 * n - r2->frequency_hz;
        assert_true(fabs(from_middle_hz) + r2->raster_hz / 2 <= r2->pass_hz);
        assert_true(fabs(remainder(from_middle_hz - r2->raster_hz / 2, r2->raster_hz)) < 1);
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        unsigned set;
    } parsed[] = {
        { "T1", 1 << 0 },
        { "C1", 3 << 1 },
        { "C", 3 << 1 | 3 << 4 },
        { "S,T1", 1 << 0 | 1 << 3 },
        { "R2", 1 << 6 },
        { "N", 15 << 7 },
        { "N4800", 3 << 9 },
        { "F2", 3 << 11 },
        { "T1,T1", 1 << 0 },
        { "", 0 },
        { "T1,", 0 },
        { ",T1", 0 },
        { "T11", 0 },
        { "t1", 0 },
        { "T1 C1", 0 },
        { "X", 0 },
        { "T2", 0 },
        { "T1,,C1", 0 },
    };
    for (size_t r = 0; r < ARRAY_LEN(parsed); r++) {
        print_message("\"%s\"\n", parsed[r].list);
        assert_int_equal(radio_modes_parse(parsed[r].list), parsed[r].set);
    }
}

/* Where the C-field tells that there are two sides. */
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *what, *name;
        uint8_t c;
        const char *called;
    } named[] = {
        { "SND-NR: anybody's", "T1", 0x44, "T1" },
        { "SND-IR: of a meter that cannot listen, too", "C1", 0x46, "C1" },
        { "ACC-NR: likewise", "S1", 0x47, "S1" },
        { "RSP-UD", "T1", 0x08, "T2" },
        { "RSP-UD, ACD and DFC", "C1", 0x38, "C2" },
        { "ACK", "S1", 0x00, "S2" },
        { "NACK, DFC", "S1", 0x11, "S2" },
        { "ACC-DMD", "T1", 0x48, "T2" },
        { "REQ-UD2: to a meter of either mode", "S1", 0x5B, "S2/T2" },
        { "SND-NKE", "C2", 0x40, "C2" },
        { "a command where none is sent", "T1", 0x40, "T1" },
        { "no such C-field", "T1", 0xFF, "T1" },
        { "R2 has one name", "R2", 0x5B, "R2" },
        { "N1 is a meter that cannot listen", "N2400", 0x44, "N1" },
        { "N2, one that does", "N4800", 0x08, "N2" },
        { "N2, one that is spoken to", "N4800", 0x5B, "N2" },
        { "unknown", "X9", 0x5B, "X9" },
    };
    for (size_t r = 0; r < ARRAY_LEN(named); r++) {
        print_message("%s\n", named[r].what);
        assert_string_equal(radio_mode_of_telegram(named[r].name, named[r].c), named[r].called);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rest_of_sync),    cmocka_unit_test(test_training_is_sent),
        cmocka_unit_test(test_rows_make_sense), cmocka_unit_test(test_preamble_chips),
        cmocka_unit_test(test_r2_raster),       cmocka_unit_test(test_parse),
        cmocka_unit_test(test_names),           cmocka_unit_test(test_tail),
        cmocka_unit_test(test_n_raster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
