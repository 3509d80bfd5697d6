/* SPDX-License-Identifier: MIT */
#include "bench/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/random_telegram.h"

enum { T1 = 0, C1_A = 1, C1_B = 2, BYTES = 47 };

/* Telegram k was sent at samples 1000 * k; 3 and 4 overlap, 4 is optional. At 1 Msps 100 samples
 * are tolerated. */
static const struct {
    double sample;
    int mode;
} sent[] = { { 0, T1 }, { 1000, C1_A }, { 2000, C1_B }, { 3000, T1 }, { 3050, T1 } };

static const struct {
    const char *what;
    int telegram;
    double sample;
    int mode;
    enum decode_status status;
    unsigned right, wrong, duplicate;
} rows[] = {
    { "right", 0, 0, T1, DECODE_OK, 1, 0, 0 },
    { "the same once more", 0, 3, T1, DECODE_OK, 1, 0, 1 },
    { "a bad CRC counts for nothing", 1, 1000, C1_A, DECODE_BAD_CRC, 1, 0, 1 },
    { "right, a little early", 1, 910, C1_A, DECODE_OK, 2, 0, 1 },
    { "too late", 2, 2110, C1_B, DECODE_OK, 2, 1, 1 },
    { "right time, other bytes", 1, 2000, C1_B, DECODE_OK, 2, 2, 1 },
    { "right bytes, other format", 2, 2000, C1_A, DECODE_OK, 2, 3, 1 },
    { "the second of two that overlap, which need not be", 4, 3050, T1, DECODE_OK, 2, 3, 1 },
    { "and the first", 3, 3050, T1, DECODE_OK, 3, 3, 1 },
    { "nothing was sent there", 3, 9000, T1, DECODE_OK, 3, 4, 1 },
};

static void test_score(void **state)
{
    (void)state;
    struct score score;
    score_init(&score, 1e6);
    for (size_t k = 0; k < ARRAY_LEN(sent); k++) {
        struct sent one = {
            sent[k].sample, &radio_modes[sent[k].mode], BYTES, { 0 }, k == 4, false
        };
        random_telegram(k, one.telegram, BYTES);
        assert_true(score_expect(&score, &one));
    }
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        const struct radio_mode *mode = &radio_modes[rows[r].mode];
        struct frame frame = {
            .n = BYTES,
            .format = mode->format,
            .status = rows[r].status,
            .rx = { .mode = mode->name, .first_chip_sample = rows[r].sample, .mended = r == 0 },
        };
        random_telegram((uint64_t)rows[r].telegram, frame.bytes, BYTES);
        score_frame(&score, &frame);
        assert_int_equal(score.right, rows[r].right);
        assert_int_equal(score.wrong, rows[r].wrong);
        assert_int_equal(score.duplicate, rows[r].duplicate);
    }
    assert_int_equal(score.mended, 1);
    assert_int_equal(score.expected, 4);
    score_free(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_score) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
