/* SPDX-License-Identifier: MIT */
#include "decode/chip_encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/random_telegram.h"
#include "decode/tests/hex.h"

enum { T1, C1_A, C1_B, S1 };

static struct chip_burst burst;

/* Compares chips from `at` on with a text of 0, 1 and blanks; returns how many were compared. */
static size_t assert_chips(size_t at, const char *expected)
{
    size_t n = 0;
    for (; *expected; expected++)
        if (*expected != ' ') {
            assert_true(at + n < burst.n);
            assert_int_equal(burst.chips[at + n], *expected - '0');
            n++;
        }
    return n;
}

/* OMS Volume 2, Annex N: gas meter, security profile A, as sent in frame format A. */
static const char oms_gas[] = "2E449315785634123303"
                              "7A2A0020255923C95AAA26D1B2E7493B"
                              "013EC4A6F6D3529B520EDFF0EA6DEFC9"
                              "9D6D69EBF3";
static const char oms_gas_a[] = "2E4493157856341233033363"
                                "7A2A0020255923C95AAA26D1B2E7493BC2AD"
                                "013EC4A6F6D3529B520EDFF0EA6DEFC955B2"
                                "9D6D69EBF3EC8A";
/* EN 13757-4 water meter in frame format B, L not yet set. */
static const char water[] = "1244AE0C7856341201078C2027780B13436587";
static const char water_b[] = "1444AE0C7856341201078C2027780B134365877AC5";

static const struct {
    const char *what;
    int mode;
    const char *telegram, *air;
    unsigned pairs, postamble;
    size_t first_sync, n;
    const char *preamble_end_and_sync, *first_bytes;
} rows[] = {
    { "T1", T1, oms_gas, oms_gas_a, 0, 4, 38, 48 + 12 * 55 + 4, "01 0000111101",
      "001110110010 011100011100" },
    { "T1, long preamble", T1, oms_gas, oms_gas_a, 27, 2, 54, 64 + 12 * 55 + 2, "01 0000111101",
      "001110110010 011100011100" },
    { "C1 format A has no postamble", C1_A, oms_gas, oms_gas_a, 0, 4, 32, 64 + 8 * 55,
      "01 01010100001111010101010011001101", "00101110 01000100" },
    { "C1 format B counts its CRC in L", C1_B, water, water_b, 0, 0, 32, 64 + 8 * 21,
      "01 01010100001111010101010000111101", "00010100 01000100" },
    { "S1, short preamble", S1, oms_gas, oms_gas_a, 15, 8, 30, 48 + 16 * 55 + 8,
      "01 000111011010010110", "1010011001010110 1001101010011010" },
    { "S1, long preamble is the default", S1, oms_gas, oms_gas_a, 0, 2, 558, 576 + 16 * 55 + 2,
      "01 000111011010010110", "1010011001010110 1001101010011010" },
};

static void test_bursts(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        uint8_t bytes[FRAME_MAX_BYTES];
        size_t n = bytes_from_hex(rows[r].telegram, bytes, sizeof bytes);
        bytes[0] = 0; /* the encoder sets L */
        assert_true(chip_encode(&radio_modes[rows[r].mode], bytes, n, rows[r].pairs,
                                rows[r].postamble, &burst));
        assert_int_equal(burst.n, rows[r].n);
        assert_int_equal(burst.first_sync_chip, rows[r].first_sync);
        size_t at = rows[r].first_sync - 2;
        at += assert_chips(at, rows[r].preamble_end_and_sync);
        assert_chips(at, rows[r].first_bytes);
        for (size_t k = 0; k < rows[r].first_sync; k++)
            assert_int_equal(burst.chips[k], k % 2);
    }
}

static unsigned take(size_t *at, unsigned n_chips)
{
    unsigned word = 0;
    while (n_chips--)
        word = word << 1 | burst.chips[(*at)++];
    return word;
}

/* A plain decoder of each line code, written from the tables the other way round. */
static uint8_t take_byte(size_t *at, int mode)
{
    static const char inverse_3of6[64] = {
        [0x0B] = 3, [0x0D] = 1,  [0x0E] = 2,  [0x13] = 7,  [0x16] = 0,  [0x19] = 5,
        [0x1A] = 6, [0x1C] = 4,  [0x23] = 11, [0x25] = 9,  [0x26] = 10, [0x29] = 15,
        [0x2C] = 8, [0x31] = 13, [0x32] = 14, [0x34] = 12,
    };
    if (mode == T1) {
        unsigned high = take(at, 6), low = take(at, 6);
        return (uint8_t)(inverse_3of6[high] << 4 | inverse_3of6[low]);
    }
    if (mode != S1)
        return (uint8_t)take(at, 8);
    uint8_t byte = 0;
    for (int k = 0; k < 8; k++) {
        unsigned pair = take(at, 2);
        assert_true(pair == 1 || pair == 2);
        byte = (uint8_t)(byte << 1 | (pair == 1));
    }
    return byte;
}

static void test_all_bytes_come_back(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        uint8_t bytes[FRAME_MAX_BYTES], air[FRAME_MAX_AIR_BYTES];
        size_t n = bytes_from_hex(rows[r].telegram, bytes, sizeof bytes);
        size_t n_air = bytes_from_hex(rows[r].air, air, sizeof air);
        int mode = rows[r].mode;
        assert_true(chip_encode(&radio_modes[mode], bytes, n, 0, 2, &burst));
        size_t at = burst.first_sync_chip + radio_modes[mode].sync_chips;
        for (size_t k = 0; k < n_air; k++)
            assert_int_equal(take_byte(&at, mode), air[k]);
        for (; at < burst.n; at++)
            assert_int_equal(burst.chips[at], !burst.chips[at - 1]);
    }
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int mode;
        size_t n;
        unsigned pairs, postamble;
        bool ok;
    } limits[] = {
        { "longest A", T1, 256, 0, 8, true },
        { "longest A in Manchester after the longest preamble", S1, 256, 1000, 8, true },
        { "A too short", C1_A, 9, 0, 2, false },
        { "longest B", C1_B, 252, 0, 2, true },
        { "B too long", C1_B, 253, 0, 2, false },
        { "preamble too long", T1, 47, 1001, 2, false },
        { "postamble too long", T1, 47, 0, 9, false },
    };
    for (size_t r = 0; r < ARRAY_LEN(limits); r++) {
        print_message("%s\n", limits[r].what);
        uint8_t bytes[FRAME_MAX_BYTES];
        random_telegram(r, bytes, limits[r].n > 11 ? limits[r].n : 11);
        assert_int_equal(chip_encode(&radio_modes[limits[r].mode], bytes, limits[r].n,
                                     limits[r].pairs, limits[r].postamble, &burst),
                         limits[r].ok);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bursts),
        cmocka_unit_test(test_all_bytes_come_back),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
