/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/rx/ppm_file.h"
#include "base/array_len.h"

static struct ppm_file file;
static struct err err;

static void test_keep(void **state)
{
    char path[] = "/tmp/test_ppm_file.XXXXXX";
    double ppm = 0;
    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    assert_true(ppm_file_load(&file, path, &err));
    assert_false(ppm_file_find(&file, "rtlsdr", &ppm));
    assert_true(ppm_file_keep(&file, "rtlsdr", 40.04, &err));
    assert_true(ppm_file_keep(&file, "rtl_tcp:a b:1", -3, &err));
    assert_true(ppm_file_keep(&file, "rtlsdr", 40.5, &err)); /* the same but for less than 1 */
    assert_true(ppm_file_load(&file, path, &err));
    assert_int_equal(file.n, 2);
    assert_true(ppm_file_find(&file, "rtlsdr", &ppm) && fabs(ppm - 40) < 0.01);
    assert_true(ppm_file_find(&file, "rtl_tcp:a b:1", &ppm) && fabs(ppm + 3) < 0.01);
    assert_true(ppm_file_keep(&file, "rtlsdr", 42, &err));
    assert_true(ppm_file_load(&file, path, &err));
    assert_true(ppm_file_find(&file, "rtlsdr", &ppm) && fabs(ppm - 42) < 0.01);
    assert_int_equal(unlink(path), 0);
    assert_true(ppm_file_load(&file, path, &err)); /* not there: empty */
    assert_int_equal(file.n, 0);
}

static void test_bad(void **state)
{
    static const char *const rows[] = { "x rtlsdr\n", "5\n", "nan rtlsdr\n", "5rtlsdr\n",
                                        "2000 a\n" };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char text[100];
        snprintf(text, sizeof text, "# comment\n\n 3 good\n%s", rows[r]);
        FILE *f = fmemopen(text, strlen(text), "r");
        assert_false(ppm_file_read(&file, f, "kept", &err));
        fclose(f);
        assert_int_equal(err.exit_code, EXIT_CONFIG);
        assert_string_equal(err.text, "kept:4: expected an error in ppm and the name of a source");
    }
    assert_false(ppm_file_load(&file, "/", &err));
    assert_true(ppm_file_load(&file, "/nowhere/kept", &err));
    assert_false(ppm_file_keep(&file, "rtlsdr", 5, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    file.path = NULL;
    assert_true(ppm_file_keep(&file, "other", 5, &err)); /* nothing is kept */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
