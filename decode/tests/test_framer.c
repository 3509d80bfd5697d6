/* SPDX-License-Identifier: MIT
 * The framer against the sender's side (chip_encode), chip by chip more; and against what was never
 * a frame. An argument is the number of tries with noise. */
#include "decode/framer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/chip_encode.h"
#include "decode/crc16.h"
#include "decode/dll.h"
#include "decode/random_telegram.h"
#include "dsp/rng.h"

enum { T1, C1_A, C1_B, N_MODES, SURE = 100 };

static struct framer framer;
static struct chip_burst burst;
static soft_chip_t soft[CHIP_ENCODE_MAX_CHIPS];
static size_t n_soft, n_data_chips;
static struct frame frame;
static size_t need;

static const struct radio_channel *channel(void)
{
    return &radio_channels[0];
}

static const struct radio_mode *mode_at(size_t k)
{
    return &radio_modes[channel()->first_mode + k];
}

/* Soft chips behind the training sequence of a telegram, n_soft with the postamble and something
 * behind it, n_data_chips to the end of the frame. */
static void encode(size_t mode, const uint8_t *telegram, size_t n)
{
    const struct radio_mode *row = mode_at(mode);
    assert_true(chip_encode(row, telegram, n, 0, 2, &burst));
    const size_t start =
        burst.first_sync_chip + row->sync_chips - radio_mode_rest_of_sync(channel(), row);
    n_soft = burst.n - start;
    n_data_chips = n_soft - (row->line == LINE_NRZ ? 0 : 2);
    for (size_t k = 0; k < n_soft; k++)
        soft[k] = burst.chips[start + k] ? SURE : -SURE;
    for (int k = 0; k < 20; k++)
        soft[n_soft++] = 3;
}

static enum decode_status read_frame(size_t n)
{
    const struct chip_span span = { .chips = soft, .n = n, .llr_per_step = 0.5f };
    memset(&frame, 0xEE, sizeof frame);
    need = 0;
    return framer_read(&framer, channel(), &span, &frame, &need);
}

static void assert_frame_is(size_t mode, const uint8_t *telegram, size_t n)
{
    assert_int_equal(frame.n, n);
    assert_memory_equal(frame.bytes, telegram, n);
    assert_int_equal(frame.status, DECODE_OK);
    assert_int_equal(frame.format, mode_at(mode)->format);
    assert_string_equal(frame.rx.mode, mode_at(mode)->name);
}

static void test_what_was_sent(void **state)
{
    (void)state;
    static const struct {
        size_t mode, first, last;
    } rows[] = {
        { T1, 10, 256 }, /* L = 9 and 255 */
        { C1_A, 10, 256 },
        { C1_B, 11, 252 }, /* with the block boundary: 127 is the first that needs two blocks */
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("mode %zu\n", rows[r].mode);
        for (size_t n = rows[r].first; n <= rows[r].last; n++) {
            uint8_t telegram[FRAME_MAX_BYTES];
            random_telegram(n, telegram, n < 11 ? 11 : n);
            telegram[0] = (uint8_t)(n - 1);
            encode(rows[r].mode, telegram, n);
            assert_int_equal(read_frame(n_soft), DECODE_OK);
            assert_frame_is(rows[r].mode, telegram, n);
            assert_int_equal(frame.rx.mended, 0);
        }
    }
}

/* Asked again with what it wants, the framer comes to its end, never wants what it has, and wants
 * no more than the frame in the end. */
static void test_more(void **state)
{
    (void)state;
    static const size_t lengths[] = { 11, 12, 60, 127, 128, 200, 252 };
    for (size_t mode = 0; mode < N_MODES; mode++) {
        for (size_t l = 0; l < ARRAY_LEN(lengths); l++) {
            uint8_t telegram[FRAME_MAX_BYTES];
            random_telegram(l, telegram, lengths[l]);
            encode(mode, telegram, lengths[l]);
            size_t n = 0;
            int rounds = 0;
            while (read_frame(n) == DECODE_MORE) {
                assert_true(need > n);
                assert_true(need <= n_data_chips);
                n = need;
                assert_true(++rounds <= 3); /* probe, header, frame */
            }
            assert_int_equal(n, n_data_chips);
            assert_frame_is(mode, telegram, lengths[l]);
            for (n = 0; n < n_data_chips; n++) /* and nothing else before */
                assert_int_equal(read_frame(n), DECODE_MORE);
        }
    }
}

/* Sure chips of a wrong sync word are believed, weak ones are not. */
static void test_wrong_format(void **state)
{
    (void)state;
    for (size_t mode = C1_A; mode <= C1_B; mode++) {
        const struct radio_mode *other = mode_at(mode == C1_A ? C1_B : C1_A);
        uint8_t telegram[40];
        random_telegram(mode, telegram, sizeof telegram);
        encode(mode, telegram, sizeof telegram);
        for (int steps = 4; steps <= SURE; steps += SURE - 4) {
            for (unsigned k = 0; k < 16; k++)
                soft[k] = (soft_chip_t)((other->sync >> (15 - k)) & 1 ? steps : -steps);
            const enum decode_status status = read_frame(n_soft);
            if (steps < SURE)
                assert_frame_is(mode, telegram, sizeof telegram);
            else
                assert_int_not_equal(status, DECODE_OK);
        }
    }
}

static void make_weak_and_wrong(size_t at)
{
    soft[at] = (soft_chip_t)(soft[at] > 0 ? -4 : 4);
}

/* A bit and the one that the order of the polynomial lies behind it have the same syndrome; in the
 * long block of format B a wrong one is mended only if its twin is surer. */
static void test_twins(void **state)
{
    (void)state;
    uint8_t telegram[60];
    random_telegram(1, telegram, sizeof telegram);
    for (int twin_is_weak = 0; twin_is_weak <= 1; twin_is_weak++) {
        encode(C1_B, telegram, sizeof telegram);
        const size_t at = radio_mode_rest_of_sync(channel(), mode_at(C1_B)) + 30 * 8;
        const size_t twin = at + CRC16_EN13757_ORDER;
        make_weak_and_wrong(at);
        if (twin_is_weak)
            soft[twin] = (soft_chip_t)(soft[twin] > 0 ? 4 : -4);
        assert_int_equal(read_frame(n_soft), twin_is_weak ? DECODE_BAD_CRC : DECODE_OK);
        if (!twin_is_weak)
            assert_frame_is(C1_B, telegram, sizeof telegram);
    }
}

/* A weak bit of L that mending would invert, so that L told another length than the frame has. */
static void test_mended_length(void **state)
{
    (void)state;
    uint8_t telegram[40], air[FRAME_MAX_AIR_BYTES];
    random_telegram(1, telegram, sizeof telegram);
    encode(C1_B, telegram, sizeof telegram);
    const size_t first = radio_mode_rest_of_sync(channel(), mode_at(C1_B));
    const size_t n_air = sizeof telegram + 2, n = sizeof telegram;
    assert_int_equal(read_frame(n_soft), DECODE_OK);
    memcpy(air, telegram, n);
    air[0] = (uint8_t)((n_air - 1) ^ 0x04);
    const uint16_t crc = crc16_en13757(air, n);
    for (int k = 0; k < 16; k++)
        soft[first + 8 * n + (size_t)k] = crc >> (15 - k) & 1 ? SURE : -SURE;
    soft[first + 5] = (soft_chip_t)(soft[first + 5] > 0 ? 4 : -4);
    assert_int_equal(read_frame(n_soft), DECODE_BAD_CRC);
}

static void assert_trace(enum framer_finding finding, const struct radio_mode *mode, unsigned block)
{
    assert_int_equal(framer.trace.finding, finding);
    assert_ptr_equal(framer.trace.mode, mode);
    assert_int_equal(framer.trace.bad_block, block);
}

/* One weak wrong chip is mended and counted; a block that is wrong and sure is not mended, and is
 * told from what is no frame at all. */
static void test_errors(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < N_MODES; mode++) {
        uint8_t telegram[60];
        const unsigned rest = radio_mode_rest_of_sync(channel(), mode_at(mode));
        const size_t per_byte = mode == T1 ? 12 : 8;
        random_telegram(mode, telegram, sizeof telegram);
        encode(mode, telegram, sizeof telegram);
        size_t at = rest + 30 * per_byte;
        const size_t pair = soft[at] == soft[at + 1] ? soft[at + 1] == soft[at + 2] ? 3 : 2 : 1;
        make_weak_and_wrong(at);
        if (mode == T1) /* a single chip would not be misread */
            make_weak_and_wrong(at + pair);
        assert_int_equal(read_frame(n_soft), DECODE_OK);
        assert_frame_is(mode, telegram, sizeof telegram);
        if (mode == T1)
            assert_true(frame.rx.mended <= 1);
        else
            assert_int_equal(frame.rx.mended, 1);
        assert_trace(FRAMER_RIGHT, mode_at(mode), 0);
        for (size_t k = 0; mode != T1 && k < framer.trace.n_air; k++)
            assert_int_equal(framer.trace.mended[k], k == 30 ? 0x80 : 0);

        encode(mode, telegram, sizeof telegram);
        at = rest + 40 * per_byte;
        for (size_t k = 0; k < 3 * per_byte; k++)
            soft[at + k] = (soft_chip_t)-soft[at + k];
        assert_int_equal(read_frame(n_soft), DECODE_BAD_CRC);
        assert_int_equal(frame.status, DECODE_BAD_CRC);
        assert_true(frame.n > 0 && frame.n <= FRAME_MAX_BYTES);
        assert_trace(FRAMER_BAD_BLOCK, mode_at(mode), mode == C1_B ? 1 : 3);

        for (size_t k = 0; k < n_soft; k++)
            soft[k] = k % 4 < 2 ? SURE : -SURE;
        assert_int_equal(read_frame(n_soft), DECODE_BAD_CODE);
        assert_trace(FRAMER_NO_CODE, NULL, 0);

        encode(mode, telegram, sizeof telegram);
        for (size_t k = 0; k < 4 * per_byte; k += 3) /* L, C, M */
            soft[rest + k] = (soft_chip_t)-soft[rest + k];
        assert_int_equal(read_frame(n_soft), DECODE_BAD_CODE);
        assert_true(framer.trace.finding == FRAMER_NO_HEADER ||
                    framer.trace.finding == FRAMER_NO_CODE);
    }
}

/* L fields that no frame of format B has; format A's header CRC vouches for them, so only too short
 * ones are refused there. */
static void test_forbidden_lengths(void **state)
{
    (void)state;
    static const uint8_t forbidden[] = { 0, 1, 8, 11, 128, 129 };
    for (size_t k = 0; k < ARRAY_LEN(forbidden); k++) {
        uint8_t telegram[FRAME_MAX_BYTES];
        random_telegram(k, telegram, 200);
        encode(C1_B, telegram, 200);
        for (unsigned bit = 0; bit < 8; bit++)
            soft[16 + bit] = (soft_chip_t)((forbidden[k] >> (7 - bit)) & 1 ? SURE : -SURE);
        assert_int_equal(dll_air_bytes(FRAME_B, forbidden[k]), 0);
        assert_int_not_equal(read_frame(n_soft), DECODE_OK);
        assert_int_not_equal(read_frame(n_soft), DECODE_MORE);
        assert_trace(FRAMER_BAD_LENGTH, mode_at(C1_B), 0);
    }
}

/* ---- what was never a frame --------------------------------------------------------------- */

enum { N_NOISE = 1 << 20, MAX_SPAN = 290 * 12 + 20 };

static soft_chip_t noise[N_NOISE];
static struct rng rng;
static int n_tries = 8000;

static void fill_hard(void)
{
    for (size_t k = 0; k < N_NOISE; k++)
        noise[k] = rng_u64(&rng) & 1 ? 127 : -127;
}

static void fill_uniform(void)
{
    for (size_t k = 0; k < N_NOISE; k++)
        noise[k] = (soft_chip_t)((int)(rng_u64(&rng) % 255) - 127);
}

static void fill_weak(void)
{
    for (size_t k = 0; k < N_NOISE; k++)
        noise[k] = (soft_chip_t)lrintf(fmaxf(-127, fminf(127, 6 * rng_normal(&rng))));
}

/* As hard as chips can be, and with a right training sequence before each: the CRCs alone stand
 * against it. */
static void check_noise(const char *what, void (*fill)(void))
{
    int by_status[DECODE_N_STATUS] = { 0 };
    fill();
    for (int t = 0; t < n_tries; t++) {
        const struct chip_span span = { .chips = noise + rng_u64(&rng) % (N_NOISE - MAX_SPAN),
                                        .n = MAX_SPAN,
                                        .llr_per_step = 0.5f };
        by_status[framer_read(&framer, channel(), &span, &frame, &need)]++;
    }
    print_message("%s: of %d, %d bad code, %d bad CRC, %d frames\n", what, n_tries,
                  by_status[DECODE_BAD_CODE], by_status[DECODE_BAD_CRC], by_status[DECODE_OK]);
    assert_int_equal(by_status[DECODE_OK], 0);
    assert_int_equal(by_status[DECODE_MORE], 0);
}

static void test_noise(void **state)
{
    (void)state;
    check_noise("hard", fill_hard);
    check_noise("uniform", fill_uniform);
    check_noise("weak", fill_weak);
}

static void test_any_length(void **state)
{
    (void)state;
    fill_uniform();
    for (size_t n = 0; n <= MAX_SPAN; n += n < 300 ? 1 : 37) {
        for (int t = 0; t < 3; t++) {
            /* memory of the exact size: reading on shows under ASan */
            soft_chip_t *chips = malloc(n ? n : 1);
            assert_non_null(chips);
            memcpy(chips, noise + rng_u64(&rng) % (N_NOISE - MAX_SPAN), n);
            const struct chip_span span = { .chips = chips,
                                            .n = n,
                                            .llr_per_step = t ? 0.02f : 0.5f };
            need = 0;
            if (framer_read(&framer, channel(), &span, &frame, &need) == DECODE_MORE)
                assert_true(need > n);
            free(chips);
        }
    }
}

/* Of frames in white noise, as sure as they say they are, those are taken whose odds of being right
 * are above the limit, and others are not: T1's is lower, for most errors break its code words. */
static void test_odds(void **state)
{
    (void)state;
    static const struct {
        double mean_llr, least, most; /* of the least odds that are taken */
    } rows[N_MODES] = {
        [T1] = { 6.5, 6.8, 7.5 }, [C1_A] = { 10, 8.8, 9.5 }, [C1_B] = { 14, 8.8, 9.5 }
    };
    for (size_t mode = 0; mode < N_MODES; mode++) {
        const double mean = rows[mode].mean_llr;
        double least = HUGE_VAL;
        int taken = 0, wrong = 0;
        for (int trial = 0; trial < 600; trial++) {
            uint8_t telegram[40];
            random_telegram(rng_u64(&rng), telegram, sizeof telegram);
            encode(mode, telegram, sizeof telegram);
            for (size_t k = 0; k < n_soft; k++) {
                const double llr =
                    (soft[k] > 0 ? mean : -mean) + sqrt(2 * mean) * (double)rng_normal(&rng);
                soft[k] = (soft_chip_t)lrint(fmax(-127, fmin(127, 2 * llr)));
            }
            if (read_frame(n_soft) != DECODE_OK)
                continue;
            taken++;
            wrong += frame.n != sizeof telegram || memcmp(frame.bytes, telegram, frame.n) != 0;
            least = fmin(least, (double)framer.trace.log_odds);
        }
        print_message("mode %zu: %d of 600 taken, odds at least e^%.2f; %d wrong\n", mode, taken,
                      least, wrong);
        assert_true(taken > 60 && taken < 540 && wrong <= 1);
        assert_true(least > rows[mode].least && least < rows[mode].most);
    }
}

/* Each weak bit makes a block doubtful: two such blocks are twice as doubtful as one, so that the
 * frame is not taken, though either block alone would be. */
static void test_odds_add_up(void **state)
{
    enum { BYTES = 60, N_BLOCKS = 3, WEAK_CHIP = 17 }; /* a step: half a natural logarithm */
    (void)state;
    const size_t rest = radio_mode_rest_of_sync(channel(), mode_at(C1_A));
    uint8_t telegram[BYTES];
    float log_odds[N_BLOCKS];
    random_telegram(C1_A, telegram, sizeof telegram);
    encode(C1_A, telegram, sizeof telegram);
    for (size_t block = 0; block < N_BLOCKS; block++) {
        const size_t at = rest + 8 * (12 + 18 * block + 5);
        soft[at] = soft[at] > 0 ? -WEAK_CHIP : WEAK_CHIP;
        const enum decode_status status = read_frame(n_soft);
        log_odds[block] = framer.trace.log_odds;
        print_message("%zu weak: odds e^%.2f\n", block + 1, (double)log_odds[block]);
        assert_true(fabsf(log_odds[0] - log_odds[block] - logf((float)(block + 1))) < 0.1f);
        assert_int_equal(status, log_odds[block] > 9 ? DECODE_OK : DECODE_BAD_CRC);
        assert_trace(log_odds[block] > 9 ? FRAMER_RIGHT : FRAMER_DOUBTFUL, mode_at(C1_A), 0);
        assert_int_equal(frame.rx.mended, block + 1);
    }
    assert_true(log_odds[0] > 9 && log_odds[N_BLOCKS - 1] < 9);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        n_tries = atoi(argv[1]);
    rng_init(&rng, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_sent),
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_wrong_format),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_mended_length),
        cmocka_unit_test(test_forbidden_lengths),
        cmocka_unit_test(test_odds),
        cmocka_unit_test(test_odds_add_up),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
