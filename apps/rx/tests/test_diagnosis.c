/* SPDX-License-Identifier: MIT
 * What people are told when nothing, or too little, arrives. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "apps/rx/status_line.h"
#include "base/array_len.h"

static const struct {
    const char *what;
    struct receiver_stats radio;
    struct vitals vitals;
    const char *brief[3]; /* in order, then NULL */
} rows[] = {
    { "no samples, and nothing else",
      { 0 },
      { (double)NAN, 0, -(double)INFINITY, 0 },
      { "no samples" } },
    { "they came, and stopped",
      { .samples = 99, .frames_ok = 3 },
      { 0, 0, -40, 0 },
      { "no samples" } },
    { "all is well",
      { .samples = 99, .frames_ok = 1, .frames_bad_crc = 9 },
      { 1.6e6, 0.001, -38, 0 },
      { NULL } },
    { "noise only", { .samples = 99 }, { 1.6e6, 0, -38, 0 }, { "noise, but nobody sends" } },
    { "other devices",
      { .samples = 99, .bursts = 5 },
      { 1.6e6, 0, -38, 0 },
      { "something sends" } },
    { "damaged",
      { .samples = 99, .syncs = 2, .frames_bad_crc = 1 },
      { 1.6e6, 0, -38, 0 },
      { "damaged telegrams" } },
    { "clipping, though it hears",
      { .samples = 99, .frames_ok = 1 },
      { 1.6e6, 0.2, -20, 0 },
      { "clipping" } },
    { "too loud and too slow",
      { .samples = 1000, .frames_ok = 1 },
      { 1.6e6, 0, -3, 0.002 },
      { "samples are lost", "noise fills" } },
    { "it was gone once",
      { .samples = 1000, .samples_lost = 1000, .frames_ok = 1 },
      { 1.6e6, 0, -38, 0 },
      { NULL } },
    { "no antenna",
      { .samples = 99 },
      { 1.6e6, 0, -49, 0 },
      { "hardly any noise", "noise, but nobody" } },
};

static void test_findings(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct condition c = { rows[r].radio, 60, rows[r].vitals, true, false };
        const struct finding *f = NULL;
        size_t n = 0;
        print_message("%s\n", rows[r].what);
        for (; (f = diagnosis_next(&c, f)); n++) {
            assert_non_null(rows[r].brief[n]);
            assert_non_null(strstr(f->brief, rows[r].brief[n]));
        }
        assert_null(rows[r].brief[n]);
    }
}

/* What is recorded becomes no longer by waiting. */
static void test_silence(void **state)
{
    (void)state;
    for (int recorded = 0; recorded < 2; recorded++) {
        const struct condition c = { .radio = { .samples = 99 },
                                     .seconds = 60,
                                     .vitals = { 1.6e6, 0, -38, 0 },
                                     .recorded = recorded };
        const struct finding *f = diagnosis_next(&c, NULL);
        assert_non_null(f);
        assert_non_null(strstr(f->advice, "perhaps no meter sent"));
        assert_int_equal(strstr(f->advice, "--seconds") == NULL, recorded);
        assert_null(diagnosis_next(&c, f));
    }
}

static void test_status_line(void **state)
{
    struct status_line s = {
        .condition = { { .samples = 99, .bursts = 1234, .frames_ok = 1, .frames_bad_crc = 2 },
                       60,
                       { 1.6e6, 0, -37.6, 0 },
                       true,
                       false },
        .n_meters = 3,
        .cpu_share = 0.031,
    };
    char text[200];
    (void)state;
    status_line_text(&s, text, sizeof text);
    assert_string_equal(
        text, "1.60 Msps, noise -38 dBFS, 1234 bursts, 1 telegram, 2 bad, 3 meters, CPU 3 %");
    s.condition.vitals.clipped = 0.5;
    status_line_text(&s, text, sizeof text);
    assert_string_equal(text,
                        "1.60 Msps, noise -38 dBFS, 1 telegram; clipping: lower the gain (-g)");
    s.condition.vitals = (struct vitals){ 0, 0, -(double)INFINITY, 0 };
    status_line_text(&s, text, sizeof text);
    assert_string_equal(text, "0.00 Msps, 1 telegram; no samples come");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_status_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
