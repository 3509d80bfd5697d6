/* SPDX-License-Identifier: MIT
 * Blocks with weak symbols: what is mended, what is refused, and how often what is taken is wrong
 * when the soft chips are as sure as they say. An argument is the number of blocks per noise. */
#include "decode/mend.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/crc16.h"
#include "decode/line_3of6.h"
#include "dsp/rng.h"

enum { BLOCK = 18, LEAD = 2, MAX_CHIPS = 12 * (BLOCK + LEAD + 1) };

static const float llr_per_step = 0.5f, min_log_odds = 5.0f;

static struct line_bytes line;
static struct rng rng;
static int n_trials = 1500;
static uint8_t sent[LEAD + BLOCK]; /* bytes that belong to another block, and the block */
static uint8_t hard[MAX_CHIPS];
static soft_chip_t soft[MAX_CHIPS];
static size_t n_chips;

/* A block with a right CRC, as chips. */
static void make_block(bool three_of_six)
{
    for (size_t k = 0; k < LEAD + BLOCK - 2; k++)
        sent[k] = (uint8_t)rng_u64(&rng);
    const uint16_t crc = crc16_en13757(sent + LEAD, BLOCK - 2);
    sent[LEAD + BLOCK - 2] = (uint8_t)(crc >> 8);
    sent[LEAD + BLOCK - 1] = (uint8_t)crc;
    n_chips = 0;
    for (size_t k = 0; k < LEAD + BLOCK; k++) {
        for (int bit = 7; bit >= 0 && !three_of_six; bit--)
            hard[n_chips++] = (sent[k] >> bit) & 1;
        for (int shift = 4; shift >= 0 && three_of_six; shift -= 4)
            for (int bit = 5; bit >= 0; bit--)
                hard[n_chips++] = (line_3of6_words[(sent[k] >> shift) & 15] >> bit) & 1;
    }
}

static void make_sure(void)
{
    for (size_t k = 0; k < n_chips; k++)
        soft[k] = hard[k] ? 100 : -100;
}

/* Reads the wrong chip, with so many steps. */
static void make_wrong(size_t chip, int steps)
{
    soft[chip] = (soft_chip_t)(hard[chip] ? -steps : steps);
}

static struct mend_result mend(bool three_of_six)
{
    const struct chip_span span = { .chips = soft, .n = n_chips, .llr_per_step = llr_per_step };
    const size_t n =
        (three_of_six ? line_3of6_decode : line_nrz_decode)(&span, 0, LEAD + BLOCK, &line);
    assert_int_equal(n, LEAD + BLOCK);
    return mend_block(&line, LEAD, BLOCK, min_log_odds);
}

static const struct {
    const char *what;
    int wrong_chips, steps;
    bool ok;
} nrz_rows[] = {
    { "nothing is wrong", 0, 0, true },
    { "one weak bit", 1, 4, true },
    { "two weak bits", 2, 4, true },
    { "three weak bits", 3, 2, true },
    { "four weak bits", 4, 2, true },
    { "five are too many", 5, 2, false },
    { "one bit that was sure", 1, 100, false },
    { "two bits that were sure", 2, 100, false },
};

static void test_nrz(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(nrz_rows); r++) {
        print_message("%s\n", nrz_rows[r].what);
        for (int trial = 0; trial < 200; trial++) {
            make_block(false);
            make_sure();
            const size_t first = 8 * LEAD + rng_u64(&rng) % 20;
            for (int k = 0; k < nrz_rows[r].wrong_chips; k++)
                make_wrong(first + (size_t)k * 29, nrz_rows[r].steps);
            const struct mend_result result = mend(false);
            assert_int_equal(result.ok, nrz_rows[r].ok);
            assert_int_equal(memcmp(line.bytes + LEAD, sent + LEAD, BLOCK) == 0, nrz_rows[r].ok);
            if (result.ok)
                assert_int_equal(result.symbols, nrz_rows[r].wrong_chips);
        }
    }
}

/* A pair 01 that came as 10 counts as two symbols, and costs one. */
static void test_nrz_pair(void **state)
{
    (void)state;
    for (int trial = 0; trial < 200; trial++) {
        make_block(false);
        make_sure();
        size_t at = 8 * LEAD;
        while (hard[at] == hard[at + 1])
            at++;
        make_wrong(at, 8);
        make_wrong(at + 1, 8);
        const struct mend_result result = mend(false);
        assert_true(result.ok);
        assert_int_equal(result.symbols, 2);
        assert_memory_equal(line.bytes + LEAD, sent + LEAD, BLOCK);
    }
}

/* In 3-of-6 a wrong chip beside a weak one makes another nibble. */
static void test_3of6(void **state)
{
    (void)state;
    for (int wrong = 0; wrong <= 3; wrong++) {
        print_message("%d wrong nibbles\n", wrong);
        for (int trial = 0; trial < 200; trial++) {
            make_block(true);
            make_sure();
            for (int k = 0; k < wrong; k++) {
                const size_t at = 12 * LEAD + 42 * (size_t)k;
                size_t other = at + 1;
                while (hard[other] == hard[at])
                    other++;
                make_wrong(at, 3);
                make_wrong(other, 3);
            }
            const struct mend_result result = mend(true);
            assert_true(result.ok);
            /* what is no code word with both chips changed is not misread at all */
            assert_true(result.symbols <= wrong);
            assert_memory_equal(line.bytes + LEAD, sent + LEAD, BLOCK);
        }
    }
}

/* What lies outside of the block is neither used nor changed. */
static void test_neighbours_stay(void **state)
{
    (void)state;
    make_block(false);
    make_sure();
    make_wrong(3, 1);
    make_wrong(8 * LEAD + 5, 4);
    assert_true(mend(false).ok);
    assert_memory_equal(line.bytes + LEAD, sent + LEAD, BLOCK);
    assert_int_equal(line.bytes[0], sent[0] ^ 0x10);
    /* beyond the bytes there are, and too short for a CRC */
    assert_false(mend_block(&line, LEAD, BLOCK + 1, min_log_odds).ok);
    assert_false(mend_block(&line, LEAD + BLOCK - 2, 2, min_log_odds).ok);
    assert_false(mend_block(&line, 0, 0, min_log_odds).ok);
}

/* A pair of bits that reaches beyond the block is no option of it, but each bit alone is. */
static void test_pair_across_the_end(void **state)
{
    (void)state;
    for (int trial = 0; trial < 100; trial++) {
        make_block(false);
        hard[n_chips] = !hard[n_chips - 1];
        memset(hard + n_chips + 1, 0, 7);
        n_chips += 8;
        make_sure();
        make_wrong(n_chips - 9, 6);
        make_wrong(n_chips - 8, 6);
        const struct chip_span span = { .chips = soft, .n = n_chips, .llr_per_step = llr_per_step };
        assert_int_equal(line_nrz_decode(&span, 0, LEAD + BLOCK + 1, &line), LEAD + BLOCK + 1);
        const uint8_t behind = line.bytes[LEAD + BLOCK];
        const struct mend_result result = mend_block(&line, LEAD, BLOCK, min_log_odds);
        assert_true(result.ok);
        assert_int_equal(result.symbols, 1);
        assert_memory_equal(line.bytes + LEAD, sent + LEAD, BLOCK);
        assert_int_equal(line.bytes[LEAD + BLOCK], behind);
    }
}

/* ---- the demodulator's own judgement ---- */

enum { LONG = 50, FIRST_CHIP = 5, ORDER = CRC16_EN13757_ORDER };

/* Says that these chips were wrong, and no others. */
struct knowing {
    uint32_t wrong[2];
    size_t n;
    float cost; /* of these, and no others */
};

static float cost_of(void *demod, const uint32_t *chips, size_t n)
{
    const struct knowing *k = demod;
    return n == k->n && memcmp(chips, k->wrong, n * sizeof *chips) == 0 ? k->cost : 14.0f;
}

static uint8_t block[LEAD + LONG];
static soft_chip_t bits[FIRST_CHIP + 8 * (LEAD + LONG)];

/* A block of n bytes, each bit a chip. */
static void make_judged_block(size_t n)
{
    for (size_t k = 0; k < sizeof block; k++)
        block[k] = (uint8_t)rng_u64(&rng);
    const uint16_t crc = crc16_en13757(block + LEAD, n - 2);
    block[LEAD + n - 2] = (uint8_t)(crc >> 8);
    block[LEAD + n - 1] = (uint8_t)crc;
    for (size_t k = 0; k < 8 * sizeof block; k++)
        bits[FIRST_CHIP + k] = block[k / 8] >> (7 - k % 8) & 1 ? 100 : -100;
}

static struct mend_result mend_judged_block(struct knowing *knowing, size_t n)
{
    const struct chip_span span = { .chips = bits,
                                    .n = sizeof bits,
                                    .llr_per_step = llr_per_step,
                                    .cost_of = cost_of,
                                    .demod = knowing };
    line_nrz_decode(&span, FIRST_CHIP, sizeof block, &line);
    return mend_block(&line, LEAD, n, min_log_odds);
}

/* Of two bits of the same syndrome, 151 apart, one is weak and the other seems sure: who is asked
 * knows which one it was. So with two wrong bits, in whatever order. */
static void test_aliases(void **state)
{
    (void)state;
    for (int trial = 0; trial < 100; trial++) {
        make_judged_block(LONG);
        const uint32_t first = FIRST_CHIP + 8 * LEAD,
                       weak = first + 1 + (uint32_t)(rng_u64(&rng) % 200);
        struct knowing knowing = { .wrong = { weak + ORDER }, .n = 1, .cost = 1 };
        bits[weak] = (soft_chip_t)(bits[weak] > 0 ? 4 : -4);
        bits[weak + ORDER] = (soft_chip_t)-bits[weak + ORDER];
        if (trial % 2) { /* another, before or behind it */
            const uint32_t other = trial % 4 == 1 ? first + 8 * LONG - 1 : first;
            bits[other] = (soft_chip_t)(bits[other] > 0 ? -5 : 5);
            knowing.wrong[other > weak] = other;
            knowing.wrong[other < weak] = weak + ORDER;
            knowing.n = 2;
        }
        const struct mend_result result = mend_judged_block(&knowing, LONG);
        assert_true(result.ok);
        assert_int_equal(result.symbols, knowing.n);
        assert_memory_equal(line.bytes, block, sizeof block);
    }
}

/* Both bits are wrong and the CRC does not see it: who is asked knows it, or is in doubt, or
 * says that they are right. */
static void test_unseen_twins(void **state)
{
    static const struct {
        float cost;
        bool ok, mended;
    } rows[] = { { -12, true, true }, { 0, false, false }, { 12, true, false } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        for (int trial = 0; trial < 30; trial++) {
            make_judged_block(LONG);
            const uint32_t one = FIRST_CHIP + 8 * LEAD + (uint32_t)(rng_u64(&rng) % 200);
            struct knowing knowing = { { one, one + ORDER }, 2, rows[r].cost };
            /* more bits that are less sure than the search by pairs reaches */
            for (uint32_t k = FIRST_CHIP + 8 * LEAD;
                 trial % 2 && k < FIRST_CHIP + 8 * (LEAD + LONG); k += 5)
                if (k != knowing.wrong[0] && k != knowing.wrong[1])
                    bits[k] = (soft_chip_t)(bits[k] > 0 ? 8 : -8);
            for (int k = 0; k < 2; k++)
                bits[knowing.wrong[k]] = (soft_chip_t)(bits[knowing.wrong[k]] > 0 ? -9 : 9);
            const struct mend_result result = mend_judged_block(&knowing, LONG);
            assert_int_equal(result.ok, rows[r].ok);
            assert_int_equal(result.symbols, rows[r].mended ? 2 : 0);
            assert_int_equal(memcmp(line.bytes, block, sizeof block) == 0, rows[r].mended);
        }
}

/* A judgement that is no number proves nothing, in a block with aliases or without. */
static void test_no_judgement(void **state)
{
    static const struct {
        size_t n;
        float cost;
    } rows[] = { { LONG, INFINITY }, { LONG, NAN }, { 18, INFINITY }, { 18, NAN } };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        make_judged_block(rows[k].n);
        const uint32_t weak = FIRST_CHIP + 8 * LEAD + 100;
        struct knowing knowing = { .wrong = { weak }, .n = 1, .cost = rows[k].cost };
        bits[weak] = (soft_chip_t)(bits[weak] > 0 ? -2 : 2);
        const uint8_t read =
            block[(weak - FIRST_CHIP) / 8] ^ (uint8_t)(0x80 >> (weak - FIRST_CHIP) % 8);
        assert_false(mend_judged_block(&knowing, rows[k].n).ok);
        assert_int_equal(line.bytes[(weak - FIRST_CHIP) / 8], read);
    }
}

/* ---- odds --------------------------------------------------------------------------------- */

/* Soft chips of a channel with white noise, as sure as they say: a log-likelihood ratio of mean m
 * has the variance 2 m. */
static void receive(double mean_llr)
{
    for (size_t k = 0; k < n_chips; k++) {
        const double llr =
            (hard[k] ? 1 : -1) * mean_llr + sqrt(2 * mean_llr) * (double)rng_normal(&rng);
        soft[k] = (soft_chip_t)lrint(fmax(-127, fmin(127, llr / (double)llr_per_step)));
    }
}

/* Taken though wrong: at most one in 10,000 blocks sent, and what chance adds to that in so few,
 * from hopeless noise to where nearly all are right. And mending is worth its while. */
static void check_odds(bool three_of_six)
{
    static const double mean_llrs[] = { 0.5, 2, 4, 6, 8, 10, 12, 16 };
    int wrong = 0, mended = 0, plain = 0;
    for (size_t m = 0; m < ARRAY_LEN(mean_llrs); m++) {
        int ok = 0;
        for (int trial = 0; trial < n_trials; trial++) {
            make_block(three_of_six);
            receive(mean_llrs[m]);
            const struct mend_result result = mend(three_of_six);
            const int right = memcmp(line.bytes + LEAD, sent + LEAD, BLOCK) == 0;
            wrong += result.ok && !right;
            ok += result.ok;
            mended += result.ok && right && result.symbols > 0;
            plain += result.ok && right && result.symbols == 0;
        }
        print_message("mean llr %4.1f: %5.1f %% taken\n", mean_llrs[m], 100.0 * ok / n_trials);
    }
    const int n = n_trials * (int)ARRAY_LEN(mean_llrs);
    const double expected = 1e-4 * n;
    print_message("%d of %d taken though wrong; %d right as they were, %d mended\n", wrong, n,
                  plain, mended);
    assert_true(wrong <= expected + 2 * sqrt(expected));
    assert_true(mended * 5 > plain);
}

static void test_odds_nrz(void **state)
{
    (void)state;
    check_odds(false);
}

static void test_odds_3of6(void **state)
{
    (void)state;
    check_odds(true);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        n_trials = atoi(argv[1]);
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nrz),
        cmocka_unit_test(test_nrz_pair),
        cmocka_unit_test(test_3of6),
        cmocka_unit_test(test_neighbours_stay),
        cmocka_unit_test(test_pair_across_the_end),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_unseen_twins),
        cmocka_unit_test(test_no_judgement),
        cmocka_unit_test(test_odds_nrz),
        cmocka_unit_test(test_odds_3of6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
