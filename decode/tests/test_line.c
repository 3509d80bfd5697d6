/* SPDX-License-Identifier: MIT
 * Line codes: soft chips to bytes, and the readings that come second. */
#include "decode/line.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/line_3of6.h"
#include "dsp/rng.h"

enum { MAX_CHIPS = 16 * FRAME_MAX_AIR_BYTES };

/* EN 13757-4:2019, mode T: nibble 0 ... 15 as six chips, written out once more. */
static const char *const words[16] = { "010110", "001101", "001110", "001011", "011100", "011001",
                                       "011010", "010011", "101100", "100101", "100110", "100011",
                                       "110100", "110001", "110010", "101001" };

static struct line_bytes out;
static soft_chip_t chips[MAX_CHIPS];

static struct chip_span span_of(size_t n)
{
    return (struct chip_span){ .chips = chips, .n = n, .llr_per_step = 0.5f };
}

static void put_nibble(size_t at, unsigned nibble, int amplitude)
{
    for (int k = 0; k < 6; k++)
        chips[at + (size_t)k] = (soft_chip_t)(words[nibble][k] == '1' ? amplitude : -amplitude);
}

static void put_bits(size_t at, unsigned byte, int amplitude)
{
    for (int k = 0; k < 8; k++)
        chips[at + (size_t)k] = (soft_chip_t)((byte >> (7 - k)) & 1 ? amplitude : -amplitude);
}

static void test_3of6_every_byte(void **state)
{
    (void)state;
    const struct chip_span span = span_of(3 + 12);
    for (unsigned byte = 0; byte < 256; byte++) {
        put_nibble(3, byte >> 4, 127);
        put_nibble(9, byte & 15, 127);
        assert_int_equal(line_3of6_decode(&span, 3, 1, &out), 1);
        assert_int_equal(out.bytes[0], byte);
        assert_int_equal(out.n_options, 0); /* 127 steps on each of two chips: never */
    }
}

/* The reading that makes this nibble, its cost, or infinity if it is neither taken nor listed. */
static float cost_of_nibble(unsigned nibble, bool high)
{
    const int shift = high ? 4 : 0;
    if (((out.bytes[0] >> shift) & 15) == nibble)
        return 0;
    for (size_t k = 0; k < out.n_options; k++) {
        const struct line_option *o = &out.options[k];
        const uint8_t read = out.bytes[0] ^ o->mask[0];
        if (o->symbol == !high && ((read >> shift) & 15) == nibble) {
            assert_int_equal(o->byte, 0);
            assert_int_equal(o->mask[1], 0);
            assert_int_equal(o->symbols, 1);
            assert_int_equal(o->mask[0] & (high ? 0x0F : 0xF0), 0);
            return o->cost;
        }
    }
    return INFINITY;
}

/* One chip of six is read wrong, as sure as the others: what was sent is never less likely than
 * what is taken. */
static void test_3of6_single_errors(void **state)
{
    (void)state;
    const struct chip_span span = span_of(12);
    for (unsigned nibble = 0; nibble < 16; nibble++) {
        for (unsigned chip = 0; chip < 12; chip++) {
            put_nibble(0, nibble, 10);
            put_nibble(6, nibble, 10);
            chips[chip] = (soft_chip_t)-chips[chip];
            assert_int_equal(line_3of6_decode(&span, 0, 1, &out), 1);
            assert_true(cost_of_nibble(nibble, chip < 6) == 0.0f);
            assert_true(cost_of_nibble(nibble, chip >= 6) == 0.0f);
        }
    }
}

/* Two chips of opposite sign, hardly sure, the others sure: the rival costs what changes both. */
static void test_3of6_cost(void **state)
{
    (void)state;
    const struct chip_span span = span_of(12);
    put_nibble(0, 3, 100); /* 001011 */
    put_nibble(6, 6, 100); /* 011010 */
    chips[3] = -4;         /* with chip 4, 001101: nibble 1 */
    chips[4] = 6;
    chips[5] = 100;
    chips[7] = 7; /* with chip 9 of 6, 001110: nibble 2 */
    chips[9] = -5;
    assert_int_equal(line_3of6_decode(&span, 0, 1, &out), 1);
    assert_int_equal(out.bytes[0], 0x36);
    assert_true(fabsf(cost_of_nibble(1, true) - 0.5f * 10) < 1e-5f);
    assert_true(fabsf(cost_of_nibble(2, false) - 0.5f * 12) < 1e-5f);
    assert_int_equal(out.n_options, 2);
}

/* Any six chips: each word by its definition, the first of the likeliest, and all rivals below the
 * limit. */
static void test_3of6_any_chips(void **state)
{
    (void)state;
    const struct chip_span span = span_of(12);
    struct rng rng;
    rng_init(&rng, 3);
    put_nibble(6, 0, 127);
    for (int trial = 0; trial < 20000; trial++) {
        const double most = trial % 3 == 0 ? 128 : trial % 3 == 1 ? 12 : 2;
        int metric[16], exact[16], best = 0;
        for (size_t k = 0; k < LINE_3OF6_CHIPS; k++)
            chips[k] = (soft_chip_t)rng_uniform(&rng, -most, most);
        for (unsigned nibble = 0; nibble < 16; nibble++) {
            exact[nibble] = 0;
            for (size_t k = 0; k < LINE_3OF6_CHIPS; k++)
                exact[nibble] += words[nibble][k] == '1' ? chips[k] : -chips[k];
            best = exact[nibble] > exact[best] ? (int)nibble : best;
        }
        assert_int_equal(line_3of6_likeliest(chips, metric), best);
        assert_memory_equal(metric, exact, sizeof exact);
        assert_int_equal(line_3of6_decode(&span, 0, 1, &out), 1);
        for (unsigned nibble = 0; nibble < 16; nibble++) {
            const float cost = 0.25f * (float)(exact[best] - exact[nibble]);
            const bool listed = (int)nibble == best || cost < LINE_MAX_COST;
            assert_true(cost_of_nibble(nibble, true) == (listed ? cost : INFINITY));
        }
    }
}

static void test_nrz_every_byte(void **state)
{
    (void)state;
    const struct chip_span span = span_of(5 + 8);
    for (unsigned byte = 0; byte < 256; byte++) {
        put_bits(5, byte, 30); /* 15: beyond LINE_MAX_COST */
        assert_int_equal(line_nrz_decode(&span, 5, 1, &out), 1);
        assert_int_equal(out.bytes[0], byte);
        assert_int_equal(out.n_options, 0);
    }
}

static const struct line_option *find_option(uint16_t symbol, uint8_t symbols)
{
    for (size_t k = 0; k < out.n_options; k++)
        if (out.options[k].symbol == symbol && out.options[k].symbols == symbols)
            return &out.options[k];
    return NULL;
}

static void test_nrz_single_bits(void **state)
{
    (void)state;
    const struct chip_span span = span_of(24);
    for (unsigned bit = 0; bit < 24; bit++) {
        memset(chips, 100, 24);
        chips[bit] = 8;
        assert_int_equal(line_nrz_decode(&span, 0, 3, &out), 3);
        assert_int_equal(out.n_options, 1);
        const struct line_option *o = find_option((uint16_t)bit, 1);
        assert_non_null(o);
        assert_int_equal(o->byte, bit / 8);
        assert_int_equal(o->mask[0], 0x80 >> bit % 8);
        assert_int_equal(o->mask[1], 0);
        assert_true(fabsf(o->cost - 4) < 1e-6f);
    }
}

/* 01 that may be 10: one rival path, so one option for both, also across bytes; nothing is left of
 * the chips behind the last byte. */
static void test_nrz_pairs(void **state)
{
    (void)state;
    const struct chip_span span = span_of(24);
    for (unsigned distance = 1; distance <= 4; distance++)
        for (unsigned bit = 0; bit < 24; bit++) {
            memset(chips, 100, 32);
            chips[bit] = -8;
            chips[bit + distance] = 9; /* one step apart is the same, rounded */
            assert_int_equal(line_nrz_decode(&span, 0, 3, &out), 3);
            const struct line_option *o = find_option((uint16_t)bit, (uint8_t)(distance + 1));
            assert_int_equal(o != NULL, distance <= 3 && bit + distance < 24);
            if (!o)
                continue;
            const unsigned mask = 0x8000u >> bit % 8 | 0x8000u >> (bit % 8 + distance);
            assert_int_equal(o->byte, bit / 8);
            assert_int_equal(o->mask[0], mask >> 8);
            assert_int_equal(o->mask[1], mask & 0xFF);
            assert_int_equal(o->changes, 2);
            chips[bit] = 8; /* the same sign: two bits, each for itself */
            line_nrz_decode(&span, 0, 3, &out);
            assert_null(find_option((uint16_t)bit, (uint8_t)(distance + 1)));
            o = find_option((uint16_t)bit, 1);
            assert_non_null(o);
            assert_int_equal(o->changes, 1);
            assert_non_null(find_option((uint16_t)(bit + distance), 1));
        }
}

static float cost_of_none(void *demod, const uint32_t *of_chips, size_t n)
{
    (void)demod;
    (void)of_chips;
    return (float)n;
}

/* Only where a chip is a bit the demodulator can be asked what a change costs. */
static void test_who_knows_costs(void **state)
{
    static const struct {
        line_decode *decode;
        bool asks;
    } rows[] = { { line_nrz_decode, true },
                 { line_3of6_decode, false },
                 { line_manchester_decode, false } };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct chip_span span = span_of(40);
        memset(&out, 0xEE, sizeof out);
        span.cost_of = cost_of_none;
        span.demod = &span;
        rows[r].decode(&span, 7, 1, &out);
        assert_true(out.cost_of == (rows[r].asks ? cost_of_none : NULL));
        if (rows[r].asks)
            assert_true(out.demod == &span && out.first_chip == 7);
    }
}

static void put_manchester(size_t at, unsigned byte, int amplitude)
{
    for (int k = 0; k < 8; k++) {
        const int one = (byte >> (7 - k)) & 1 ? amplitude : -amplitude;
        chips[at + 2 * (size_t)k] = (soft_chip_t)-one;
        chips[at + 2 * (size_t)k + 1] = (soft_chip_t)one;
    }
}

static void test_manchester_every_byte(void **state)
{
    (void)state;
    const struct chip_span span = span_of(3 + 16);
    for (unsigned byte = 0; byte < 256; byte++) {
        put_manchester(3, byte, 127);
        assert_int_equal(line_manchester_decode(&span, 3, 1, &out), 1);
        assert_int_equal(out.bytes[0], byte);
        assert_int_equal(out.n_options, 0); /* 254 steps: never */
    }
}

static void test_manchester_single_bits(void **state)
{
    (void)state;
    const struct chip_span span = span_of(3 * 16);
    for (unsigned bit = 0; bit < 24; bit++) {
        for (size_t k = 0; k < 3; k++)
            put_manchester(16 * k, 0x5A, 100);
        chips[2 * bit] /= 25;
        chips[2 * bit + 1] /= 25;
        assert_int_equal(line_manchester_decode(&span, 0, 3, &out), 3);
        assert_memory_equal(out.bytes, "\x5A\x5A\x5A", 3);
        assert_int_equal(out.n_options, 1);
        const struct line_option *o = find_option((uint16_t)bit, 1);
        assert_non_null(o);
        assert_int_equal(o->byte, bit / 8);
        assert_int_equal(o->mask[0], 0x80 >> bit % 8);
        assert_int_equal(o->mask[1], 0);
        assert_int_equal(o->changes, 1);
        assert_true(fabsf(o->cost - 4) < 1e-6f);
    }
}

/* The two chips of a bit count together: one that is wrong but weaker is outvoted, and the bit is
 * the less sure; two of them wrong are worth their sum. */
static void test_manchester_adds_chips(void **state)
{
    (void)state;
    const struct chip_span span = span_of(2 * 16);
    put_manchester(0, 0x2E, 40);
    put_manchester(16, 0x00, 40);
    chips[5] = -9; /* bit 2, a one: 40 against 9 the wrong way */
    assert_int_equal(line_manchester_decode(&span, 0, 2, &out), 2);
    assert_int_equal(out.bytes[0], 0x2E);
    assert_int_equal(out.bytes[1], 0x00);
    assert_int_equal(out.n_options, 0); /* half of 31 steps is more than worth keeping */
    chips[4] = -20;
    assert_int_equal(line_manchester_decode(&span, 0, 2, &out), 2);
    assert_int_equal(out.n_options, 1);
    assert_int_equal(out.options[0].byte, 0);
    assert_int_equal(out.options[0].mask[0], 0x20);
    assert_int_equal(out.options[0].symbol, 2);
    assert_true(fabsf(out.options[0].cost - 0.5f * (20 - 9)) < 1e-4f);
    assert_true(out.cost_of == NULL); /* a bit is no chip */
}

/* As many bytes as are there whole, whatever is asked for; weak chips fill the options but no more,
 * in order of position. */
static void check_short_spans(line_decode *decode, size_t chips_per_byte)
{
    memset(chips, 0, sizeof chips);
    for (size_t n = 0; n < 60; n++) {
        for (size_t first = 0; first < 20; first++) {
            const struct chip_span span = span_of(n);
            const size_t there = n > first ? (n - first) / chips_per_byte : 0;
            assert_int_equal(decode(&span, first, 3, &out), there < 3 ? there : 3);
            assert_int_equal(out.n, there < 3 ? there : 3);
        }
    }
    const struct chip_span span = span_of(MAX_CHIPS);
    assert_int_equal(decode(&span, 0, FRAME_MAX_AIR_BYTES, &out), FRAME_MAX_AIR_BYTES);
    assert_true(out.n_options > 0 && out.n_options <= LINE_MAX_OPTIONS);
    for (size_t k = 1; k < out.n_options; k++)
        assert_true(out.options[k - 1].symbol <= out.options[k].symbol);
}

static void test_short_spans(void **state)
{
    (void)state;
    check_short_spans(line_3of6_decode, 12);
    check_short_spans(line_nrz_decode, 8);
    check_short_spans(line_manchester_decode, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3of6_every_byte),
        cmocka_unit_test(test_3of6_single_errors),
        cmocka_unit_test(test_3of6_any_chips),
        cmocka_unit_test(test_3of6_cost),
        cmocka_unit_test(test_nrz_every_byte),
        cmocka_unit_test(test_nrz_single_bits),
        cmocka_unit_test(test_nrz_pairs),
        cmocka_unit_test(test_who_knows_costs),
        cmocka_unit_test(test_short_spans),
        cmocka_unit_test(test_manchester_every_byte),
        cmocka_unit_test(test_manchester_single_bits),
        cmocka_unit_test(test_manchester_adds_chips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
