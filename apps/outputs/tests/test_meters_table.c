/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meters_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static const struct heard_meter kitchen = {
    .address = { .manufacturer = 0x1593, .id = { 0x78, 0x56, 0x34, 0x12 } },
    .name = "kitchen",
    .media = "cold water",
    .mode = "T1",
    .snr_db = 20.25F,
    .offset_hz = -10,
    .first_us = 0,
    .last_us = 160000000,
    .seen = 9,
    .interval_s = 16,
    .reading = { "28504.27 m³", "total" },
};
static const struct heard_meter nameless = {
    .media = "gas", .seen = 1, .encrypted = true, .failed_in_a_row = 1, .reading = { "\033[2J", "" }
};
static const struct heard_meter long_named = {
    .address = { .manufacturer = 0x1593, .id = { 0x21, 0x43, 0x65, 0x87 } },
    .name = "flat 1234567890 second floor",
    .media = "heat/cooling load 2",
    .last_us = -9000000000000,
    .mode = "C1",
    .snr_db = -3.25F,
    .offset_hz = 12345,
    .encrypted = true,
    .decrypted = true,
    .failed_in_a_row = 3,
    .seen = 123456789,
    .interval_s = 16,
    .reading = { "1234567.891 kWh", "total energy consumption tariff 1" },
};
static const struct heard_meter *const meters[] = { &kitchen, &nameless, &long_named };

enum { N_LINES = 1 + ARRAY_LEN(meters) };
static void draw(int width, char lines[N_LINES][METERS_LINE_SIZE])
{
    struct meters_table table;
    meters_table_init(&table, meters, ARRAY_LEN(meters), 161000000, width);
    meters_table_titles(&table, lines[0]);
    for (size_t i = 0; i < ARRAY_LEN(meters); i++)
        meters_table_line(&table, meters[i], lines[1 + i]);
}

static void assert_lines(int width, const char *const expected[N_LINES])
{
    char lines[N_LINES][METERS_LINE_SIZE];
    draw(width, lines);
    for (size_t i = 0; i < N_LINES; i++)
        assert_string_equal(lines[i], expected[i]);
}

static void test_what_is_left_out(void **state)
{
    (void)state;
    static const char *const at_200[N_LINES] = {
        "meter                 id        maker  kind            mode  key    interval    "
        "        seen/exp.  SNR dB  offset kHz    ago s       last value  reading",
        "kitchen               12345678  ELS    cold water      T1    clear      16 s    "
        "             9/11    20.2         0.0        1      28504.27 m³  total",
        "                      00000000  ???    gas                   wrong              "
        "                1     0.0         0.0      161             ?[2J",
        "flat 1234567890 sec…  87654321  ELS    heat/cooling …  C1    yes        16 s  "
        "123456789/123456789    -3.2        12.3  9000161  1234567.891 kWh  total energy "
        "consumption tariff 1",
    };
    /* what matters least is left out before a name is cut */
    static const char *const at_109[N_LINES] = {
        "meter                 id        kind            key              seen/exp.       last "
        "value  reading",
        "kitchen               12345678  cold water      clear                 9/11      28504.27 "
        "m³  total",
        "                      00000000  gas             wrong                    1             "
        "?[2J",
        "flat 1234567890 sec…  87654321  heat/cooling …  yes    123456789/123456789  1234567.891 "
        "kWh  total energy co…",
    };
    static const char *const at_80[N_LINES] = {
        "meter             id        kind            key         last value  reading",
        "kitchen           12345678  cold water      clear      28504.27 m³  total",
        "                  00000000  gas             wrong             ?[2J",
        "flat 1234567890…  87654321  heat/cooling …  yes    1234567.891 kWh  total energ…",
    };
    static const char *const at_40[N_LINES] = {
        "meter          id             last value",
        "kitchen        12345678      28504.27 m³",
        "               00000000             ?[2J",
        "flat …         87654321  1234567.891 kWh",
    };
    static const char *const at_1[N_LINES] = { "", "", "", "" };
    assert_lines(200, at_200);
    assert_lines(109, at_109);
    assert_lines(80, at_80);
    assert_lines(40, at_40);
    assert_lines(1, at_1);
}

/* Words with digits must be words of the line that has room for all; a name that is cut right
 * behind its number has the mark there. */
static void assert_whole_numbers(char *line, const char *roomy)
{
    char all[METERS_LINE_SIZE + 2], one[METERS_LINE_SIZE + 2];
    assert_true(snprintf(all, sizeof all, " %s ", roomy) < (int)sizeof all);
    for (char *save, *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        snprintf(one, sizeof one, " %s ", word);
        if (strpbrk(word, "0123456789") && strcmp(word, "1234567890…") != 0)
            assert_non_null(strstr(all, one));
    }
}

static void test_every_width(void **state)
{
    (void)state;
    char roomy[N_LINES][METERS_LINE_SIZE], lines[N_LINES][METERS_LINE_SIZE];
    draw(400, roomy);
    for (int width = 0; width < 400; width++) {
        draw(width, lines);
        for (size_t i = 0; i < N_LINES; i++) {
            assert_true(columns_width(lines[i]) <= width);
            assert_whole_numbers(lines[i], roomy[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_out),
        cmocka_unit_test(test_every_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
