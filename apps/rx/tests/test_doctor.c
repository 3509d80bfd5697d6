/* SPDX-License-Identifier: MIT
 * What the doctor says of the error of an oscillator. */
#include "apps/rx/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static void test_frequency(void **state)
{
    static const struct {
        const char *what;
        size_t n_meters; /* of all sources */
        struct ppm_estimate ppm;
        bool recorded, well;
        const char *says[2];
    } rows[] = {
        { "one meter",
          1,
          { 1, 5, 14 },
          false,
          true,
          { "that takes 3 meters or more; --seconds N listens for longer\n", "all is well\n" } },
        { "one meter in a recording",
          1,
          { 1, 5, 14 },
          true,
          true,
          { "that takes 3 meters or more; a longer recording may hold more\n", "all is well\n" } },
        { "others were heard by another device",
          9,
          { 2, 5, 8 },
          false,
          true,
          { "that takes 3 meters or more; --seconds", "telegrams of 9 meters" } },
        { "they differ",
          9,
          { 7, 5, 8 },
          false,
          true,
          { "the 7 meters heard differ too much; --seconds N", "" } },
        { "they differ in a recording",
          9,
          { 7, 5, 8 },
          true,
          true,
          { "the 7 meters heard differ too much; a longer recording", "" } },
        { "far off",
          9,
          { 9, -40, 3 },
          false,
          false,
          { "wrong by -40 ppm, give or take 3\n", "with -p -40, or with --auto-ppm\n" } },
        { "far off, which no recording corrects by itself",
          9,
          { 9, -40, 3 },
          true,
          false,
          { "wrong by -40 ppm, give or take 3\n", "with -p -40\n" } },
    };
    const struct summary summary = { .radio = { .samples = 99, .frames_ok = 20 },
                                     .recorded_s = 60 };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct examination found = { .summary = &summary,
                                           .n_meters = rows[r].n_meters,
                                           .recorded = rows[r].recorded,
                                           .ppm = rows[r].ppm };
        char *said = NULL;
        size_t n;
        FILE *to = open_memstream(&said, &n);
        print_message("%s\n", rows[r].what);
        assert_non_null(to);
        assert_int_equal(doctor_judge(&found, to), rows[r].well);
        assert_int_equal(fclose(to), 0);
        for (size_t k = 0; k < ARRAY_LEN(rows[r].says); k++)
            assert_non_null(strstr(said, rows[r].says[k]));
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
