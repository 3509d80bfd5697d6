/* SPDX-License-Identifier: MIT */
#include "apps/common/kept_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"

static char folder[] = "/tmp/test_kept_file.XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_it(const char *text)
{
    struct err err;
    FILE *f = kept_file_open(in_folder("kept"), &err);
    assert_non_null(f);
    fputs(text, f);
    assert_true(kept_file_close(f, in_folder("kept"), &err));
}

static void assert_holds(const char *text)
{
    char got[40] = "";
    FILE *f = fopen(in_folder("kept"), "r");
    assert_non_null(f);
    assert_non_null(fgets(got, sizeof got, f));
    fclose(f);
    assert_string_equal(got, text);
}

static void test_replaced(void **state)
{
    (void)state;
    struct err err;
    write_it("one");
    write_it("two");
    assert_holds("two");
    assert_true(kept_file_check(in_folder("kept"), &err));
    assert_holds("two");
    assert_int_equal(access(in_folder("kept.new"), F_OK), -1);
}

static void test_cannot(void **state)
{
    (void)state;
    struct err err;
    static char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    assert_null(kept_file_open(longest, &err));
    assert_false(kept_file_check("/nowhere/kept", &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_string_equal(err.text, "cannot write /nowhere/kept: No such file or directory");
}

/* As root, /dev/null would become a file. */
static void test_no_ordinary_file(void **state)
{
    static const char *const paths[][2] = { { "/dev/null", "it is no ordinary file" },
                                            { "/tmp", "it is a directory" } };
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct err err;
        assert_null(kept_file_read(paths[k][0], &err));
        assert_int_equal(err.exit_code, EXIT_CONFIG);
        assert_non_null(strstr(err.text, paths[k][1]));
        assert_false(kept_file_check(paths[k][0], &err));
        assert_int_equal(err.exit_code, EXIT_OUTPUT);
        assert_non_null(strstr(err.text, paths[k][1]));
    }
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0); /* nobody waits for its writer */
    struct err err;
    assert_null(kept_file_read(in_folder("pipe"), &err));
    unlink(in_folder("pipe"));
}

static void test_read(void **state)
{
    static const bool whole[] = { true, false, false, true, true };
    (void)state;
    char line[4];
    struct err err;
    assert_null(kept_file_read(in_folder("not there yet"), &err));
    assert_int_equal(err.exit_code, EXIT_OK);
    write_it("ab\nabcdef\nab");
    FILE *f = kept_file_read(in_folder("kept"), &err);
    assert_non_null(f);
    for (size_t k = 0; k < sizeof whole / sizeof whole[0]; k++) {
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(kept_file_has_line(f, line), whole[k]);
    }
    fclose(f);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct err err;
    write_it("one");
    FILE *f = fopen("/dev/full", "w");
    assert_non_null(f);
    fputs("two", f);
    assert_false(kept_file_close(f, in_folder("kept"), &err));
    assert_non_null(strstr(err.text, "No space left on device"));
    assert_holds("one");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(in_folder("kept"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),         cmocka_unit_test(test_cannot),
        cmocka_unit_test(test_no_ordinary_file), cmocka_unit_test(test_read),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
