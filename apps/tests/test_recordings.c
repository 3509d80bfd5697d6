/* SPDX-License-Identifier: MIT
 * wmbus-rx on recordings: the telegrams that must come out, whatever the size of the blocks and the
 * vector instructions. The vectors are described in test_vectors/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

#define WATER "1844ae4c4455223368077a55000000041389e20100023b0000"
#define WATER_C                                                                                    \
    "2a442d2c998734761b168d2091d37cac21e1d68cdaffcd3dc452bd802913ff7b1706ca9e355d6c2701cc24"
#define GAS                                                                                        \
    "2e4493157856341233037a2a0020255923c95aaa26d1b2e7493b013ec4a6f6d3529b520edff0ea6defc99d6d69eb" \
    "f3"

enum { OUTPUT_SIZE = 1 << 16, MAX_TELEGRAMS = 3 };

struct recording {
    const char *what;
    const char *file; /* in the source tree */
    bool optional;    /* too large to be kept in it */
    double tolerance_s;
    struct {
        double time_s;
        const char *mode, *format, *telegram;
    } expected[MAX_TELEGRAMS];
};

static struct recording recordings[] = {
    /* cmocka wants its states writable */
    { "each mode once",
      "test_vectors/iq/modes_868.95M_1600k.cu8",
      false,
      20e-6,
      { { 0.006, "T1", "A", WATER }, { 0.013, "C1", "A", GAS }, { 0.022, "C1", "B", WATER_C } } },
    { "a rate that is no multiple of 800 k, off centre",
      "test_vectors/iq/odd_rate_868.625M_1024k.cs16",
      false,
      20e-6,
      { { 0.006, "T1", "A", WATER } } },
    { "driven far into clipping, with DC",
      "test_vectors/iq/clipped_868.95M_1600k.cu8",
      false,
      20e-6,
      { { 0.006, "T1", "A", WATER }, { 0.013, "C1", "B", WATER_C } } },
    { "a strong telegram begins during a weak one",
      "test_vectors/iq/overlap_868.95M_1600k.cu8",
      false,
      20e-6,
      { { 0.0095, "T1", "A", WATER } } },
    { "two real meters, the first clipped; published with rtl-wmbus",
      "../shared/captures/rtlsdr_868.950M_1M6_samples2.cu8",
      true,
      2e-3, /* published are the times at which the bursts begin */
      { { 0.2392, "T1", "A",
          "294468502300207172f0a0009f21000000a07d220200010000000000000000000000040003020302"
          "0000" },
        { 0.4553, "T1", "A",
          "6644242382007064640e721221008492261704300050059de7c930894d0d5e5aab82e4d9eefe39d0"
          "b338f936c0db728d6786698b5c0b4b88e516611072a991fd1fbfd2a5b8bee9f9c6bf0ce56ae94e2c"
          "f7c75b250bfd8ed0f2ec0b9c5f3adc3f7cfa326857c98d" } } },
};

/* Runs wmbus-rx on a file; what it printed, zero-terminated. */
static void receive(const char *options, const char *path, char *text)
{
    char command[8192];
    snprintf(command, sizeof command, "%s/wmbus-rx %s %s 2>/dev/null", getenv("WMBUS_BIN_DIR"),
             options, path);
    FILE *rx = popen(command, "r");
    assert_non_null(rx);
    size_t n = fread(text, 1, OUTPUT_SIZE - 1, rx);
    text[n] = 0;
    assert_int_equal(WEXITSTATUS(pclose(rx)), EXIT_OK);
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value;
    assert_true(json_object_object_get_ex(object, key, &value));
    return json_object_get_string(value);
}

static void check_line(const char *line, const struct recording *recording, size_t k)
{
    struct json_object *object = json_tokener_parse(line), *time_s;
    assert_non_null(object);
    assert_string_equal(text_of(object, "telegram"), recording->expected[k].telegram);
    assert_string_equal(text_of(object, "mode"), recording->expected[k].mode);
    assert_string_equal(text_of(object, "format"), recording->expected[k].format);
    assert_true(json_object_object_get_ex(object, "time_s", &time_s));
    double error_s = json_object_get_double(time_s) - recording->expected[k].time_s;
    assert_true(error_s > -recording->tolerance_s && error_s < recording->tolerance_s);
    json_object_put(object);
}

/* Exactly the expected telegrams, a line each, in order of time. */
static void check_telegrams(char *text, const struct recording *recording)
{
    size_t k = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), k++) {
        assert_true(k < MAX_TELEGRAMS && recording->expected[k].telegram);
        check_line(line, recording, k);
    }
    assert_true(k == MAX_TELEGRAMS || !recording->expected[k].telegram);
}

/* The same bytes for every block size. With other vector instructions sums are rounded in another
 * order, so a last printed digit may differ; the telegrams may not. */
static void test_recording(void **state)
{
    static const char *const blocks[] = { "--block-size 1", "--block-size 7", "--block-size 4096" };
    static char expected[OUTPUT_SIZE], text[OUTPUT_SIZE];
    const struct recording *recording = *state;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("WMBUS_SOURCE_DIR"), recording->file);
    if (recording->optional && access(path, R_OK) != 0)
        skip();
    receive("--block-size 65536", path, expected);
    for (size_t b = 0; b < ARRAY_LEN(blocks); b++) {
        receive(blocks[b], path, text);
        assert_string_equal(text, expected);
    }
    check_telegrams(expected, recording);
    receive("--simd=scalar", path, text);
    check_telegrams(text, recording);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(recordings)];
    for (size_t r = 0; r < ARRAY_LEN(recordings); r++)
        tests[r] = (struct CMUnitTest){ .name = recordings[r].what,
                                        .test_func = test_recording,
                                        .initial_state = &recordings[r] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
